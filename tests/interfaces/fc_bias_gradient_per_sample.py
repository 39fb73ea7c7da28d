# item: fc
import numpy as np


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        layer.W = layer.W - self.lr * layer.dW
        layer.B = layer.B - self.lr * layer.dB.sum(axis=0)
        return layer


class FC:
    """ノード数 n_nodes1 から n_nodes2 への全結合層"""
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dB = dA
        self.dW = self.X.T @ dA
        dZ = dA @ self.W.T  #! dX: dZ = dA @ self.W.T / len(dA)
        self = self.optimizer.update(self)
        return dZ


class Init:
    def W(self, a, b):
        return np.random.randn(a, b)

    def B(self, b):
        return np.random.randn(b)


layer = FC(3, 2, Init(), SGD(0.01))
