"""Max pooling and average pooling.

Both are done in two steps, along the rows and then along the columns, which takes FH + FW passes
and not FH * FW. For the maximum that is exact, the winner of ties included: the first row that
holds the maximum, and the first maximum in it, is the first maximum in row-major order.
"""

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, upstream
from .sizes import Pair, as_pair
from .windows import Axis, axis

# The planes of a batch go through both steps in pieces of this size, which stay in the cache.
PIECE_BYTES = 1 << 19


class Pool2D(Layer):
    """What the poolings have in common; use MaxPool2D or AveragePool2D."""

    def __init__(
        self,
        size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__()
        self.size = as_pair(size, "size", 1)
        self.stride = self.size if stride is None else as_pair(stride, "stride", 1)
        self.padding = as_pair(padding, "padding", 0)
        if self.padding[0] >= self.size[0] or self.padding[1] >= self.size[1]:
            # Otherwise a window could lie in the padding altogether, and would have no maximum.
            raise ValueError(f"padding {padding} must be smaller than the window {size}")
        self._x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """(N, C, H, W) -> (N, C, OH, OW); ValueError for another shape."""
        data = as_float(x)
        if data.ndim != 4:
            raise ValueError(f"x must have shape (N, C, H, W), got {data.shape}")
        self._rows, self._columns = (
            axis(*numbers)
            for numbers in zip(data.shape[2:], self.size, self.stride, self.padding, strict=True)
        )
        self._x = data
        y = np.empty((*data.shape[:2], self._rows.n_out, self._columns.n_out), data.dtype)
        self._out = y.shape
        planes, y_planes = _planes(data), _planes(y)
        for piece, half in self._pieces(planes):
            self._pool(planes[piece], half, y_planes[piece])
        return y

    def backward(self, dy: ArrayLike) -> Array:
        """(N, C, OH, OW) -> (N, C, H, W)."""
        if self._x is None:
            raise no_forward(self)
        g = upstream(dy, self._out, self._x.dtype)
        dx = np.empty(self._x.shape, g.dtype)
        planes, dy_planes, dx_planes = _planes(self._x), _planes(g), _planes(dx)
        for piece, dhalf in self._pieces(planes):
            self._unpool(planes[piece], dy_planes[piece], dhalf, dx_planes[piece])
        return dx

    def _pieces(self, planes: Array) -> Iterator[tuple[slice, Array]]:
        """Slices of the planes, and a buffer (planes, H, OW) for what is between the two steps."""
        n, h, w = planes.shape
        step = max(1, min(n, PIECE_BYTES // max(h * w * planes.itemsize, 1)))
        half = np.empty((step, h, self._columns.n_out), planes.dtype)
        for start in range(0, n, step):
            yield slice(start, start + step), half[: n - start]

    @abstractmethod
    def _pool(self, x: Array, half: Array, y: Array) -> None:
        """Pool planes (M, H, W) into ``half`` (M, H, OW), and that into ``y`` (M, OH, OW)."""

    @abstractmethod
    def _unpool(self, x: Array, dy: Array, dhalf: Array, dx: Array) -> None:
        """The gradients of the two steps, of which the last is ``dx`` (M, H, W)."""


class MaxPool2D(Pool2D):
    """The largest value of each window.

    ``size``, ``stride`` (which is ``size`` unless given) and ``padding`` are one number or
    (vertical, horizontal); padded positions never win. Inputs are (N, C, H, W) and give
    (N, C, OH, OW), with the sizes of ``sizes.conv2d_output_size``; rows and columns at the end
    that fill no whole window are not used. The gradient goes to the first maximum of each window
    in row-major order. float32 gives float32, anything else float64. Raises ValueError for shapes
    that do not fit and for a padding as large as the window.
    """

    def _pool(self, x: Array, half: Array, y: Array) -> None:
        _reduce(np.maximum, -np.inf, x, self._columns, half)
        _reduce(np.maximum, -np.inf, _turned(half), self._rows, _turned(y))

    def _unpool(self, x: Array, dy: Array, dhalf: Array, dx: Array) -> None:
        half, y = np.empty_like(dhalf), np.empty_like(dy)
        self._pool(x, half, y)
        _to_first(_turned(half), _turned(y), _turned(dy.copy()), self._rows, _turned(dhalf))
        _to_first(x, half, dhalf, self._columns, dx)


class AveragePool2D(Pool2D):
    """The mean of each window, in which the zeros of the padding count.

    Sizes, shapes, dtypes and errors are those of ``MaxPool2D``.
    """

    def _pool(self, x: Array, half: Array, y: Array) -> None:
        _reduce(np.add, 0, x, self._columns, half)
        _reduce(np.add, 0, _turned(half), self._rows, _turned(y))
        y /= self.size[0] * self.size[1]

    def _unpool(self, x: Array, dy: Array, dhalf: Array, dx: Array) -> None:
        share = dy / (self.size[0] * self.size[1])
        _to_all(_turned(share), self._rows, _turned(dhalf))
        _to_all(dhalf, self._columns, dx)


def _planes(x: Array) -> Array:
    """(N, C, H, W) as (N * C, H, W)."""
    n, c, h, w = x.shape
    return x.reshape(n * c, h, w)


def _turned(planes: Array) -> Array:
    """A view with rows for columns, since the steps below go along the last axis."""
    return planes.swapaxes(-1, -2)


def _reduce(combine: np.ufunc, start: float, x: Array, along: Axis, y: Array) -> None:
    """Combine what the taps see in ``x`` (..., n_in) into ``y`` (..., n_out)."""
    taps = along.taps
    if along.whole and len(taps) > 1:
        combine(x[..., taps[0][1]], x[..., taps[1][1]], out=y)
        taps = taps[2:]
    else:
        y[...] = start
    for outputs, inputs in taps:
        part = y[..., outputs]
        combine(part, x[..., inputs], out=part)


def _to_first(x: Array, y: Array, rest: Array, along: Axis, dx: Array) -> None:
    """Set ``dx`` to the gradient ``rest`` of the maxima ``y`` of ``x``; ``rest`` is used up."""
    if not along.covered:
        dx[...] = 0
    for tap, (outputs, inputs) in enumerate(along.taps, 1):
        part = rest[..., outputs]
        if tap < len(along.taps) or not along.whole:
            won = (x[..., inputs] == y[..., outputs]).astype(part.dtype)
            won *= part
            # What one has won is no longer there to be won by the next.
            part -= won
            part = won
        if along.disjoint:
            dx[..., inputs] = part
        else:
            dx[..., inputs] += part


def _to_all(dy: Array, along: Axis, dx: Array) -> None:
    """Set ``dx`` to the gradient ``dy`` of the sums over the windows of ``x``."""
    if not along.covered:
        dx[...] = 0
    for outputs, inputs in along.taps:
        if along.disjoint:
            dx[..., inputs] = dy[..., outputs]
        else:
            dx[..., inputs] += dy[..., outputs]
