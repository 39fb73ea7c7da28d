"""Convolution with stride 1, one sample at a time, for samples that are large enough for that."""

from typing import Any

import numpy as np

from .convolution import Workspace
from .layer import Array
from .products import aligned, column_blocks, pitch
from .windows import Axis


class Planes(Workspace):
    """Channels as single runs of memory, in which what a tap sees is a shift.

    The output of a padded plane (H, W) is computed as if its rows had W values, too, and not OW;
    nobody reads the rest. Then all that tap (s, t) sees is the plane from s * W + t on. ``parts``
    (FW, C_in, H * W) holds the planes once for each horizontal tap; the vertical taps are views
    further on in it. So there is little to copy, and in long runs, and nothing to turn round.

    A matrix product for each vertical tap, in blocks of columns, is of the size that BLAS needs
    no packing for: it reached 150 GFLOP/s in float32 where one product of all taps reached 105.

    For the gradients dy has zeros where nobody reads. So all planes can be shifted as one: what
    passes from the end of one to the start of the next is zero.
    """

    def __init__(self, c: int, c_out: int, rows: Axis, columns: Axis, dtype: np.dtype[Any]) -> None:
        fh, fw, oh, ow = len(rows.taps), len(columns.taps), rows.n_out, columns.n_out
        h, w = oh + fh - 1, ow + fw - 1
        blocks, block = column_blocks(c_out, fw * c, (oh - 1) * w + ow, dtype)
        width = blocks * block
        run = pitch(max(h * w, (fh - 1) * w + width), dtype)

        def planes(a: Array) -> Array:
            """``a`` (C, run) as images (C, H, W)."""
            return a[:, : h * w].reshape(len(a), h, w)

        def in_blocks(a: Array, start: int = 0) -> Array:
            """The columns of ``a`` (rows, run) from ``start`` on as (blocks, rows, block)."""
            return a[:, start : start + width].reshape(len(a), blocks, block).swapaxes(0, 1)

        self._shifts = [s * w for s in range(fh)]
        inner = np.s_[:, rows.padding : h - rows.padding, columns.padding : w - columns.padding]
        self._parts, self._dparts = aligned((2, fw, c, run), dtype)
        self._x = planes(self._parts[0])[inner]
        self._seen = [in_blocks(self._parts.reshape(fw * c, run), s) for s in self._shifts]
        self._dseen = in_blocks(self._dparts.reshape(fw * c, run))
        self._dx = aligned((c, run), dtype)
        self._dx_inner = planes(self._dx)[inner]

        self._y, self._share, self._dy = aligned((3, c_out, run), dtype)
        self._y_blocks, self._share_blocks = in_blocks(self._y), in_blocks(self._share)
        self._y_read = planes(self._y)[:, :oh, :ow]
        self._dy_blocks, self._dy_read = in_blocks(self._dy), planes(self._dy)[:, :oh, :ow]

        # With dy turned round once, no product for dW has a transposed side: 15 to 25 % less.
        turned = aligned((max(width, oh * w), c_out), dtype)
        self._turned_blocks = turned[:width].reshape(blocks, block, c_out)
        self._turned_read = turned[: oh * w].reshape(oh, w, c_out)[:, :ow]
        self._dW_blocks = np.empty((blocks, fw * c, c_out), dtype)

    def _gather(self, x: Array) -> None:
        self._x[...] = x
        first, *others = self._parts.reshape(len(self._parts), -1)
        for t, part in enumerate(others, 1):
            part[:-t] = first[t:]

    def forward(self, x: Array, W: Array, b: Array | None, y: Array) -> None:
        c_out, c, fh, fw = W.shape
        filters = W.transpose(2, 0, 3, 1).astype(y.dtype).reshape(fh, c_out, fw * c)
        bias = np.zeros(c_out, y.dtype) if b is None else b
        for sample, out in zip(x, y, strict=True):
            self._gather(sample)
            np.matmul(filters[0], self._seen[0], out=self._y_blocks)
            for s in range(1, fh):
                np.matmul(filters[s], self._seen[s], out=self._share_blocks)
                self._y += self._share
            np.add(self._y_read, bias[:, None, None], out=out)

    def backward(self, x: Array, W: Array, dy: Array, dW: Array, dx: Array | None) -> None:
        c_out, c, fh, fw = W.shape
        filters = W.transpose(2, 3, 1, 0).astype(dW.dtype).reshape(fh, fw * c, c_out)
        sums = np.zeros(filters.shape, dW.dtype)
        for i, g in enumerate(dy):
            self._gather(x[i])
            self._turned_read[...] = g.transpose(1, 2, 0)
            for s in range(fh):
                np.matmul(self._seen[s], self._turned_blocks, out=self._dW_blocks)
                sums[s] += self._dW_blocks.sum(0)
            if dx is not None:
                self._scatter(g, filters)
                dx[i] = self._dx_inner
        dW += sums.reshape(fh, fw, c, c_out).transpose(3, 2, 0, 1)

    def _scatter(self, dy: Array, filters: Array) -> None:
        self._dy_read[...] = dy
        dx = self._dx.reshape(-1)
        dx[:] = 0
        for rows, shift in zip(filters, self._shifts, strict=True):
            np.matmul(rows, self._dy_blocks, out=self._dseen)
            for start, part in enumerate(self._dparts, shift):
                dx[start:] += part.reshape(-1)[: dx.size - start]
