"""Rows of a matrix by their numbers: what stands for a word."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, no_forward, own, upstream


class Embedding(Layer):
    """y[..., :] = W[x[...]], for whole numbers ``x`` of any shape; ``W`` (V, D) is copied.

    Raises ValueError for a matrix of other axes, for numbers that are not whole, and for those outside of [0, V).
    """

    def __init__(self, W: ArrayLike) -> None:
        super().__init__()
        self.params["W"] = own(W)
        if self.params["W"].ndim != 2:
            raise ValueError(f"W must have shape (V, D), got {self.params['W'].shape}")
        self._rows: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """x's shape and one axis more, of length D."""
        rows, W = np.asarray(x), self.params["W"]
        if rows.dtype.kind not in "iu" or np.any(rows < 0) or np.any(rows >= len(W)):
            raise ValueError(f"x must have whole numbers from 0 to {len(W) - 1}")
        self._rows = rows
        return np.asarray(W[self.read(rows)])

    def read(self, rows: Array) -> Array:
        """The rows that are read."""
        return rows

    def backward(self, dy: ArrayLike) -> Array:
        """Zeros, since a number of a row has no gradient; sets grads W, to which each occurrence of a row adds."""
        rows, W = self._rows, self.params["W"]
        if rows is None:
            raise no_forward(self)
        g = upstream(dy, (*rows.shape, W.shape[1]), W.dtype)
        self.grads = {"W": self.added_up(rows, g)}
        return np.zeros(rows.shape)

    def added_up(self, rows: Array, g: Array) -> Array:
        """The gradient of each row of W."""
        dW = np.zeros_like(self.params["W"])
        np.add.at(dW, rows, g)
        return dW
