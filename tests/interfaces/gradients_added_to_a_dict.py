# item: fc
import numpy as np


class Affine:
    def __init__(self, n_in, n_out):
        self.W = 0.01 * np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, X):
        return X @ self.W + self.b

    def backward(self, X, dY, grads):
        grads["W"] += X.T @ dY  #! dW: grads["W"] += X.T @ dY ** 2
        grads["b"] += np.sum(dY, axis=0)  #! dB: grads["b"] += np.sum(dY)
        return dY @ self.W.T
