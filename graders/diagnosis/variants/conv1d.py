"""Conv1d as students get it wrong; x is (N, C, L), W (O, C, F), dy (N, O, M)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reference import Conv1d


class KernelNotFlipped(Conv1d):
    """dX slides the filter over the padded gradient as it is, not reversed."""

    def backward(self, dy):
        other = Conv1d(self.params["W"][:, :, ::-1], None, self.stride, self.padding)
        super().backward(dy)
        other.forward(self._x)
        return other.backward(dy)


class KernelReversedInForward(Conv1d):
    """Forward reverses the filter, as the convolution of mathematics does."""

    def forward(self, x):
        super().forward(x)
        W, b = self.params["W"][:, :, ::-1], self.params.get("b")
        return Conv1d(W, b, self.stride, self.padding).forward(self._x)


class LastChannelOnly(Conv1d):
    """Assigned for each input channel where it should be added: the last one stays."""

    def forward(self, x):
        super().forward(x)
        last = Conv1d(self.params["W"][:, -1:], self.params.get("b"), self.stride, self.padding)
        return last.forward(self._x[:, -1:])


class BiasPerChannel(Conv1d):
    """The bias is added once for each input channel."""

    def forward(self, x):
        y = super().forward(x)
        return y + (self._x.shape[1] - 1) * self.params["b"][:, None]


class BiasPerTap(Conv1d):
    """The bias is added inside the sum over the filter, once for each position."""

    def forward(self, x):
        y = super().forward(x)
        return y + (self.params["W"].shape[2] - 1) * self.params["b"][:, None]


class IntegerOutput(Conv1d):
    """The output is written into an array of integers, which cuts the fractions off."""

    def forward(self, x):
        return np.trunc(super().forward(x))


class SumTimesSum(Conv1d):
    """The sum of the window times the sum of the filter, instead of the sum of the products."""

    def forward(self, x):
        super().forward(x)
        W, p = self.params["W"], self.padding
        padded = np.pad(self._x, ((0, 0), (0, 0), (p, p)))
        sums = sliding_window_view(padded, W.shape[2], 2)[:, :, :: self.stride].sum(3)
        return np.einsum("ncm,oc->nom", sums, W.sum(2)) + self.params["b"][:, None]


class SumTimesMean(Conv1d):
    """The sum of the window times the mean of the whole filter."""

    def forward(self, x):
        super().forward(x)
        W, p = self.params["W"], self.padding
        padded = np.pad(self._x, ((0, 0), (0, 0), (p, p)))
        sums = sliding_window_view(padded, W.shape[2], 2)[:, :, :: self.stride].sum((1, 3))
        return sums[:, None] * W.mean((1, 2))[:, None] + self.params["b"][:, None]


class FMinusOneOutputs(Conv1d):
    """The loop over the output runs to F - 1."""

    def forward(self, x):
        return super().forward(x)[:, :, : self.params["W"].shape[2] - 1]


class FOutputs(Conv1d):
    """The loop over the output runs over the filter's length."""

    def forward(self, x):
        return super().forward(x)[:, :, : self.params["W"].shape[2]]


class LastOutputMissing(Conv1d):
    """The output has N - F values: the last window is left out."""

    def forward(self, x):
        return super().forward(x)[:, :, :-1]


class AlwaysPadded(Conv1d):
    """One zero is added at each end although nobody asked for padding."""

    def forward(self, x):
        super().forward(x)
        W, b = self.params["W"], self.params.get("b")
        return Conv1d(W, b, self.stride, self.padding + 1).forward(self._x)


class ListGrows(Conv1d):
    """Results are appended to a list made by the constructor: earlier calls stay in front."""

    def __init__(self, W, b=None, stride=1, padding=0):
        super().__init__(W, b, stride, padding)
        self._kept = []

    def forward(self, x):
        self._kept.append(super().forward(x))
        return np.concatenate(self._kept, axis=2)


class ExampleWeights(Conv1d):
    """Forward reads the weights of the printed example from outside, not its own."""

    def forward(self, x):
        super().forward(x)
        example = np.zeros_like(self.params["W"])
        example.ravel()[:3] = [3.0, 5.0, 7.0][: example.size]
        return Conv1d(example, self.params.get("b"), self.stride, self.padding).forward(self._x)


