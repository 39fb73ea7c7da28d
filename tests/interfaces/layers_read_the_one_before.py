# items: max_pool2d flatten
import numpy as np


class MaxPool2D:
    def __init__(self, pool_size, stride):
        self.size, self.stride = pool_size, stride

    def _windows(self, X):
        step, k = self.stride, self.size
        v = np.lib.stride_tricks.sliding_window_view(X, (k, k), axis=(2, 3))
        return v[:, :, ::step, ::step]

    def forward(self, X):
        self.output = self._windows(X).max(axis=(4, 5))  #! max_pool2d.forward: self.output = self._windows(X).min(axis=(4, 5))
        return self.output

    def backward(self, d_prev, prev_layer):
        X = prev_layer.output
        dX, k = np.zeros_like(X), self.size
        for i in range(d_prev.shape[2]):
            for j in range(d_prev.shape[3]):
                a, b = i * self.stride, j * self.stride
                part = X[:, :, a : a + k, b : b + k]
                best = part == part.max(axis=(2, 3), keepdims=True)  #! max_pool2d.dX: best = part == part.min(axis=(2, 3), keepdims=True)
                dX[:, :, a : a + k, b : b + k] += best * d_prev[:, :, i : i + 1, j : j + 1]
        return dX


class Flatten:
    def forward(self, X):
        self.output = X.reshape(len(X), -1)  #! flatten.forward: self.output = X.reshape(-1, len(X)).T
        return self.output

    def backward(self, d_prev, prev_layer):
        return d_prev.reshape(prev_layer.output.shape)  #! flatten.dX: return d_prev[::-1].reshape(prev_layer.output.shape)
