# item: simple_conv1d
import numpy as np


class Gauss:
    def W(self, filter_info):
        n_filters, size = filter_info
        return 0.1 * np.random.randn(n_filters, size)

    def B(self, filter_info):
        n_filters, size = filter_info
        return np.zeros(n_filters)


class SimpleConv1d:
    def __init__(self, filter_info, initializer, optimizer):
        self.W, self.b = initializer.W(filter_info), initializer.B(filter_info)
        self.optimizer = optimizer

    def forward(self, X):
        self.X = X
        n_filters, size = self.W.shape
        n_out = X.shape[1] - size + 1
        self.cols = np.stack([X[:, i:i + n_out] for i in range(size)], axis=2)
        return (self.cols @ self.W.T + self.b).transpose(0, 2, 1)

    def backward(self, dA):
        n_filters, size = self.W.shape
        n_out = self.X.shape[1] - size + 1
        self.db = dA.sum(axis=(0, 2))  #! dB: self.db = dA.sum(axis=(0, 2)) / n_out
        self.dW = np.einsum('nos,nsf->of', dA, self.cols)
        dX = np.zeros(self.X.shape)
        for i in range(size):
            dX[:, i:i + n_out] += np.einsum('nos,o->ns', dA, self.W[:, i])
        self.optimizer.update(self)
        return dX
