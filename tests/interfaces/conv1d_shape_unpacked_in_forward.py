# items: conv1d conv1d_padding conv1d_stride conv1d_batch
import numpy as np


class Conv1D:
    def __init__(self, filter_size, n_padding, n_stride, initializer, optimizer):
        self.F, self.P, self.S = filter_size, n_padding, n_stride
        self.initializer, self.optimizer, self.W = initializer, optimizer, None

    def forward(self, X, y=None):
        N, C, _ = X.shape
        M, C, F = self.F
        if self.W is None:
            self.W = self.initializer.param(M, C, F)
            self.B = self.initializer.param(M, 1, 1).reshape(1, M)
        X = np.pad(X, ((0, 0), (0, 0), (self.P, self.P)))
        n_out = (X.shape[2] - F) // self.S + 1
        self.X, self.sizes = X, (N, C, M, F, n_out)
        parts = [X[:, :, i * self.S:i * self.S + F].reshape(N, -1) for i in range(n_out)]
        A = np.stack([p @ self.W.reshape(M, -1).T + self.B for p in parts], axis=2)
        return A.reshape(N, -1)

    def backward(self, dZ):
        N, C, M, F, n_out = self.sizes
        dA = dZ.reshape(N, M, n_out)
        self.dB = dA.sum(axis=(0, 2)).reshape(1, M)
        self.dW, dX = np.zeros(self.W.shape), np.zeros(self.X.shape)
        for i in range(n_out):
            part = slice(i * self.S, i * self.S + F)
            self.dW += np.einsum('no,ncf->ocf', dA[:, :, i], self.X[:, :, part])  #! dW: self.dW = np.einsum('no,ncf->ocf', dA[:, :, i], self.X[:, :, part])
            dX[:, :, part] += np.einsum('no,ocf->ncf', dA[:, :, i], self.W)
        self.optimizer.update(self)
        return dX[:, :, self.P:dX.shape[2] - self.P]


class HeInitializer:
    def __init__(self, n):
        self.sigma = np.sqrt(2 / n)

    def param(self, a, b, c):
        return self.sigma * np.random.randn(a, b, c)
