"""Dropout as students get it wrong; specs name the slips."""

import numpy as np

from .dropout import Dropout
from .layer import Array


class KeepsDropped(Dropout):
    """Keeps what should be left out, and the other way round."""

    def kept(self, shape: tuple[int, ...]) -> Array:
        return ~super().kept(shape)


class NormalDraws(Dropout):
    """Draws from a normal distribution in the place of an even one."""

    def draws(self, shape: tuple[int, ...]) -> Array:
        return np.asarray(1 - self._rng.standard_normal(shape))


class OneForAll(Dropout):
    """One mask for all samples."""

    def draws(self, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(super().draws(shape[1:]), shape)


class WholeSamples(Dropout):
    """Leaves out whole samples."""

    def draws(self, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(super().draws((shape[0], 1)), shape)


class ByDropped(Dropout):
    """Divides what is kept by the share that is left out."""

    def train_scale(self) -> float:
        return 1 / self.drop


class Shrunk(Dropout):
    """Multiplies what is kept by the share that is kept."""

    def train_scale(self) -> float:
        return 1 - self.drop


class DrawnOnce(Dropout):
    """Draws its mask once and keeps it."""

    def trained(self, shape: tuple[int, ...]) -> Array:
        if self._factors is None or self._factors.shape != shape:
            return super().trained(shape)
        return self._factors


class NeverScaled(Dropout):
    """Scales neither in training nor in testing."""

    def train_scale(self) -> float:
        return 1.0

    def test_scale(self) -> float:
        return 1.0


class ScaledTwice(Dropout):
    """Scales in training and in testing."""

    def train_scale(self) -> float:
        return 1 / (1 - self.drop)

    def test_scale(self) -> float:
        return 1 - self.drop


class TestedByDropped(Dropout):
    """Multiplies by the share that is left out in testing."""

    def train_scale(self) -> float:
        return 1.0

    def test_scale(self) -> float:
        return self.drop


class TestedAsTrained(Dropout):
    """Leaves out in testing as well."""

    def tested(self, shape: tuple[int, ...]) -> Array:
        return self.trained(shape)


class BackUnmasked(Dropout):
    """Passes the gradient on as it is."""

    def back(self, dy: Array, factors: Array) -> Array:
        return dy


class BackUnscaled(Dropout):
    """Goes back through the mask, and leaves out the scale."""

    def back(self, dy: Array, factors: Array) -> Array:
        return np.asarray(dy * (factors != 0))


class BackRedrawn(Dropout):
    """Goes back through another mask."""

    def back(self, dy: Array, factors: Array) -> Array:
        return np.asarray(dy * self.trained(dy.shape))


class BackScaledAlone(Dropout):
    """Goes back through the scale alone."""

    def back(self, dy: Array, factors: Array) -> Array:
        return np.asarray(dy * self.train_scale())
