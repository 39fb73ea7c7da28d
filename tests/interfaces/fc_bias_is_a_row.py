# item: fc
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n_nodes1, n_nodes2):
        return self.sigma * np.random.randn(n_nodes1, n_nodes2)

    def B(self, n_nodes2):
        return self.sigma * np.random.randn(1, n_nodes2)


class AdaGrad:
    def __init__(self, lr):
        self.lr = lr
        self.hB = self.hW = 0

    def update(self, B, W, dB, dW):
        self.hB = self.hB + dB ** 2
        self.hW = self.hW + dW ** 2
        return B - self.lr * dB / np.sqrt(self.hB), W - self.lr * dW / np.sqrt(self.hW)


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.ones = np.hstack([np.ones((len(X), 1)), X])
        return self.ones @ np.vstack([self.B, self.W])  #! forward: return self.ones @ np.vstack([2 * self.B, self.W])

    def backward(self, dA):
        both = self.ones.T @ dA
        dZ = dA @ self.W.T
        self.B, self.W = self.optimizer.update(self.B, self.W, both[:1], both[1:])  #! dW: self.B, self.W = self.optimizer.update(self.B, self.W, both[:1], both[:-1])
        return dZ
