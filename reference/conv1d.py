"""One-dimensional convolution."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .convolution import Convolution, Workspace
from .initializers import Initializer
from .layer import Array
from .sizes import as_int
from .windows import Axis, axis

# A piece has as many samples as give this many bytes of columns.
PIECE_BYTES = 1 << 20


class Conv1d(Convolution):
    """y[n, o, i] = b[o] + sum over c, f of x[n, c, i * stride + f - padding] * W[o, c, f].

    ``W`` (C_out, C_in, F) and ``b`` (C_out,) or None are copied. Zeros pad both ends. Inputs are
    (N, C_in, L) and give (N, C_out, L_out), with L_out of ``sizes.conv_output_size``; values at
    the end that fill no whole window are not used (their gradient is zero). float32 throughout
    gives float32, anything else float64. Raises ValueError for shapes that do not fit.
    """

    _axes = "L"

    def __init__(
        self, W: ArrayLike, b: ArrayLike | None = None, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__(W, b)
        self.stride = as_int(stride, "stride", 1)
        self.padding = as_int(padding, "padding", 0)

    @classmethod
    def initialised(
        cls,
        c_in: int,
        c_out: int,
        filter_size: int,
        initializer: Initializer,
        rng: np.random.Generator,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
    ) -> Self:
        """A layer with W of ``initializer`` (fan-in C_in * F) and, unless left out, b of zeros."""
        W = initializer((c_out, c_in, filter_size), c_in * filter_size, rng)
        return cls(W, np.zeros(c_out, W.dtype) if bias else None, stride, padding)

    def _prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[tuple[int, ...], int]:
        _, c, length = shape
        self._axis = axis(length, self.params["W"].shape[2], self.stride, self.padding)
        each = c * len(self._axis.taps) * self._axis.n_out * dtype.itemsize
        return (self._axis.n_out,), max(1, PIECE_BYTES // each)

    def _workspace(self, n: int) -> Workspace:
        return _Columns(n, self.params["W"].shape[1], self._axis, self._dtype)


class _Columns(Workspace):
    """Columns (C_in * F, L_out) for each sample, row-major like a filter of W."""

    def __init__(self, n: int, c: int, along: Axis, dtype: np.dtype[Any]) -> None:
        self._axis = along
        # Zeros, since nothing is ever written where a tap lies in the padding.
        self._parts = np.zeros((n, c, len(along.taps), along.n_out), dtype)
        self._dparts = np.empty_like(self._parts)
        columns = n, c * len(along.taps), along.n_out
        self._columns, self._dcolumns = self._parts.reshape(columns), self._dparts.reshape(columns)

    def forward(self, x: Array, W: Array, b: Array | None, y: Array) -> None:
        self._axis.gather(x, self._parts)
        np.matmul(W.reshape(len(W), -1), self._columns, out=y)
        if b is not None:
            y += b[:, None]

    def backward(self, x: Array, W: Array, dy: Array, dW: Array, dx: Array | None) -> None:
        self._axis.gather(x, self._parts)
        dW += np.matmul(dy, self._columns.transpose(0, 2, 1)).sum(0).reshape(W.shape)
        if dx is not None:
            np.matmul(W.reshape(len(W), -1).T, dy, out=self._dcolumns)
            self._axis.scatter(self._dparts, dx)
