"""Convolutions that go through their filter's taps one by one: dilated, of each channel by itself, transposed.

A tap of the filter lays a grid of the narrow side's size over the wide side: what a convolution reads and a transposed
one writes (Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", sections 4 and 5.1).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array, Layer, as_float, bias_for, no_forward, own, upstream

_Grid = tuple[slice, slice]


class TapConvolution(Layer):
    """A layer with a filter ``W`` of four or three axes, the last two its height and width, and ``b`` or None.

    Both are copied. ``stride`` and ``dilation``: steps between windows, and between the taps of one; nothing is
    padded. Raises ValueError for shapes that do not fit.
    """

    outputs: int  # the axis of W that has the channels of the output ...
    inputs: int  # ... and of the input
    ndim = 4

    def __init__(
        self,
        W: ArrayLike,
        b: ArrayLike | None = None,
        stride: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        weight = own(W)
        if weight.ndim != self.ndim or not weight.size:
            raise ValueError(f"W must have {self.ndim} axes and no empty one, got {weight.shape}")
        self.params["W"] = weight
        bias = bias_for(b, weight.shape[self.outputs])
        if bias is not None:
            self.params["b"] = bias
        self.stride, self.dilation = stride, dilation
        self._x: Array | None = None

    def reach(self) -> tuple[int, int]:
        """Height and width of a window, the gaps between its taps included."""
        height, width = self.params["W"].shape[-2:]
        return (height - 1) * self.dilation + 1, (width - 1) * self.dilation + 1

    def taps(self, narrow: tuple[int, ...]) -> Iterator[tuple[int, int, _Grid]]:
        """Each tap with the places of the wide side that it meets, one for each of the narrow side."""
        for s, t in np.ndindex(*self.params["W"].shape[-2:]):
            first = s * self.dilation, t * self.dilation
            rows, columns = (
                slice(at, at + (n - 1) * self.stride + 1, self.stride)
                for at, n in zip(first, narrow, strict=True)
            )
            yield s, t, (rows, columns)

    def fitting(self, x: ArrayLike) -> Array:
        """The input as floats; ValueError for another number of axes or channels."""
        data, channels = as_float(x), self.params["W"].shape[self.inputs]
        if data.ndim != 4 or data.shape[1] != channels:
            raise ValueError(f"x must have shape (N, {channels}, H, W), got {data.shape}")
        return data

    def biased(self, y: Array) -> Array:
        """The output with the bias of each channel."""
        b = self.params.get("b")
        return y if b is None else np.asarray(y + b[:, None, None])


class DilatedConv2d(TapConvolution):
    """y[n,o,i,j] = b[o] + sum over c, s, t of x[n, c, i*S + s*D, j*S + t*D] * W[o,c,s,t].

    (N, C_in, H, W) -> (N, C_out, OH, OW), OH = (H - D(FH - 1) - 1) // S + 1 (Yu & Koltun 2016).
    """

    outputs, inputs = 0, 1
    ahead = "oc,nchw->nohw"
    back = "oc,nohw->nchw"
    of_filter = "nohw,nchw->oc"

    def forward(self, x: ArrayLike) -> Array:
        """Any image that a window fits into; ValueError for a smaller one."""
        self._x = data = self.fitting(x)
        W, wide = self.params["W"], data
        narrow = tuple(
            (n - reach) // self.stride + 1
            for n, reach in zip(wide.shape[2:], self.reach(), strict=True)
        )
        if min(narrow) < 1:
            raise ValueError(f"no window of {self.reach()} fits into x of shape {data.shape}")
        y = np.zeros((len(data), W.shape[self.outputs], *narrow), np.result_type(wide, W))
        for s, t, grid in self.taps(narrow):
            y += np.einsum(self.ahead, W[..., s, t], wide[:, :, *grid])
        self._wide, self._shape = wide, y.shape
        return self.biased(y)

    def backward(self, dy: ArrayLike) -> Array:
        """The shape of x; sets grads W and b, sums over the batch."""
        if self._x is None:
            raise no_forward(self)
        W, wide = self.params["W"], self._wide
        g = upstream(dy, self._shape, wide.dtype)
        dwide, dW = np.zeros_like(wide), np.empty_like(W)
        for s, t, grid in self.taps(g.shape[2:]):
            dW[..., s, t] = np.einsum(self.of_filter, g, wide[:, :, *grid])
            dwide[:, :, *grid] += np.einsum(self.back, W[..., s, t], g)
        self.grads = {"W": dW, "b": g.sum((0, 2, 3))}
        return dwide


class DepthwiseConv2d(DilatedConv2d):
    """The same with a filter (C, FH, FW) of its own for each channel, which no other channel has a part in.

    (N, C, H, W) -> (N, C, OH, OW) (Howard et al. 2017, "MobileNets", section 3.1).
    """

    outputs, inputs = 0, 0
    ndim = 3
    ahead = "c,nchw->nchw"
    back = "c,nchw->nchw"
    of_filter = "nchw,nchw->c"


class TransposedConv2d(TapConvolution):
    """y[n, o, i*S + s, j*S + t] += x[n,c,i,j] * W[c,o,s,t], and b[o] everywhere.

    (N, C_in, H, W) -> (N, C_out, OH, OW), OH = (H - 1) S + FH: the gradient of a convolution in its input.
    """

    outputs, inputs = 1, 0

    def forward(self, x: ArrayLike) -> Array:
        """Any image."""
        self._x = data = self.fitting(x)
        W = self.params["W"]
        sides = [
            (n - 1) * self.stride + reach
            for n, reach in zip(data.shape[2:], self.reach(), strict=True)
        ]
        wide = np.zeros((len(data), W.shape[self.outputs], *sides), np.result_type(data, W))
        for s, t, grid in self.taps(data.shape[2:]):
            wide[:, :, *grid] += np.einsum("co,nchw->nohw", W[..., s, t], data)
        self._shape = wide.shape
        return self.biased(wide)

    def backward(self, dy: ArrayLike) -> Array:
        """The shape of x; sets grads W and b, sums over the batch."""
        x = self._x
        if x is None:
            raise no_forward(self)
        W = self.params["W"]
        g = upstream(dy, self._shape, np.result_type(x, W))
        dx, dW = np.zeros_like(x), np.empty_like(W)
        for s, t, grid in self.taps(x.shape[2:]):
            dW[..., s, t] = np.einsum("nchw,nohw->co", x, g[:, :, *grid])
            dx += np.einsum("co,nohw->nchw", W[..., s, t], g[:, :, *grid])
        self.grads = {"W": dW, "b": g.sum((0, 2, 3))}
        return dx
