"""Losses: what a prediction costs, and the derivative of that in the prediction."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, as_float
from .softmax import softmax

REDUCTIONS = ("mean", "batch", "sum", "each", "rows")


class Loss(ABC):
    """A loss of predictions ``x`` (N, D), given targets ``t`` of the same shape.

    ``reduction`` says what becomes of the single losses, of which there is one a sample or one an
    element: their ``mean``, their sum divided by the number of samples (``batch``), their ``sum``, all of them
    as they are (``each``), or the mean of each sample's (``rows``). ``backward`` gives the derivative of
    what ``forward`` gave, and of the sum of that where it is more than one number. Raises ValueError for
    another word.
    """

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction must be one of {REDUCTIONS}, got {reduction!r}")
        self.reduction = reduction

    @abstractmethod
    def losses(self, x: Array, t: Array) -> Array:
        """The single losses, (N,) or (N, D)."""

    @abstractmethod
    def slope(self, x: Array, t: Array) -> Array:
        """The derivative of the sum of all single losses in ``x``, (N, D)."""

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """The loss, as ``reduction`` says: one number (an array without axes), (N,) or (N, D)."""
        self._x, self._t = as_float(x), as_float(t)
        self._losses = losses = self.losses(self._x, self._t)
        if self.reduction == "each":
            return losses
        if self.reduction == "rows":
            return np.asarray(losses.reshape(len(losses), -1).mean(1))
        return np.asarray(losses.sum() * self._share())

    def backward(self) -> Array:
        """The derivative in the predictions of the latest ``forward``, (N, D)."""
        return self.slope(self._x, self._t) * self._share()

    def _share(self) -> float:
        """How much of each single loss is in the whole."""
        if self.reduction == "mean":
            return 1 / self._losses.size
        if self.reduction == "batch":
            return 1 / len(self._losses)
        if self.reduction == "rows":
            return len(self._losses) / self._losses.size
        return 1.0


class Guarded(Loss):
    """A loss with a logarithm; ``guard`` is added inside it to keep it from zero."""

    def __init__(self, reduction: str = "mean", guard: float = 0.0) -> None:
        super().__init__(reduction)
        self.guard = guard

    def above(self, p: Array) -> Array:
        """A probability, with the guard added."""
        return p + self.guard


class MeanSquaredError(Loss):
    """(x - t)^2 of each element (Goodfellow, Bengio & Courville, "Deep Learning", section 5.1.4)."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N, D)."""
        return (x - t) ** 2

    def slope(self, x: Array, t: Array) -> Array:
        """2 (x - t)."""
        return 2 * (x - t)


class HalfSquaredError(MeanSquaredError):
    """(x - t)^2 / 2 of each element, whose derivative is x - t."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N, D)."""
        return super().losses(x, t) / 2

    def slope(self, x: Array, t: Array) -> Array:
        """x - t."""
        return super().slope(x, t) / 2


class CrossEntropy(Guarded):
    """-sum over classes of t log(x) of each sample, of probabilities (the book above, section 3.13)."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N,)."""
        return np.asarray(-(t * np.log(self.above(x))).sum(1))

    def slope(self, x: Array, t: Array) -> Array:
        """-t / x."""
        return -t / self.above(x)


class CrossEntropyThroughSoftmax(CrossEntropy):
    """The same value; the derivative is that in the scores that softmax made the probabilities of, x - t.

    By the chain rule through softmax, for targets that sum to one (section 6.2.2.3).
    """

    def slope(self, x: Array, t: Array) -> Array:
        """x - t."""
        return x - t


class CrossEntropyOfScores(CrossEntropy):
    """-sum over classes of t log(softmax(x)) of each sample, of scores (section 6.2.2.3)."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N,)."""
        return super().losses(softmax(x), t)

    def slope(self, x: Array, t: Array) -> Array:
        """softmax(x) - t."""
        return softmax(x) - t


class BinaryCrossEntropy(Guarded):
    """-(t log(x) + (1 - t) log(1 - x)) of each element, of probabilities (section 6.2.2.2)."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N, D)."""
        ones, zeros = t * np.log(self.above(x)), (1 - t) * np.log(self.above(1 - x))
        return np.asarray(-(ones + zeros))

    def slope(self, x: Array, t: Array) -> Array:
        """(1 - t) / (1 - x) - t / x."""
        return (1 - t) / self.above(1 - x) - t / self.above(x)


class BinaryCrossEntropyThroughSigmoid(BinaryCrossEntropy):
    """The same value; the derivative is that in the scores that a sigmoid made the probabilities of."""

    def slope(self, x: Array, t: Array) -> Array:
        """x - t."""
        return x - t


class BinaryCrossEntropyOfScores(BinaryCrossEntropy):
    """The binary cross-entropy of sigmoid(x), of scores."""

    def losses(self, x: Array, t: Array) -> Array:
        """(N, D)."""
        return super().losses(1 / (1 + np.exp(-x)), t)

    def slope(self, x: Array, t: Array) -> Array:
        """sigmoid(x) - t."""
        return np.asarray(1 / (1 + np.exp(-x)) - t)


class Hinge(Loss):
    """sum over the other classes of max(0, 1 + their score - the true class's) of each sample.

    Weston & Watkins, "Support Vector Machines for Multi-Class Pattern Recognition" (1999), as CS231n
    teaches it; the margin is 1.
    """

    def losses(self, x: Array, t: Array) -> Array:
        """(N,)."""
        return np.asarray(self.margins(x, t).sum(1))

    def slope(self, x: Array, t: Array) -> Array:
        """1 for each class within the margin, and minus their number for the true one."""
        within = np.where(self.margins(x, t) > 0, 1.0, 0.0)
        return np.asarray(within - t * within.sum(1, keepdims=True))

    def margins(self, x: Array, t: Array) -> Array:
        """By how much each other class comes too near, (N, D)."""
        true = (x * t).sum(1, keepdims=True)
        return np.asarray(np.maximum(0, 1 + x - true) * (1 - t))
