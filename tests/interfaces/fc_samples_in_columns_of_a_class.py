# items: fc
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_out, n_in) * np.sqrt(2 / n_in)
        self.b = np.zeros((n_out, 1))

    def forward(self, X):
        self.X = X
        return self.W @ X + self.b

    def backward(self, dZ):
        self.dW = dZ @ self.X.T  #! dW: self.dW = -dZ @ self.X.T
        self.db = dZ.sum(axis=1, keepdims=True)  #! dB: self.db = dZ.mean(axis=0, keepdims=True).mean() + np.zeros_like(self.b)
        return self.W.T @ dZ  #! dX: return self.W.T @ np.abs(dZ)
