# item: conv2d
import numpy as np


class Conv2D:
    """filter_size: (out, in, height, width); n_padding, n_stride: (down, across)."""

    def __init__(self, filter_size, n_padding, n_stride, initializer, optimizer):
        self.F, self.P, self.S = filter_size, n_padding, n_stride
        self.W = initializer.param(*filter_size)
        self.B = initializer.param(filter_size[0], 1, 1, 1).reshape(1, -1)
        self.optimizer = optimizer

    def windows(self, X, P):
        _, _, h, w = self.F
        down, across = self.S
        top, left = P
        self.X = np.pad(X, ((0, 0), (0, 0), (top, top), (left, left)))
        rows, columns = (self.X.shape[2] - h) // down + 1, (self.X.shape[3] - w) // across + 1
        for i in range(rows):
            for j in range(columns):
                yield i, j, (slice(None), slice(None), slice(i * down, i * down + h), slice(j * across, j * across + w))

    def forward(self, X):
        places = list(self.windows(X, np.array(self.P)))
        found = [(i, j, np.einsum('nchw,ochw->no', self.X[at], self.W)) for i, j, at in places]
        A = np.zeros((len(X), len(self.W), found[-1][0] + 1, found[-1][1] + 1))
        for i, j, a in found:
            A[:, :, i, j] = a + self.B
        self.given = X
        return A

    def backward(self, dA):
        self.dW, self.dB = np.zeros(self.W.shape), dA.sum(axis=(0, 2, 3)).reshape(1, -1)
        places = list(self.windows(self.given, np.array(self.P)))
        dX = np.zeros(self.X.shape)
        for i, j, at in places:
            self.dW += np.einsum('no,nchw->ochw', dA[:, :, i, j], self.X[at])
            dX[at] += np.einsum('no,ochw->nchw', dA[:, :, i, j], self.W)  #! dX: dX[at] = np.einsum('no,ochw->nchw', dA[:, :, i, j], self.W)
        top, left = self.P
        self.optimizer.update(self)
        return dX[:, :, top:dX.shape[2] - top, left:dX.shape[3] - left]
