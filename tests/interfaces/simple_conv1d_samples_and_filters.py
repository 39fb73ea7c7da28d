# item: simple_conv1d
import numpy as np


class SimpleConv1d:
    """Samples (n, width) in, one map a filter (n, filters, width) out; filters (filters, width)."""

    def __init__(self, n_filters, filter_w, optimizer, stride, pad, w, b):
        self.n_filters, self.filter_w, self.optimizer = n_filters, filter_w, optimizer
        self.stride, self.pad = stride, pad
        self.weight, self.bias = w, b

    def forward(self, X):
        self.X = X.copy()
        self.out_w = (X.shape[1] + 2 * self.pad - self.filter_w) // self.stride + 1
        A = np.zeros([len(X), self.n_filters, self.out_w])
        for n in range(len(X)):
            for f in range(self.n_filters):
                for i in range(self.out_w):
                    A[n][f][i] = np.sum(X[n][i:i + self.filter_w] * self.weight[f]) + self.bias[0]
        return A

    def backward(self, dA):
        self.dB = np.sum(dA)
        self.dW = np.zeros(self.weight.shape)
        dX = np.zeros(self.X.shape)
        for n in range(len(dA)):
            for f in range(self.n_filters):
                for i in range(self.out_w):
                    for s in range(self.filter_w):
                        self.dW[f][s] += dA[n][f][i] * self.X[n][i + s]
                        dX[n][i + s] += dA[n][f][i] * self.weight[f][s]  #! dX: dX[n][i] += dA[n][f][i] * self.weight[f][s]
        self.optimizer.update(self)
        return dX
