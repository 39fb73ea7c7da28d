"""Images to columns, one for each window, and back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, as_float
from .sizes import Pair, as_pair
from .windows import Axis, axis, taps2d


def im2col(
    x: ArrayLike,
    filter_size: int | Pair,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> Array:
    """Each window of an image as one column.

    ``x`` is an image (H, W), an image with channels (C, H, W) or a batch (N, C, H, W); the result
    is (FH*FW, OH*OW), (C*FH*FW, OH*OW) or (N, C*FH*FW, OH*OW). Column k holds the window at
    (k // OW, k % OW), row-major inside and channel after channel: a 28x28 image with 3x3 gives
    (9, 676). The padding is zeros. float32 gives float32, anything else float64. Raises
    ValueError for another number of axes or a window that does not fit.
    """
    data = as_float(x)
    batch, axes, shape = _geometry(data.shape, filter_size, stride, padding)
    image, cols = data.reshape(batch), np.zeros(_spread(batch, axes), data.dtype)
    for i, j, outputs, inputs in taps2d(*axes):
        cols[:, :, i, j, *outputs] = image[:, :, *inputs]
    return cols.reshape(shape)


def col2im(
    cols: ArrayLike,
    shape: Sequence[int],
    filter_size: int | Pair,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> Array:
    """Columns back to an image of ``shape``, which is that of the ``x`` of ``im2col``.

    Where windows overlap their values are added, which is the gradient of ``im2col``; pixels that
    no window reaches are 0. Divided by ``col2im(im2col(ones))`` it is the inverse. float32 gives
    float32, anything else float64. Raises ValueError when the columns do not fit the shape.
    """
    data = as_float(cols)
    batch, axes, expected = _geometry(tuple(shape), filter_size, stride, padding)
    if data.shape != expected:
        raise ValueError(f"cols must have shape {expected}, got {data.shape}")
    spread, x = data.reshape(_spread(batch, axes)), np.zeros(batch, data.dtype)
    for i, j, outputs, inputs in taps2d(*axes):
        x[:, :, *inputs] += spread[:, :, i, j, *outputs]
    return x.reshape(shape)


def _geometry(
    shape: tuple[int, ...], filter_size: int | Pair, stride: int | Pair, padding: int | Pair
) -> tuple[tuple[int, ...], tuple[Axis, Axis], tuple[int, ...]]:
    """The shape as (N, C, H, W), the two axes, and the shape of the columns."""
    if not 2 <= len(shape) <= 4:
        raise ValueError(f"an image has shape (H, W), (C, H, W) or (N, C, H, W), got {shape}")
    batch = (1,) * (4 - len(shape)) + shape
    (fh, fw), (sh, sw) = as_pair(filter_size, "filter_size", 1), as_pair(stride, "stride", 1)
    ph, pw = as_pair(padding, "padding", 0)
    rows, columns = axis(batch[2], fh, sh, ph), axis(batch[3], fw, sw, pw)
    cols = batch[1] * fh * fw, rows.n_out * columns.n_out
    return batch, (rows, columns), cols if len(shape) < 4 else (batch[0], *cols)


def _spread(batch: tuple[int, ...], axes: tuple[Axis, Axis]) -> tuple[int, ...]:
    """The shape (N, C, FH, FW, OH, OW)."""
    return (*batch[:2], *(len(a.taps) for a in axes), *(a.n_out for a in axes))