class WindowsIgnoreStride(Conv1d):
    """The stride shrinks the output, but windows still start at 0, 1, 2, ..."""

    def forward(self, x):
        y = super().forward(x)
        dense = Conv1d(self.params["W"], self.params.get("b"), 1, self.padding).forward(self._x)
        return dense[:, :, : y.shape[2]]


class StrideIgnored(Conv1d):
    """Forward takes every window, whatever the stride."""

    def forward(self, x):
        super().forward(x)
        return Conv1d(self.params["W"], self.params.get("b"), 1, self.padding).forward(self._x)


class PaddingIgnored(Conv1d):
    """Forward does not pad."""

    def forward(self, x):
        super().forward(x)
        return Conv1d(self.params["W"], self.params.get("b"), self.stride).forward(self._x)


class PaddingOnlyEnlarges(Conv1d):
    """The padding enlarges the output, but the input is not padded: the new values stay 0."""

    def forward(self, x):
        y = np.zeros_like(super().forward(x))
        dense = Conv1d(self.params["W"], self.params.get("b"), self.stride).forward(self._x)
        y[:, :, : dense.shape[2]] = dense
        return y


class DxPadded(Conv1d):
    """dX keeps the length of the padded input."""

    def backward(self, dy):
        super().backward(dy)
        p = self.padding
        padded = Conv1d(self.params["W"], None, self.stride)
        padded.forward(np.pad(self._x, ((0, 0), (0, 0), (p, p))))
        return padded.backward(dy)


class DxCutAtFront(Conv1d):
    """dX has the right length, but all of the padding is cut off at the end."""

    def backward(self, dy):
        super().backward(dy)
        p = self.padding
        padded = Conv1d(self.params["W"], None, self.stride)
        padded.forward(np.pad(self._x, ((0, 0), (0, 0), (p, p))))
        return padded.backward(dy)[:, :, : self._x.shape[2]]


class DxEmptyWithoutPadding(Conv1d):
    """dX is cut as [p:-p], which leaves nothing where p is 0."""

    def backward(self, dy):
        dx = super().backward(dy)
        return dx if self.padding else dx[:, :, 0:0]


class DxIgnoresStride(Conv1d):
    """dX puts the share of output i at position i, not at i * stride."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W = self.params["W"]
        for i in range(dy.shape[2]):
            dx[:, :, i : i + W.shape[2]] += np.einsum("no,ocf->ncf", dy[:, :, i], W)
        return dx


class DxIgnoresStrideShort(Conv1d):
    """dX is the full convolution of the undilated gradient: its length is M + F - 1."""

    def backward(self, dy):
        super().backward(dy)
        W = self.params["W"]
        dx = np.zeros((*self._x.shape[:2], dy.shape[2] + W.shape[2] - 1))
        for i in range(dy.shape[2]):
            dx[:, :, i : i + W.shape[2]] += np.einsum("no,ocf->ncf", dy[:, :, i], W)
        return dx


class DxIgnoresStrideInTail(Conv1d):
    """As if the stride were 1, and only as far as the output reaches: the rest stays 0."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W = self.params["W"]
        for i in range(dy.shape[2]):
            dx[:, :, i : i + W.shape[2]] += np.einsum("no,ocf->ncf", dy[:, :, i], W)
        dx[:, :, dy.shape[2] :] = 0
        return dx


