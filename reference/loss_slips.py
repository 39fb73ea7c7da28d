"""Losses as students get them wrong; specs name them."""

import numpy as np

from .layer import Array
from .losses import (
    BinaryCrossEntropy,
    CrossEntropy,
    CrossEntropyOfScores,
    Hinge,
    Loss,
    MeanSquaredError,
)


class _Opposite(Loss):
    """The derivative has the other sign."""

    def backward(self) -> Array:
        return -super().backward()


class _Unscaled(Loss):
    """The derivative is that of the sum, whatever the loss is."""

    def backward(self) -> Array:
        return self.slope(self._x, self._t)


class _Twice(Loss):
    """The derivative is divided by the number of samples once more."""

    def backward(self) -> Array:
        return super().backward() / len(self._x)


class SquaresOpposite(_Opposite, MeanSquaredError):
    """t - x."""


class SquaresUnscaled(_Unscaled, MeanSquaredError):
    """The sum's derivative."""


class SquaresTwice(_Twice, MeanSquaredError):
    """Divided twice."""


class SquaresOverSamples(MeanSquaredError):
    """The derivative is divided by the number of samples alone."""

    def backward(self) -> Array:
        return self.slope(self._x, self._t) / len(self._x)


class SquaresHalfSlope(MeanSquaredError):
    """The factor 2 of the derivative is missing."""

    def slope(self, x: Array, t: Array) -> Array:
        return x - t


class SquaresRooted(MeanSquaredError):
    """The root of the mean is taken, and the derivative is that without it."""

    def forward(self, x: Array, t: Array) -> Array:  # type: ignore[override]
        return np.asarray(np.sqrt(super().forward(x, t)))


class SquaresAbsolute(MeanSquaredError):
    """Absolute differences in the place of squares."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray(np.abs(x - t))


class SquaresOfSum(MeanSquaredError):
    """The differences are added up before they are squared."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray((x - t).sum(1) ** 2)


class EntropyOpposite(_Opposite, CrossEntropy):
    """t / x."""


class EntropyUnscaled(_Unscaled, CrossEntropy):
    """The sum's derivative."""


class EntropyTwice(_Twice, CrossEntropy):
    """Divided twice."""


class EntropyPositive(CrossEntropy):
    """The minus before the logarithm is missing."""

    def losses(self, x: Array, t: Array) -> Array:
        return -super().losses(x, t)


class EntropyTwoBase(CrossEntropy):
    """The logarithm to base 2."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray(super().losses(x, t) / np.log(2))


class EntropyOverElements(CrossEntropy):
    """Divided by the number of all elements in the place of samples (np.mean of the whole array)."""

    def forward(self, x: Array, t: Array) -> Array:  # type: ignore[override]
        return np.asarray(super().forward(x, t) / np.shape(x)[1])


class EntropyOfProbability(CrossEntropy):
    """The logarithm is missing."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray(-(t * x).sum(1))


class ScoresLabelsLeftOut(CrossEntropyOfScores):
    """The labels are not subtracted."""

    def slope(self, x: Array, t: Array) -> Array:
        return super().slope(x, t) + t


class BinaryOpposite(_Opposite, BinaryCrossEntropy):
    """The other sign."""


class BinaryUnscaled(_Unscaled, BinaryCrossEntropy):
    """The sum's derivative."""


class BinaryTwice(_Twice, BinaryCrossEntropy):
    """Divided twice."""


class BinaryPositive(BinaryCrossEntropy):
    """The minus before the whole is missing."""

    def losses(self, x: Array, t: Array) -> Array:
        return -super().losses(x, t)


class BinaryOneSided(BinaryCrossEntropy):
    """Only what is of class 1 counts in the loss."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray(-t * np.log(x))


class BinaryOneSidedSlope(BinaryCrossEntropy):
    """Only what is of class 1 counts in the derivative."""

    def slope(self, x: Array, t: Array) -> Array:
        return -t / x


class BinarySwapped(BinaryCrossEntropy):
    """The two classes have changed places in the loss."""

    def losses(self, x: Array, t: Array) -> Array:
        return super().losses(x, 1 - t)


class HingeOpposite(_Opposite, Hinge):
    """The other sign."""


class HingeUnscaled(_Unscaled, Hinge):
    """The sum's derivative."""


class HingeTrueClassLeft(Hinge):
    """The derivative at the true class is missing."""

    def slope(self, x: Array, t: Array) -> Array:
        return np.asarray(np.where(self.margins(x, t) > 0, 1.0, 0.0))


class HingeTrueClassOnce(Hinge):
    """The derivative at the true class is -1, however many classes are within the margin."""

    def slope(self, x: Array, t: Array) -> Array:
        within = np.where(self.margins(x, t) > 0, 1.0, 0.0)
        return np.asarray(within - t * within.max(1, keepdims=True))


class HingeTrueClassCounted(Hinge):
    """The true class counts as one of the others: 1 too much for each sample."""

    def losses(self, x: Array, t: Array) -> Array:
        return super().losses(x, t) + 1


class HingeNoMargin(Hinge):
    """The margin of 1 is missing."""

    def margins(self, x: Array, t: Array) -> Array:
        true = (x * t).sum(1, keepdims=True)
        return np.asarray(np.maximum(0, x - true) * (1 - t))


class HingeLargest(Hinge):
    """Only the class that comes nearest counts in the loss."""

    def losses(self, x: Array, t: Array) -> Array:
        return np.asarray(self.margins(x, t).max(1))
