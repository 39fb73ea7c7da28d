"""Two-dimensional convolution."""

from math import prod
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import ArrayLike

from .convolution import Convolution, Workspace
from .initializers import Initializer
from .layer import Array
from .planes import Planes
from .sizes import Pair, as_pair
from .windows import Axis, axis, taps2d

# A piece has as many samples as give a matrix product this many columns, which is enough for BLAS
# to be at its best, unless the copied part of the input becomes too large for the cache.
PIECE_COLUMNS = 256
PIECE_BYTES = 1 << 21
# The columns of a piece have so many values when all taps are copied.
COLUMN_VALUES = 1 << 16
# A sample is worked on alone if it makes so many multiplications, and if what is computed with
# and without need is at most so many times what is needed.
ALONE_LEAST = 1_500_000
ALONE_WASTE = 1.25


class Conv2d(Convolution):
    """y[n,o,i,j] = b[o] + sum over c, s, t of x[n, c, i*sh + s - ph, j*sw + t - pw] * W[o,c,s,t].

    ``W`` (C_out, C_in, FH, FW) and ``b`` (C_out,) or None are copied; ``stride`` and ``padding``
    are one number or (vertical, horizontal). Zeros pad all four sides. Inputs are (N, C_in, H, W)
    and give (N, C_out, OH, OW), with the sizes of ``sizes.conv2d_output_size``; rows and columns
    at the end that fill no whole window are not used (their gradient is zero). float32 throughout
    gives float32, anything else float64. Raises ValueError for shapes that do not fit.
    """

    _axes = "HW"

    def __init__(
        self,
        W: ArrayLike,
        b: ArrayLike | None = None,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__(W, b)
        self.stride = as_pair(stride, "stride", 1)
        self.padding = as_pair(padding, "padding", 0)

    @classmethod
    def initialised(
        cls,
        c_in: int,
        c_out: int,
        filter_size: int | Pair,
        initializer: Initializer,
        rng: np.random.Generator,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
    ) -> Self:
        """A layer with W of ``initializer`` (fan-in C_in*FH*FW) and b of zeros, if any."""
        fh, fw = as_pair(filter_size, "filter_size", 1)
        W = initializer((c_out, c_in, fh, fw), c_in * fh * fw, rng)
        return cls(W, np.zeros(c_out, W.dtype) if bias else None, stride, padding)

    def _prepare(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[tuple[int, ...], int]:
        fh, fw = self.params["W"].shape[2:]
        self._rows = axis(shape[2], fh, self.stride[0], self.padding[0])
        self._columns = axis(shape[3], fw, self.stride[1], self.padding[1])
        out = self._rows.n_out, self._columns.n_out
        self._alone = self._is_large(out, dtype)
        if self._alone:
            return out, shape[0]
        if self._is_thin():
            each = prod(self.params["W"].shape[1:]) * prod(out)
            return out, max(1, COLUMN_VALUES // each)
        each = shape[1] * (shape[2] + 2 * self.padding[0]) * fw * out[1] * dtype.itemsize
        return out, max(1, min(PIECE_COLUMNS // out[1], PIECE_BYTES // each))

    def _is_thin(self) -> bool:
        """Whether a window is so small that to copy all of it costs less than to turn y round."""
        W = self.params["W"]
        return W.size <= 2 * len(W) ** 2

    def _is_large(self, out: tuple[int, int], dtype: np.dtype[Any]) -> bool:
        """Whether a sample has enough work for ``Planes``, in memory that the cache can hold."""
        c_out, c, fh, fw = self.params["W"].shape
        (oh, ow), width = out, out[1] + fw - 1
        return (
            self.stride == (1, 1)
            and c_out * c * fh * fw * oh * ow >= ALONE_LEAST
            and c * fw * (oh + fh - 1) * width * dtype.itemsize <= PIECE_BYTES
            and width <= ALONE_WASTE * ow
        )

    def _workspace(self, n: int) -> Workspace:
        c_out, c = self.params["W"].shape[:2]
        if self._alone:
            return Planes(c, c_out, self._rows, self._columns, self._dtype)
        if self._is_thin():
            return _Columns(n, c, c_out, self._rows, self._columns, self._dtype)
        return _Rows(n, c, c_out, self._rows, self._columns, self._dtype)


class _Rows(Workspace):
    """Columns for the horizontal taps only; the vertical ones come from a view.

    ``parts`` (rows, C_in, FW, n * OW) holds, for each row of the padded input, what each
    horizontal tap sees. The windows of output row i lie in its rows i*sh .. i*sh + FH - 1, which
    are one block of memory and so, without being copied, a matrix (FH*C_in*FW, n*OW). That makes
    one matrix product for each row of the output, and FH times less to copy than with columns for
    all taps. The gradient in x is the same thing the other way round: products of the filters,
    upside down, with blocks of rows of dy, which stand sh apart with zeros between and around.

    The n samples are the inner or the outer part of the n * OW, whichever gives the longer runs
    to copy; the views (..., n, OW) hide the difference.
    """

    def __init__(
        self, n: int, c: int, c_out: int, rows: Axis, columns: Axis, dtype: np.dtype[Any]
    ) -> None:
        self._columns = columns
        oh, ow, h, w = rows.n_out, columns.n_out, rows.n_in, columns.n_in
        fh, fw, ph, sh = len(rows.taps), len(columns.taps), rows.padding, rows.stride

        def buffer(*shape: int, width: int = ow) -> tuple[Array, Array]:
            """Zeros (*shape, n * width), and their view (*shape, n, width)."""
            # Zeros, since nothing is ever written where a tap lies in the padding.
            flat = np.zeros((*shape, n * width), dtype)
            if n > ow:
                return flat, flat.reshape(*shape, width, n).swapaxes(-1, -2)
            return flat, flat.reshape(*shape, n, width)

        flat, view = buffer(h + 2 * ph, c, fw)
        self._parts = view[ph : ph + h]
        self._windows = _blocks(flat[: (oh - 1) * sh + fh], fh, sh)
        self._y, self._y_view = buffer(oh, c_out)
        flat, view = buffer(h + 2 * ph + fh - 1, c_out)
        placed = slice(fh - 1, fh + (oh - 1) * sh, sh)
        self._dy, self._dy_view = flat[placed], view[placed]
        # Row r of the padded input served the outputs that now are in rows r .. r + FH - 1.
        self._dwindows = _blocks(flat[ph : ph + h + fh - 1], fh, 1)
        flat, self._dparts_view = buffer(h, c, fw)
        self._dparts = flat.reshape(h, c * fw, n * ow)
        # With the samples inside, x is turned round once and not for every tap.
        self._x_view = buffer(h, c, width=w)[1] if n > ow else None

    def _gather(self, x: Array) -> None:
        rows = x.transpose(2, 1, 0, 3)
        if self._x_view is not None:
            self._x_view[...] = rows
            rows = self._x_view
        self._columns.gather(rows, self._parts)

    def forward(self, x: Array, W: Array, b: Array | None, y: Array) -> None:
        self._gather(x)
        np.matmul(W.transpose(0, 2, 1, 3).reshape(len(W), -1), self._windows, out=self._y)
        if b is not None:
            self._y += b[:, None]
        y[...] = self._y_view.transpose(2, 1, 0, 3)

    def backward(self, x: Array, W: Array, dy: Array, dW: Array, dx: Array | None) -> None:
        c_out, c, fh, fw = W.shape
        self._gather(x)
        self._dy_view[...] = dy.transpose(2, 1, 0, 3)
        products = np.matmul(self._dy, self._windows.transpose(0, 2, 1)).sum(0)
        dW += products.reshape(c_out, fh, c, fw).transpose(0, 2, 1, 3)
        if dx is None:
            return
        filters = W.transpose(1, 3, 2, 0)[:, :, ::-1].reshape(c * fw, fh * c_out)
        np.matmul(filters, self._dwindows, out=self._dparts)
        rows = dx.transpose(2, 1, 0, 3)
        if self._x_view is None:
            self._columns.scatter(self._dparts_view, rows)
        else:
            self._columns.scatter(self._dparts_view, self._x_view)
            rows[...] = self._x_view


class _Columns(_Rows):
    """Columns for all taps, (n, C_in*FH*FW, OH*OW), which suits few channels and small filters.

    The product with the filters is then y as it has to lie in memory, sample after sample, and
    dy serves as it comes. A last row of ones stands for the input that b belongs to. The gradient
    in x, which a network's first layer is not asked for, remains that of ``_Rows``.
    """

    def __init__(
        self, n: int, c: int, c_out: int, rows: Axis, columns: Axis, dtype: np.dtype[Any]
    ) -> None:
        super().__init__(n, c, c_out, rows, columns, dtype)
        fh, fw, oh, ow = len(rows.taps), len(columns.taps), rows.n_out, columns.n_out
        self._taps = taps2d(rows, columns)
        # Zeros, since nothing is ever written where a tap lies in the padding.
        self._seen = np.zeros((n, c * fh * fw + 1, oh * ow), dtype)
        self._seen[:, -1] = 1
        self._all_parts = self._seen[:, :-1].reshape(n, c, fh, fw, oh, ow)

    def _gather_all(self, x: Array) -> None:
        for i, j, outputs, inputs in self._taps:
            self._all_parts[:, :, i, j, *outputs] = x[:, :, *inputs]

    def forward(self, x: Array, W: Array, b: Array | None, y: Array) -> None:
        self._gather_all(x)
        bias = np.zeros(len(W), W.dtype) if b is None else b
        filters = np.concatenate([W.reshape(len(W), -1), bias[:, None]], 1)
        np.matmul(filters, self._seen, out=y.reshape(len(y), len(W), -1))

    def backward(self, x: Array, W: Array, dy: Array, dW: Array, dx: Array | None) -> None:
        if dx is not None:
            super().backward(x, W, dy, dW, dx)
            return
        self._gather_all(x)
        flat = dy.reshape(len(dy), len(W), -1)
        dW += np.matmul(flat, self._seen[:, :-1].transpose(0, 2, 1)).sum(0).reshape(W.shape)


def _blocks(a: Array, height: int, step: int) -> Array:
    """Every block of ``height`` rows of ``a`` (rows, ..., m), ``step`` apart, as a matrix.

    A read-only view (blocks, height * ..., m) of a contiguous array; blocks may overlap.
    """
    count = (len(a) - height) // step + 1
    shape = count, height * prod(a.shape[1:-1]), a.shape[-1]
    strides = step * a.strides[0], a.strides[-2], a.strides[-1]
    return as_strided(a, shape, strides, writeable=False)
