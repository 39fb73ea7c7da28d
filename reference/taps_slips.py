"""Convolutions tap by tap as students get them wrong; specs name them."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array
from .taps import DepthwiseConv2d, DilatedConv2d, TapConvolution, TransposedConv2d


class _Base(TapConvolution):
    """What stands before a convolution among the bases of a slip; that one computes."""

    def forward(self, x: ArrayLike) -> Array:
        return super().forward(x)  # type: ignore[safe-super]

    def backward(self, dy: ArrayLike) -> Array:
        return super().backward(dy)  # type: ignore[safe-super]


class _FilterReversed(_Base):
    """The filter is turned by 180 degrees in forward."""

    def forward(self, x: ArrayLike) -> Array:
        W = self.params["W"]
        self.params["W"] = W[..., ::-1, ::-1]
        try:
            return super().forward(x)
        finally:
            self.params["W"] = W


class _DxReversed(_Base):
    """The filter is turned by 180 degrees in the gradient of the input."""

    def backward(self, dy: ArrayLike) -> Array:
        super().backward(dy)
        grads, W = self.grads, self.params["W"]
        self.params["W"] = W[..., ::-1, ::-1]
        try:
            return super().backward(dy)
        finally:
            self.params["W"], self.grads = W, grads


class _DwReversed(_Base):
    """The gradient of the filter is turned by 180 degrees."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        self.grads["W"] = self.grads["W"][..., ::-1, ::-1].copy()
        return dx


class _DwLastSample(_Base):
    """The gradient of the filter is that of the last sample alone."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        g, right = np.array(dy, dtype=float), self.grads
        g[:-1] = 0
        super().backward(g)
        self.grads = {**right, "W": self.grads["W"]}
        return dx


class _BiasOfLastSample(_Base):
    """The gradient of the bias is that of the last sample alone."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        self.grads["b"] = np.asarray(dy)[-1].sum((1, 2))
        return dx


class _BiasForEachTap(_Base):
    """The bias is added for each tap of the filter."""

    def biased(self, y: Array) -> Array:
        taps = self.params["W"].shape[-2] * self.params["W"].shape[-1]
        return np.asarray(y + taps * (super().biased(y) - y))


class DilatedNotReversed(_DxReversed, DilatedConv2d):
    """Of a dilated convolution."""


class DilatedReversedInForward(_FilterReversed, DilatedConv2d):
    """Of a dilated convolution."""


class DilatedLastSample(_DwLastSample, DilatedConv2d):
    """Of a dilated convolution."""


class DilatedBiasForEachTap(_BiasForEachTap, DilatedConv2d):
    """Of a dilated convolution."""


class DilatedBiasOfLastSample(_BiasOfLastSample, DilatedConv2d):
    """Of a dilated convolution."""


class DilatedDxUndilated(DilatedConv2d):
    """The gradient of the input goes back without the gaps."""

    def backward(self, dy: ArrayLike) -> Array:
        super().backward(dy)
        grads, dilation = self.grads, self.dilation
        self.dilation = 1
        try:
            return super().backward(dy)
        finally:
            self.dilation, self.grads = dilation, grads


class DilatedDwUndilated(DilatedConv2d):
    """The gradient of the filter is summed without the gaps."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        grads, dilation = self.grads, self.dilation
        self.dilation = 1
        try:
            super().backward(dy)
        finally:
            self.dilation = dilation
        self.grads = {**grads, "W": self.grads["W"]}
        return dx


class _TapsOverwritten(DilatedConv2d):
    """In the gradient of the input each tap overwrites what the one before it has written."""

    def backward(self, dy: ArrayLike) -> Array:
        super().backward(dy)
        g, W, wide = np.asarray(dy), self.params["W"], np.zeros_like(self._wide)
        for s, t, grid in self.taps(g.shape[2:]):
            wide[:, :, *grid] = np.einsum(self.back, W[..., s, t], g)
        return wide


class DilatedTapsOverwritten(_TapsOverwritten):
    """Of a dilated convolution."""


class DepthwiseTapsOverwritten(_TapsOverwritten, DepthwiseConv2d):
    """Of each channel."""


class DepthwiseNotReversed(_DxReversed, DepthwiseConv2d):
    """Of each channel."""


class DepthwiseReversedInForward(_FilterReversed, DepthwiseConv2d):
    """Of each channel."""


class DepthwiseLastSample(_DwLastSample, DepthwiseConv2d):
    """Of each channel."""


class DepthwiseBiasForEachTap(_BiasForEachTap, DepthwiseConv2d):
    """Of each channel."""


class DepthwiseChannelsSummed(DepthwiseConv2d):
    """Each channel of the output sums over all channels of the input, as a plain convolution does."""

    def forward(self, x: ArrayLike) -> Array:
        b = self.params["b"][:, None, None]
        y = super().forward(x) - b
        return np.asarray(np.broadcast_to(y.sum(1, keepdims=True), y.shape) + b)


class DepthwiseFirstFilter(DepthwiseConv2d):
    """The first filter is used for every channel."""

    def forward(self, x: ArrayLike) -> Array:
        W = self.params["W"]
        self.params["W"] = np.broadcast_to(W[:1], W.shape)
        try:
            return super().forward(x)
        finally:
            self.params["W"] = W


class DepthwiseDxFirstFilter(DepthwiseConv2d):
    """The first filter is used for every channel in the gradient of the input."""

    def backward(self, dy: ArrayLike) -> Array:
        super().backward(dy)
        grads, W = self.grads, self.params["W"]
        self.params["W"] = np.array(np.broadcast_to(W[:1], W.shape))
        try:
            return super().backward(dy)
        finally:
            self.params["W"], self.grads = W, grads


class DepthwiseDwShared(DepthwiseConv2d):
    """The gradient of each filter sums over all channels."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        dW = self.grads["W"]
        self.grads["W"] = np.array(np.broadcast_to(dW.sum(0), dW.shape))
        return dx


class TransposedReversedInForward(_FilterReversed, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedReversed(_DxReversed, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedDwReversed(_DwReversed, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedLastSample(_DwLastSample, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedBiasForEachTap(_BiasForEachTap, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedBiasOfLastSample(_BiasOfLastSample, TransposedConv2d):
    """Of a transposed convolution."""


class TransposedOverwritten(TransposedConv2d):
    """Where windows overlap, one overwrites the other."""

    def forward(self, x: ArrayLike) -> Array:
        right = super().forward(x)
        data, W = np.asarray(x), self.params["W"]
        height, width = self.reach()
        wide = np.zeros_like(right)
        for i, j in np.ndindex(*data.shape[2:]):
            window = np.einsum("nc,cost->nost", data[:, :, i, j], W)
            top, left = i * self.stride, j * self.stride
            wide[:, :, top : top + height, left : left + width] = window
        return self.biased(wide)


class TransposedLastTap(TransposedConv2d):
    """Of the gradient of the input the last tap alone is left: it is assigned in the place of added up."""

    def backward(self, dy: ArrayLike) -> Array:
        dx = super().backward(dy)
        W, wide = self.params["W"], np.asarray(dy)
        *_, (s, t, grid) = self.taps(dx.shape[2:])
        return np.asarray(np.einsum("co,nohw->nchw", W[..., s, t], wide[:, :, *grid]))
