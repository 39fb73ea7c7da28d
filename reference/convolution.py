"""The room that Conv1d and Conv2d share.

A convolution is a matrix product of the filters with the windows of the input, laid out as
columns; see Chellapilla, Puri & Simard, "High performance convolutional neural networks for
document processing" (2006). Nothing is flipped: as in the sprints (and in every deep-learning
library) this is the cross-correlation.

The columns of a whole batch are many times as large as the batch, so it goes in pieces through
buffers that stay in the cache. They are filled again for ``backward``, which is cheaper than to
keep all of them, and stay allocated from call to call, because fresh memory costs more than the
arithmetic on it.
"""

from abc import ABC, abstractmethod
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, bias_for, no_forward, own, upstream


class Workspace(ABC):
    """The buffers for a piece of n samples, and what is done in them."""

    @abstractmethod
    def forward(self, x: Array, W: Array, b: Array | None, y: Array) -> None:
        """Write the output for ``x`` into ``y``."""

    @abstractmethod
    def backward(self, x: Array, W: Array, dy: Array, dW: Array, dx: Array | None) -> None:
        """Add the piece's share to ``dW``; write the gradient in x into ``dx`` if there is one."""


class Convolution(Layer):
    """What the convolutions have in common; use Conv1d or Conv2d."""

    _axes: str
    """The names of the axes that the filter slides along."""

    def __init__(self, W: ArrayLike, b: ArrayLike | None) -> None:
        super().__init__()
        weight = own(W)
        if weight.ndim != 2 + len(self._axes) or not weight.size:
            names = ", ".join(["C_out", "C_in", *(f"F_{a}" for a in self._axes)])
            raise ValueError(f"W must have shape ({names}) and no empty axis, got {weight.shape}")
        self.params["W"] = weight
        bias = bias_for(b, weight.shape[0])
        if bias is not None:
            self.params["b"] = bias
        self._x: Array | None = None
        self._prepared: object = None
        self._spaces: dict[int, Workspace] = {}

    def forward(self, x: ArrayLike) -> Array:
        """(N, C_in, ...) -> (N, C_out, ...); ValueError for another shape."""
        data = as_float(x)
        W, b = self.params["W"], self.params.get("b")
        if data.ndim != W.ndim or data.shape[1] != W.shape[1]:
            names = ", ".join(["N", str(W.shape[1]), *self._axes])
            raise ValueError(f"x must have shape ({names}), got {data.shape}")
        dtype = np.result_type(data, *self.params.values())
        if (data.shape, dtype) != self._prepared:
            out, piece = self._prepare(data.shape, dtype)
            n = len(data)
            # Pieces as equal as can be, so that few sizes of buffers are needed.
            self._piece = -(-n // max(1, round(n / piece))) or 1
            self._out, self._dtype = (n, len(W), *out), dtype
            self._spaces.clear()
            self._prepared = data.shape, dtype
        self._x = data
        y = np.empty(self._out, dtype)
        for start in range(0, len(data), self._piece):
            part = y[start : start + self._piece]
            self._space(len(part)).forward(data[start : start + self._piece], W, b, part)
        return y

    def backward(self, dy: ArrayLike) -> Array:
        """The gradient in x, of x's shape; sets grads W and b, sums over the batch."""
        x, g = self._latest(dy)
        dx = np.empty(x.shape, self._dtype)
        self._gradients(x, g, dx)
        return dx

    def backward_params(self, dy: ArrayLike) -> None:
        """Set grads W and b without the gradient in x."""
        self._gradients(*self._latest(dy), None)

    def _latest(self, dy: ArrayLike) -> tuple[Array, Array]:
        if self._x is None:
            raise no_forward(self)
        return self._x, upstream(dy, self._out, self._dtype)

    def _gradients(self, x: Array, dy: Array, dx: Array | None) -> None:
        W, size = self.params["W"], prod(dy.shape[2:])
        dW, db = np.zeros(W.shape, self._dtype), np.zeros(len(W), self._dtype)
        ones = np.ones(size, self._dtype)
        for start in range(0, len(x), self._piece):
            s = slice(start, start + self._piece)
            g = dy[s]
            self._space(len(g)).backward(x[s], W, g, dW, None if dx is None else dx[s])
            # A product with ones takes half as long as a sum over two axes.
            db += (g.reshape(len(g), len(W), size) @ ones).sum(0)
        self.grads = {"W": dW}
        if "b" in self.params:
            self.grads["b"] = db

    def _space(self, n: int) -> Workspace:
        if n not in self._spaces:
            self._spaces[n] = self._workspace(n)
        return self._spaces[n]

    @abstractmethod
    def _prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[tuple[int, ...], int]:
        """Get ready for inputs of a shape: the output's sizes, and how many samples a piece has."""

    @abstractmethod
    def _workspace(self, n: int) -> Workspace:
        """Buffers for n samples of the shape that was prepared for."""
