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
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, bias_for, no_forward, own, upstream
from .threads import available, share

# A thread gets at least so many multiplications.
SHARE_LEAST = 15_000_000


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
        self._spaces: dict[tuple[int, int], Workspace] = {}

    def forward(self, x: ArrayLike) -> Array:
        """(N, C_in, ...) -> (N, C_out, ...); ValueError for another shape."""
        data = as_float(x)
        W, b = self.params["W"], self.params.get("b")
        if data.ndim != W.ndim or data.shape[1] != W.shape[1]:
            names = ", ".join(["N", str(W.shape[1]), *self._axes])
            raise ValueError(f"x must have shape ({names}), got {data.shape}")
        dtype = np.result_type(data, *self.params.values())
        if (data.shape, dtype) != self._prepared:
            out, self._fitting = self._prepare(data.shape, dtype)
            self._out, self._dtype = (len(data), len(W), *out), dtype
            self._spaces.clear()
            self._prepared = data.shape, dtype
        self._divide()
        self._x = data
        y = np.empty(self._out, dtype)

        def piece(i: int, s: slice) -> None:
            part = y[s]
            self._space(i, len(part)).forward(data[s], W, b, part)

        self._each_piece(piece)
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
        # One sum for each thread.
        dW = np.zeros((self._shares, *W.shape), self._dtype)
        db = np.zeros((self._shares, len(W)), self._dtype)
        ones = np.ones(size, self._dtype)

        def piece(i: int, s: slice) -> None:
            g = dy[s]
            self._space(i, len(g)).backward(x[s], W, g, dW[i], None if dx is None else dx[s])
            # A product with ones takes half as long as a sum over two axes.
            db[i] += (g.reshape(len(g), len(W), size) @ ones).sum(0)

        self._each_piece(piece)
        self.grads = {"W": _total(dW)}
        if "b" in self.params:
            self.grads["b"] = _total(db)

    def _divide(self) -> None:
        """Choose how many threads share the work, and how many samples a piece has."""
        n, work = self._out[0], self.params["W"].size * prod(self._out[2:])
        most = min(n, n * work // SHARE_LEAST)
        self._shares = min(most, available()) if most > 1 else 1
        # Pieces as equal as can be, so that few sizes of buffers are needed.
        self._piece = -(-n // max(1, round(n / self._fitting / self._shares)) // self._shares) or 1

    def _each_piece(self, work: Callable[[int, slice], object]) -> None:
        """Call ``work`` with the number of the share, and the samples, of each piece."""
        starts = range(0, self._out[0], self._piece)

        def part(i: int) -> None:
            for start in starts[i :: self._shares]:
                work(i, slice(start, start + self._piece))

        share(part, self._shares)

    def _space(self, i: int, n: int) -> Workspace:
        """Buffers for n samples, of share i alone."""
        if (i, n) not in self._spaces:
            self._spaces[i, n] = self._workspace(n)
        return self._spaces[i, n]

    @abstractmethod
    def _prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[tuple[int, ...], int]:
        """Get ready for inputs of a shape: the output's sizes, and how many samples a piece has."""

    @abstractmethod
    def _workspace(self, n: int) -> Workspace:
        """Buffers for n samples of the shape that was prepared for."""


def _total(shares: Array) -> Array:
    """The sum over the shares of one gradient."""
    return shares[0] if len(shares) == 1 else np.asarray(shares.sum(0))