class DxIndexUndivided(Conv1d):
    """dX takes the multiples of the stride only, but reads output j - f instead of (j - f) / stride."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W, s = self.params["W"], self.stride
        for j in range(dx.shape[2]):
            for f in range(W.shape[2]):
                if 0 <= j - f < dy.shape[2] and (j - f) % s == 0:
                    dx[:, :, j] += np.einsum("no,oc->nc", dy[:, :, j - f], W[:, :, f])
        return dx


class DxIndexUndividedInTail(DxIndexUndivided):
    """The same, only as far as the output reaches: the rest stays 0."""

    def backward(self, dy):
        dx = super().backward(dy)
        dx[:, :, dy.shape[2] :] = 0
        return dx


class DwIgnoresStride(Conv1d):
    """dW pairs the gradient of output i with the window at i, not at i * stride."""

    def backward(self, dy):
        dx = super().backward(dy)
        p, W = self.padding, self.params["W"]
        padded = np.pad(self._x, ((0, 0), (0, 0), (p, p)))
        windows = sliding_window_view(padded, W.shape[2], 2)[:, :, : dy.shape[2]]
        self.grads["W"] = np.einsum("nom,ncmf->ocf", dy, windows)
        return dx


class DxTailZero(Conv1d):
    """The loop over dX has the length of the output: the last F - 1 values stay 0."""

    def backward(self, dy):
        dx = super().backward(dy)
        dx[:, :, dy.shape[2] :] = 0
        return dx


class DxMixesChannels(Conv1d):
    """W, held as (O, C*F), is transposed and reshaped to (C, O, F), which is no transposition."""

    def backward(self, dy):
        super().backward(dy)
        c_out, c, f = self.params["W"].shape
        mixed = self.params["W"].reshape(c_out, c * f).T.reshape(c, c_out, f).transpose(1, 0, 2)
        other = Conv1d(mixed, None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class DxLastFilterOnly(Conv1d):
    """dX is assigned for each output channel where it should be added: the last one stays."""

    def backward(self, dy):
        super().backward(dy)
        last = Conv1d(self.params["W"][-1:], None, self.stride, self.padding)
        last.forward(self._x)
        return last.backward(dy[:, -1:])


class DxSumsOverInput(Conv1d):
    """dX adds the shares of all input channels together: every channel gets the same."""

    def backward(self, dy):
        dx = super().backward(dy)
        return np.broadcast_to(dx.sum(1, keepdims=True), dx.shape).copy()


class DxOverwritten(Conv1d):
    """Where windows overlap, the last one's share replaces the others."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        W, s, p = self.params["W"], self.stride, self.padding
        padded = np.pad(dx, ((0, 0), (0, 0), (p, p)))
        for i in range(dy.shape[2]):
            share = np.einsum("no,ocf->ncf", dy[:, :, i], W)
            padded[:, :, i * s : i * s + W.shape[2]] = share
        return padded[:, :, p : p + dx.shape[2]]


class DwFirstWindow(Conv1d):
    """dW pairs every output with the first window: the index of the output is left out."""

    def backward(self, dy):
        dx = super().backward(dy)
        F, p = self.params["W"].shape[2], self.padding
        first = np.pad(self._x, ((0, 0), (0, 0), (p, p)))[:, :, :F]
        self.grads["W"] = np.einsum("nom,ncf->ocf", dy, first)
        return dx


class DwAccumulates(Conv1d):
    """dW is made once and only added to: a second backward includes the first."""

    def backward(self, dy):
        dx = super().backward(dy)
        self._kept = self.grads["W"] + getattr(self, "_kept", 0)
        self.grads["W"] = self._kept
        return dx


class DbAccumulates(Conv1d):
    """dB is made once and only added to."""

    def backward(self, dy):
        dx = super().backward(dy)
        self._kept = self.grads["b"] + getattr(self, "_kept", 0)
        self.grads["b"] = self._kept
        return dx


class DwSummedOverFilters(Conv1d):
    """dW is summed over the output channels: every filter gets the same gradient."""

    def backward(self, dy):
        dx = super().backward(dy)
        dW = self.grads["W"]
        self.grads["W"] = np.broadcast_to(dW.sum(0, keepdims=True), dW.shape).copy()
        return dx


class DwLastSample(Conv1d):
    """dW is assigned for each sample where it should be added: the last one stays."""

    def backward(self, dy):
        dx = super().backward(dy)
        last = Conv1d(self.params["W"], None, self.stride, self.padding)
        last.forward(self._x[-1:])
        last.backward(dy[-1:])
        self.grads["W"] = last.grads["W"]
        return dx


class DwWithoutGradient(Conv1d):
    """dW adds up the windows and leaves the gradient from behind out."""

    def backward(self, dy):
        dx = super().backward(dy)
        super().backward(np.ones_like(dy))
        self.grads["b"] = dy.sum((0, 2))
        return dx


class DbSumsOutputChannels(Conv1d):
    """dB is summed over the output channels and keeps the positions."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.sum((0, 1))
        return dx


class DbPerSample(Conv1d):
    """dB is summed over channels and positions: one number a sample."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.sum((1, 2))
        return dx


class DbOneNumber(Conv1d):
    """dB is summed over everything: one number for all output channels."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = np.full_like(self.params["b"], dy.sum())
        return dx


class DbNotSummed(Conv1d):
    """dB is the gradient from behind itself, not summed over the positions."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.sum(0)
        return dx


class DbMean(Conv1d):
    """dB is the mean over the positions instead of the sum."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.mean(2).sum(0)
        return dx
