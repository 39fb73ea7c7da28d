# item: conv1d
import numpy as np


class Conv1d:
    """The filters as a matrix, (size * C, F): all channels of the first tap, then of the second."""

    def __init__(self, filter_size, n_in, n_out, initializer, optimizer):
        self.size = filter_size
        self.optimizer = optimizer
        self.W = initializer.W(filter_size * n_in, n_out)
        self.B = initializer.B(n_out)

    def windows(self, n):
        return np.arange(n - self.size + 1)[:, None] + np.arange(self.size)

    def forward(self, X):
        self.X = X
        rows = X.transpose(0, 2, 1)[:, self.windows(X.shape[2])]
        self.rows = rows.reshape(len(X), rows.shape[1], -1)
        return (self.rows @ self.W + self.B).transpose(0, 2, 1)

    def backward(self, dA):
        dA = dA.transpose(0, 2, 1)
        self.dB = dA.sum(axis=(0, 1))
        self.dW = np.tensordot(self.rows, dA, axes=((0, 1), (0, 1)))  #! dW: self.dW = np.tensordot(self.rows, dA[:, ::-1], axes=((0, 1), (0, 1)))
        taps = (dA @ self.W.T).reshape(len(dA), dA.shape[1], self.size, -1)
        dX = np.zeros((len(dA), self.X.shape[2], self.X.shape[1]))
        for tap in range(self.size):
            dX[:, tap:tap + dA.shape[1]] += taps[:, :, tap]  #! dX: dX[:, tap:tap + dA.shape[1]] = taps[:, :, tap]
        self.optimizer.update(self)
        return dX.transpose(0, 2, 1)
