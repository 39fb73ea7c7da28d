"""Conv2d as students get it wrong; x is (N, C, H, W), W (O, C, FH, FW), dy (N, O, OH, OW)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reference import Conv2d


class KernelNotFlipped(Conv2d):
    """dX slides the filter over the padded gradient as it is, reversed along neither axis."""

    def backward(self, dy):
        super().backward(dy)
        other = Conv2d(self.params["W"][..., ::-1, ::-1], None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class WidthNotFlipped(Conv2d):
    """In dX the filter is reversed from top to bottom only."""

    def backward(self, dy):
        super().backward(dy)
        other = Conv2d(self.params["W"][..., ::-1], None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class HeightNotFlipped(Conv2d):
    """In dX the filter is reversed from left to right only."""

    def backward(self, dy):
        super().backward(dy)
        other = Conv2d(self.params["W"][..., ::-1, :], None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class KernelReversedInForward(Conv2d):
    """Forward turns the filter by 180 degrees, as the convolution of mathematics does."""

    def forward(self, x):
        super().forward(x)
        W, b = self.params["W"][..., ::-1, ::-1], self.params.get("b")
        return Conv2d(W, b, self.stride, self.padding).forward(self._x)


class LastChannelOnly(Conv2d):
    """Assigned for each input channel where it should be added: the last one stays."""

    def forward(self, x):
        super().forward(x)
        last = Conv2d(self.params["W"][:, -1:], self.params.get("b"), self.stride, self.padding)
        return last.forward(self._x[:, -1:])


class BiasPerChannel(Conv2d):
    """The bias is added once for each input channel."""

    def forward(self, x):
        y = super().forward(x)
        return y + (self._x.shape[1] - 1) * self.params["b"][:, None, None]


class IntegerOutput(Conv2d):
    """The output is written into an array of integers, which cuts the fractions off."""

    def forward(self, x):
        return np.trunc(super().forward(x))


class LastColumnOnly(Conv2d):
    """The output is stored outside the loop over columns: only the last column is filled."""

    def forward(self, x):
        y = super().forward(x)
        y[..., :-1] = 0
        return y


class OneElementFilled(Conv2d):
    """The indices never move on: one element is filled, the rest is memory left over."""

    def forward(self, x):
        y = super().forward(x)
        filled = np.full_like(y, np.nan)
        filled[..., 0, 0] = y[..., -1, -1]
        return filled


class SumTimesSum(Conv2d):
    """The sum of the window times the sum of the filter, instead of the sum of the products."""

    def forward(self, x):
        super().forward(x)
        W = self.params["W"]
        (sh, sw), (ph, pw) = self.stride, self.padding
        padded = np.pad(self._x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        sums = sliding_window_view(padded, W.shape[2:], (2, 3))[:, :, ::sh, ::sw].sum((4, 5))
        return np.einsum("ncij,oc->noij", sums, W.sum((2, 3))) + self.params["b"][:, None, None]


class FirstFilterOnly(Conv2d):
    """Every output channel is computed with the first filter."""

    def forward(self, x):
        super().forward(x)
        W = np.repeat(self.params["W"][:1], len(self.params["W"]), 0)
        return Conv2d(W, self.params.get("b"), self.stride, self.padding).forward(self._x)


class SamplesSummed(Conv2d):
    """The sum runs over the samples of the batch, too: all of them get the same output."""

    def forward(self, x):
        y = super().forward(x)
        b = self.params["b"][:, None, None]
        return np.broadcast_to((y - b).sum(0, keepdims=True) + b, y.shape).copy()


class OutputTransposed(Conv2d):
    """Rows and columns of the output change places."""

    def forward(self, x):
        return super().forward(x).swapaxes(2, 3)


class LastRowAndColumnMissing(Conv2d):
    """The output has H - FH rows and W - FW columns: the + 1 is left out."""

    def forward(self, x):
        return super().forward(x)[:, :, :-1, :-1]


class AlwaysPadded(Conv2d):
    """The input is padded by one on each side although nobody asked for it."""

    def forward(self, x):
        super().forward(x)
        W, b, (ph, pw) = self.params["W"], self.params.get("b"), self.padding
        return Conv2d(W, b, self.stride, (ph + 1, pw + 1)).forward(self._x)


class SquareFilter(Conv2d):
    """Forward loops over FH columns of the filter as well: the others are left out."""

    def forward(self, x):
        y = super().forward(x)
        W = self.params["W"].copy()
        W[..., W.shape[2] :] = 0
        return Conv2d(W, self.params.get("b"), self.stride, self.padding).forward(self._x) + 0 * y


class DxTailZero(Conv2d):
    """The loops over dX have the output's size: what lies beyond that corner stays 0."""

    def backward(self, dy):
        dx = super().backward(dy)
        dx[:, :, dy.shape[2] :] = 0
        dx[:, :, :, dy.shape[3] :] = 0
        return dx


class DxCropped(Conv2d):
    """One row and column is cut off at each side of dX, as the printed example shows it."""

    def backward(self, dy):
        return super().backward(dy)[:, :, 1:-1, 1:-1]


