"""Max pooling and average pooling."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, no_forward, upstream
from .sizes import Pair, as_pair
from .windows import Axis, axis, taps2d

# The planes of a batch are pooled in pieces of this size, which stay in the cache.
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
        self._shape: tuple[int, ...] | None = None

    def forward(self, x: ArrayLike) -> Array:
        """(N, C, H, W) -> (N, C, OH, OW); ValueError for another shape."""
        data = as_float(x)
        if data.ndim != 4:
            raise ValueError(f"x must have shape (N, C, H, W), got {data.shape}")
        self._rows, self._columns = (
            axis(*numbers)
            for numbers in zip(data.shape[2:], self.size, self.stride, self.padding, strict=True)
        )
        self._shape, self._dtype = data.shape, data.dtype
        y = np.empty((*data.shape[:2], self._rows.n_out, self._columns.n_out), data.dtype)
        self._out = y.shape
        planes, y_planes = _planes(data), _planes(y)
        self._prepare(y_planes.shape)
        for piece in self._pieces(planes):
            self._pool(planes[piece], y_planes[piece], piece)
        return y

    def backward(self, dy: ArrayLike) -> Array:
        """(N, C, OH, OW) -> (N, C, H, W)."""
        if self._shape is None:
            raise no_forward(self)
        g = upstream(dy, self._out, self._dtype)
        dx = np.empty(self._shape, self._dtype)
        dy_planes, dx_planes = _planes(g), _planes(dx)
        for piece in self._pieces(dx_planes):
            self._unpool(dy_planes[piece], dx_planes[piece], piece)
        return dx

    def _pieces(self, planes: Array) -> Iterator[slice]:
        n, h, w = planes.shape
        step = max(1, min(n, PIECE_BYTES // max(h * w * planes.itemsize, 1)))
        return (slice(start, start + step) for start in range(0, n, step))

    def _prepare(self, shape: tuple[int, ...]) -> None:
        """Get ready to pool into planes of ``shape`` (N * C, OH, OW)."""

    @abstractmethod
    def _pool(self, x: Array, y: Array, piece: slice) -> None:
        """Pool the planes of a piece, ``x`` (M, H, W), into ``y`` (M, OH, OW)."""

    @abstractmethod
    def _unpool(self, dy: Array, dx: Array, piece: slice) -> None:
        """Write the gradient of a piece into ``dx`` (M, H, W), for ``dy`` (M, OH, OW)."""


class MaxPool2D(Pool2D):
    """The largest value of each window.

    ``size``, ``stride`` (which is ``size`` unless given) and ``padding`` are one number or
    (vertical, horizontal); padded positions never win. Inputs are (N, C, H, W) and give
    (N, C, OH, OW), with the sizes of ``sizes.conv2d_output_size``; rows and columns at the end
    that fill no whole window are not used. The gradient goes to the first maximum of each window
    in row-major order. float32 gives float32, anything else float64. Raises ValueError for shapes
    that do not fit and for a padding as large as the window.
    """

    def _prepare(self, shape: tuple[int, ...]) -> None:
        # Which tap has won, counted from the last one, in as few bytes as will hold the number.
        self._winners = np.empty(shape, np.min_scalar_type(self.size[0] * self.size[1] - 1))

    def _pool(self, x: Array, y: Array, piece: slice) -> None:
        winners = self._winners[piece]
        seen, wins = np.empty_like(y), np.empty_like(winners)
        # From the last to the first, so that of equal values the first one has the last word.
        taps = enumerate(reversed(taps2d(self._rows, self._columns)))
        winners[...] = 0
        if self._rows.whole and self._columns.whole:
            # The one that begins has nothing to be compared with: 2x2 forward and backward take 8 %
            # less.
            _, (_, _, _, inputs) = next(taps)
            y[...] = x[:, *inputs]
        else:
            y[...] = -np.inf
        for tap, (_, _, outputs, inputs) in taps:
            at = slice(None), *outputs
            # Copied first: three operations on what lies together are faster than one on what
            # does not.
            value, won, best, winner = seen[at], wins[at], y[at], winners[at]
            value[...] = x[:, *inputs]
            # The numbers grow, so the greater one is the later one.
            won[...] = value >= best
            won *= winners.dtype.type(tap)
            np.maximum(winner, won, out=winner)
            np.maximum(best, value, out=best)

    def _unpool(self, dy: Array, dx: Array, piece: slice) -> None:
        winners, taps = self._winners[piece], taps2d(self._rows, self._columns)[::-1]
        dx[...] = 0
        if all(a.disjoint and a.whole for a in (self._rows, self._columns)):
            # No input is in two windows, so nothing needs to be added: to write each value to its
            # place takes a third less than the steps below.
            shifts = np.array([i * dx.shape[2] + j for i, j, _, _ in taps])
            places = np.take(shifts, winners, mode="clip")
            places += _corners(dx.shape, dy.shape, self.stride)
            dx.ravel()[places.ravel()] = dy.ravel()
            return
        share = np.empty_like(dy)
        for tap, (_, _, outputs, inputs) in enumerate(taps):
            at = slice(None), *outputs
            part = share[at]
            # Converted first: NumPy is slow at products of floats with booleans.
            part[...] = winners[at] == tap
            part *= dy[at]
            dx[:, *inputs] += part


class AveragePool2D(Pool2D):
    """The mean of each window, in which the zeros of the padding count.

    Sizes, shapes, dtypes and errors are those of ``MaxPool2D``. Done in two steps, along the rows
    and then along the columns, which takes FH + FW passes and not FH * FW.
    """

    def _pool(self, x: Array, y: Array, piece: slice) -> None:
        half = np.empty((*x.shape[:2], y.shape[2]), x.dtype)
        _sum(x, self._columns, half)
        _sum(_turned(half), self._rows, _turned(y))
        y /= self.size[0] * self.size[1]

    def _unpool(self, dy: Array, dx: Array, piece: slice) -> None:
        dhalf = np.empty((*dx.shape[:2], dy.shape[2]), dx.dtype)
        share = dy / (self.size[0] * self.size[1])
        _to_all(_turned(share), self._rows, _turned(dhalf))
        _to_all(dhalf, self._columns, dx)


def _planes(x: Array) -> Array:
    """(N, C, H, W) as (N * C, H, W)."""
    n, c, h, w = x.shape
    return x.reshape(n * c, h, w)


@lru_cache(maxsize=8)
def _corners(inputs: tuple[int, ...], outputs: tuple[int, ...], stride: Pair) -> Array:
    """Where in planes (M, H, W), read as one row, each window (M, OH, OW) begins; no padding."""
    m, i, j = np.indices(outputs, sparse=True)
    return np.asarray((m * inputs[1] + i * stride[0]) * inputs[2] + j * stride[1])


def _turned(planes: Array) -> Array:
    """A view with rows for columns, since the steps below go along the last axis."""
    return planes.swapaxes(-1, -2)


def _sum(x: Array, along: Axis, y: Array) -> None:
    """Write the sums of what the taps see in ``x`` (..., n_in) to ``y`` (..., n_out)."""
    taps = along.taps
    if along.whole and len(taps) > 1:
        np.add(x[..., taps[0][1]], x[..., taps[1][1]], out=y)
        taps = taps[2:]
    else:
        y[...] = 0
    for outputs, inputs in taps:
        y[..., outputs] += x[..., inputs]


def _to_all(dy: Array, along: Axis, dx: Array) -> None:
    """Set ``dx`` to the gradient ``dy`` of the sums over the windows of ``x``."""
    if not along.covered:
        dx[...] = 0
    for outputs, inputs in along.taps:
        if along.disjoint:
            dx[..., inputs] = dy[..., outputs]
        else:
            dx[..., inputs] += dy[..., outputs]
