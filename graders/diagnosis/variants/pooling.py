"""MaxPool2D and AveragePool2D as students get them wrong; x is (N, C, H, W)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reference import AveragePool2D, MaxPool2D


class MaxWindowsIgnoreStride(MaxPool2D):
    """Windows start at i, j instead of i * stride, j * stride."""

    def forward(self, x):
        y = super().forward(x)
        return MaxPool2D(self.size, 1).forward(x)[:, :, : y.shape[2], : y.shape[3]]


class MaxIsMean(MaxPool2D):
    """Forward takes the mean of the window."""

    def forward(self, x):
        super().forward(x)
        return AveragePool2D(self.size, self.stride).forward(x)


class MaxTransposedForward(MaxPool2D):
    """Rows and columns of the output change places."""

    def forward(self, x):
        return super().forward(x).swapaxes(2, 3)


class MaxPartialWindows(MaxPool2D):
    """Windows that reach over the edge count, too: the size is rounded up."""

    def forward(self, x):
        super().forward(x)
        x = np.asarray(x)
        (h, w), (sh, sw) = x.shape[2:], self.stride
        more = ((0, 0), (0, 0), (0, -h % sh), (0, -w % sw))
        padded = np.pad(x, more, constant_values=-np.inf)
        return MaxPool2D(self.size, self.stride).forward(padded)


class MaxDxCropped(MaxPool2D):
    """dX has OH * size rows: what no window covers at the edge is missing."""

    def backward(self, dy):
        dx = super().backward(dy)
        (fh, fw), (oh, ow) = self.size, dy.shape[2:]
        return dx[:, :, : oh * fh, : ow * fw]


class MaxGradientEverywhere(MaxPool2D):
    """The gradient goes to the whole window, not to its maximum only."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        (fh, fw), (oh, ow) = self.size, dy.shape[2:]
        dx[:, :, : oh * fh, : ow * fw] = dy.repeat(fh, 2).repeat(fw, 3)
        return dx


class MaxMaskOnly(MaxPool2D):
    """dX marks the maxima with 1 and leaves the gradient from behind out."""

    def backward(self, dy):
        return super().backward(np.ones_like(dy))


class MaxValuesBack(MaxPool2D):
    """dX puts the maxima themselves back, not the gradient from behind."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        return super().backward(MaxPool2D(self.size, self.stride).forward(self._input) + 0 * dy)


class MaxLastPlane(MaxPool2D):
    """The places of the maxima are kept for the last sample and channel only."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        super().backward(dy)
        last = np.broadcast_to(self._input[-1:, -1:], self._input.shape)
        other = MaxPool2D(self.size, self.stride)
        other.forward(last)
        return other.backward(dy)


class MaxLastSample(MaxPool2D):
    """The places of the maxima are kept for the last sample only."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        super().backward(dy)
        other = MaxPool2D(self.size, self.stride)
        other.forward(np.broadcast_to(self._input[-1:], self._input.shape))
        return other.backward(dy)


class MaxTransposedBackward(MaxPool2D):
    """Inside each window the gradient lands at the transposed place."""

    def backward(self, dy):
        dx = super().backward(dy)
        fh, fw = self.size
        oh, ow = dy.shape[2:]
        turned = np.zeros_like(dx)
        for i in range(oh):
            for j in range(ow):
                rows, columns = slice(i * fh, i * fh + fh), slice(j * fw, j * fw + fw)
                turned[:, :, rows, columns] = dx[:, :, rows, columns].swapaxes(2, 3)
        return turned


class MaxDxIgnoresStride(MaxPool2D):
    """The gradient goes to the maximum of the window at i, j, not at i * stride, j * stride."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        fh, fw = self.size
        for n, c, i, j in np.ndindex(*dy.shape):
            window = self._input[n, c, i : i + fh, j : j + fw]
            row, column = divmod(int(window.argmax()), window.shape[1])
            dx[n, c, i + row, j + column] = dy[n, c, i, j]
        return dx


class MaxWrongDivisor(MaxPool2D):
    """The place of a maximum is decoded with the output's width instead of the window's."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        (fh, fw), (_oh, ow) = self.size, dy.shape[2:]
        windows = sliding_window_view(self._input, self.size, (2, 3))[:, :, ::fh, ::fw]
        place = windows.reshape(*windows.shape[:4], fh * fw).argmax(4)
        for n, c, i, j in np.ndindex(*dy.shape):
            row, column = divmod(int(place[n, c, i, j]), ow)
            row, column = i * fh + row, j * fw + column
            if row < dx.shape[2] and column < dx.shape[3]:
                dx[n, c, row, column] += dy[n, c, i, j]
        return dx


class AverageIsMax(AveragePool2D):
    """The class of max pooling, copied: forward takes the maximum, backward goes to its place."""

    def forward(self, x):
        super().forward(x)
        self._max = MaxPool2D(self.size, self.stride)
        return self._max.forward(x)

    def backward(self, dy):
        return self._max.backward(dy)


class AverageMaskKept(AveragePool2D):
    """Backward still looks for elements equal to the result, as max pooling does: it finds none."""

    def backward(self, dy):
        return np.zeros_like(super().backward(dy))


class AverageMaskKeptCropped(AveragePool2D):
    """The same with a dX that has OH * size rows."""

    def backward(self, dy):
        dx = np.zeros_like(super().backward(dy))
        (fh, fw), (oh, ow) = self.size, dy.shape[2:]
        return dx[:, :, : oh * fh, : ow * fw]


class AverageNotDivided(AveragePool2D):
    """dX spreads the gradient without dividing it by the window's area."""

    def backward(self, dy):
        return super().backward(dy) * (self.size[0] * self.size[1])


class AverageDividedBySide(AveragePool2D):
    """dX is divided by the side of the window instead of its area."""

    def backward(self, dy):
        return super().backward(dy) * self.size[0]


class AverageIsSum(AveragePool2D):
    """Forward adds up the window and does not divide."""

    def forward(self, x):
        return super().forward(x) * (self.size[0] * self.size[1])


class AverageToMaximum(AveragePool2D):
    """Backward sends the gradient to the maximum of the window, as max pooling does."""

    def forward(self, x):
        self._input = np.asarray(x)
        return super().forward(x)

    def backward(self, dy):
        super().backward(dy)
        other = MaxPool2D(self.size, self.stride)
        other.forward(self._input)
        return other.backward(dy)


class AverageDxCropped(AveragePool2D):
    """dX has OH * size rows: what no window covers at the edge is missing."""

    def backward(self, dy):
        dx = super().backward(dy)
        (fh, fw), (oh, ow) = self.size, dy.shape[2:]
        return dx[:, :, : oh * fh, : ow * fw]


class AverageWindowsIgnoreStride(AveragePool2D):
    """Windows start at i, j instead of i * stride, j * stride."""

    def forward(self, x):
        y = super().forward(x)
        return AveragePool2D(self.size, 1).forward(x)[:, :, : y.shape[2], : y.shape[3]]