class DxValid(Conv2d):
    """dX is as large as the output's middle: the gradient is not padded before the convolution."""

    def backward(self, dy):
        dx = super().backward(dy)
        fh, fw = self.params["W"].shape[2] - 1, self.params["W"].shape[3] - 1
        return dx[:, :, fh : dx.shape[2] - fh, fw : dx.shape[3] - fw]


class DxOverwritten(Conv2d):
    """Where windows overlap, the last one's share replaces the others."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W, (sh, sw), (ph, pw) = self.params["W"], self.stride, self.padding
        padded = np.pad(dx, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * sh, i * sh + W.shape[2])
                columns = slice(j * sw, j * sw + W.shape[3])
                padded[:, :, rows, columns] = np.einsum("no,ocst->ncst", dy[:, :, i, j], W)
        return padded[:, :, ph : ph + dx.shape[2], pw : pw + dx.shape[3]]


class DxTapsOverwritten(Conv2d):
    """col2im assigns for each position of the filter where it should add."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W, (sh, sw), (ph, pw) = self.params["W"], self.stride, self.padding
        padded = np.pad(dx, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        for s in range(W.shape[2]):
            for t in range(W.shape[3]):
                rows = slice(s, s + sh * dy.shape[2], sh)
                columns = slice(t, t + sw * dy.shape[3], sw)
                padded[:, :, rows, columns] = np.einsum("noij,oc->ncij", dy, W[:, :, s, t])
        return padded[:, :, ph : ph + dx.shape[2], pw : pw + dx.shape[3]]


class DxFilterPerChannel(Conv2d):
    """dX is not summed over the output channels: an axis too many."""

    def backward(self, dy):
        super().backward(dy)
        parts = []
        for o in range(dy.shape[1]):
            one = Conv2d(self.params["W"][o : o + 1], None, self.stride, self.padding)
            one.forward(self._x)
            parts.append(one.backward(dy[:, o : o + 1]))
        return np.stack(parts, 1)


class DxLastFilterOnly(Conv2d):
    """dX is assigned for each output channel where it should be added: the last one stays."""

    def backward(self, dy):
        super().backward(dy)
        last = Conv2d(self.params["W"][-1:], None, self.stride, self.padding)
        last.forward(self._x)
        return last.backward(dy[:, -1:])


class DxMixesChannels(Conv2d):
    """W is reshaped to (C, O, FH, FW) where its first two axes should change places."""

    def backward(self, dy):
        super().backward(dy)
        c_out, c, fh, fw = self.params["W"].shape
        mixed = self.params["W"].reshape(c, c_out, fh, fw).transpose(1, 0, 2, 3)
        other = Conv2d(mixed, None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class DwFMinusOne(Conv2d):
    """dW runs over F - 1 positions of the output instead of all."""

    def backward(self, dy):
        dx = super().backward(dy)
        db = self.grads.get("b")
        rest = np.zeros_like(dy)
        fh, fw = self.params["W"].shape[2] - 1, self.params["W"].shape[3] - 1
        rest[:, :, :fh, :fw] = dy[:, :, :fh, :fw]
        super().backward(rest)
        self.grads["b"] = db
        return dx


class DwMixesSamples(Conv2d):
    """dy is reshaped to (O, N*OH*OW) without moving the channel axis to the front."""

    def backward(self, dy):
        dx = super().backward(dy)
        db, (n, c_out, oh, ow) = self.grads.get("b"), dy.shape
        super().backward(np.ascontiguousarray(dy).reshape(c_out, n, oh, ow).swapaxes(0, 1))
        self.grads["b"] = db
        return dx


class DwAccumulates(Conv2d):
    """dW is made once and only added to: a second backward includes the first."""

    def backward(self, dy):
        dx = super().backward(dy)
        self._kept = self.grads["W"] + getattr(self, "_kept", 0)
        self.grads["W"] = self._kept
        return dx


class DwLastSample(Conv2d):
    """dW is assigned for each sample where it should be added: the last one stays."""

    def backward(self, dy):
        dx = super().backward(dy)
        last = Conv2d(self.params["W"], None, self.stride, self.padding)
        last.forward(self._x[-1:])
        last.backward(dy[-1:])
        self.grads["W"] = last.grads["W"]
        return dx


class DwRotated(Conv2d):
    """dW comes out turned by 180 degrees."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["W"] = self.grads["W"][..., ::-1, ::-1].copy()
        return dx


class DwSummedOverFilters(Conv2d):
    """dW is summed over the output channels: every filter gets the same gradient."""

    def backward(self, dy):
        dx = super().backward(dy)
        dW = self.grads["W"]
        self.grads["W"] = np.broadcast_to(dW.sum(0, keepdims=True), dW.shape).copy()
        return dx


class DbPerSample(Conv2d):
    """dB is summed over channels and positions: one number a sample."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.sum((1, 2, 3))
        return dx


class DbOneNumber(Conv2d):
    """dB is summed over everything: one number for all output channels."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.full_like(self.params["b"], dy.sum())
        return dx


class DbNotSummedOverBatch(Conv2d):
    """dB is summed over the positions only and keeps the samples."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.sum((2, 3))
        return dx


class DbMean(Conv2d):
    """dB is the mean over the positions instead of the sum."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.mean((2, 3)).sum(0)
        return dx
