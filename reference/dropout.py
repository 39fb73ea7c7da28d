"""Dropout: in training elements are left out at random, in testing none is."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, upstream


class Dropout(Layer):
    """Leaves out each element by itself with the probability ``drop`` (Srivastava et al. 2014, "Dropout").

    ``inverted``: in training what is kept is divided by the share that is kept, and testing changes nothing;
    without it, training changes nothing of what is kept, and testing multiplies everything by that share.
    ``rng``: where the draws come from, NumPy's own generator without one. Raises ValueError for a
    probability outside of (0, 1).
    """

    def __init__(
        self, drop: float, inverted: bool = True, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        if not 0 < drop < 1:
            raise ValueError(f"drop must lie between 0 and 1, got {drop}")
        self.drop, self.inverted = drop, inverted
        self._rng: Any = np.random if rng is None else rng
        self._factors: Array | None = None

    def forward(self, x: ArrayLike, training: bool = True) -> Array:
        """Any shape; in training what is drawn anew in each call is left out."""
        data = as_float(x)
        factors = self.trained(data.shape) if training else self.tested(data.shape)
        self._factors = factors.astype(data.dtype)
        return np.asarray(data * self._factors)

    def backward(self, dy: ArrayLike) -> Array:
        """Multiplied by the very factors of the latest ``forward``."""
        if self._factors is None:
            raise no_forward(self)
        return self.back(upstream(dy, self._factors.shape, self._factors.dtype), self._factors)

    def trained(self, shape: tuple[int, ...]) -> Array:
        """The factors in training: 0, or what is kept is multiplied by."""
        return np.asarray(self.kept(shape) * self.train_scale())

    def tested(self, shape: tuple[int, ...]) -> Array:
        """The factors in testing."""
        return np.full(shape, self.test_scale())

    def back(self, dy: Array, factors: Array) -> Array:
        """The gradient of the input."""
        return np.asarray(dy * factors)

    def kept(self, shape: tuple[int, ...]) -> Array:
        """True for each element that is kept."""
        return np.asarray(self.draws(shape) >= self.drop)

    def draws(self, shape: tuple[int, ...]) -> Array:
        """Evenly from [0, 1)."""
        return np.asarray(self._rng.random(shape))

    def train_scale(self) -> float:
        """What is kept in training is multiplied by it."""
        if self.inverted:
            return 1 / (1 - self.drop)
        return 1.0

    def test_scale(self) -> float:
        """Everything is multiplied by it in testing."""
        if self.inverted:
            return 1.0
        return 1 - self.drop
