# item: fc
import numpy as np


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        layer.W -= self.lr * layer.X.T @ layer.dA / len(layer.dA)
        layer.B -= self.lr * layer.dA.mean(axis=0)
        return layer


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.n_nodes1, self.n_nodes2 = n_nodes1, n_nodes2
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)
        self.optimizer = optimizer

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dA = dA
        W = self.W.copy()  #! dX: W = self.W
        self = self.optimizer.update(self)
        return dA @ W.T
