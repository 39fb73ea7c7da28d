"""Widest margins with one mistake each."""

import numpy as np

from .layer import Array
from .margins import WidestMargin


class NotClipped(WidestMargin):
    """Multipliers may become negative."""

    def step(self, multipliers: Array, products: Array) -> Array:
        return np.asarray(multipliers + self.rate * (1 - products @ multipliers))


class Downwards(WidestMargin):
    """The slopes are subtracted."""

    def step(self, multipliers: Array, products: Array) -> Array:
        return np.asarray(np.maximum(0, multipliers - self.rate * (1 - products @ multipliers)))


class OneSlope(WidestMargin):
    """Every multiplier is moved by the same number."""

    def step(self, multipliers: Array, products: Array) -> Array:
        slope = 1 - float((products @ multipliers).sum())
        return np.maximum(0, multipliers + self.rate * slope)


class OneLeft(WidestMargin):
    """The 1 of the slopes is left out."""

    def step(self, multipliers: Array, products: Array) -> Array:
        return np.maximum(0, multipliers - self.rate * (products @ multipliers))


class ClassesLeft(WidestMargin):
    """The slopes do not depend on the classes."""

    def products(self, x: Array, y: Array) -> Array:
        return self.kernel(x, x)


class OneClass(WidestMargin):
    """The slopes have the class of one of two rows alone."""

    def products(self, x: Array, y: Array) -> Array:
        return np.asarray(self.kernel(x, x) * y[:, None])


class Alone(WidestMargin):
    """Each slope looks at its own row alone."""

    def products(self, x: Array, y: Array) -> Array:
        return np.diag(np.diag(super().products(x, y)))


class Unweighted(WidestMargin):
    """The support vectors are added up without their multipliers, or with the sum of all."""

    def scores(self, x: Array) -> Array:
        return np.asarray(self.kernel(x, self.rows) @ self.classes * self.multipliers.sum())


class ClassesForgotten(WidestMargin):
    """The support vectors are added up without their classes."""

    def scores(self, x: Array) -> Array:
        return np.asarray(self.kernel(x, self.rows) @ self.multipliers)


class OtherRows(WidestMargin):
    """The rows whose multiplier is not above the threshold are kept."""

    def keep(self, x: Array, y: Array, multipliers: Array) -> None:
        super().keep(x, y, multipliers)
        self.support = np.flatnonzero(multipliers <= self.threshold)
        self.rows, self.classes = x[self.support], y[self.support]
        self.multipliers = multipliers[self.support]


class FirstRows(WidestMargin):
    """The first rows are kept in the place of the support vectors."""

    def keep(self, x: Array, y: Array, multipliers: Array) -> None:
        super().keep(x, y, multipliers)
        many = len(self.support)
        self.rows, self.classes = x[:many], y[:many]
        self.support = np.arange(many)


class OtherSide(WidestMargin):
    """The class of the other side is told."""

    def predict(self, x: Array) -> Array:
        return -super().predict(x)


class ScoresTold(WidestMargin):
    """The scores are told in the place of classes."""

    def predict(self, x: Array) -> Array:
        return self.scores(x)
