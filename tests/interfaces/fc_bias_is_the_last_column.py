# item: fc
import numpy as np


class Dense:
    """(out, in + 1) weights, that the layer makes itself; the last column is the bias."""

    def __init__(self, n_in, n_out, lr=0.1):
        self.w = np.random.randn(n_out, n_in + 1) * 0.01
        self.lr = lr

    def forward(self, x):
        self.x = np.hstack([x, np.ones((len(x), 1))])
        return self.x @ self.w.T

    def backward(self, dy):
        dx = dy @ self.w[:, :-1]  #! dX: dx = dy @ self.w[:, 1:]
        self.w -= self.lr * dy.T @ self.x  #! dB: self.w[:, :-1] -= self.lr * dy.T @ self.x[:, :-1]
        return dx
