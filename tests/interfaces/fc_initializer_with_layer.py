# items: fc xavier_initializer he_initializer
import numpy as np


class XavierInitializer:
    def W(self, layer):
        self.sigma = 1 / np.sqrt(layer.n_nodes1)
        return self.sigma * np.random.randn(layer.n_nodes1, layer.n_nodes2)

    def B(self, layer):
        return self.sigma * np.random.randn(layer.n_nodes2)


class HeInitializer:
    def W(self, layer):
        self.sigma = np.sqrt(2 / layer.n_nodes1)  #! he_initializer.forward: self.sigma = np.sqrt(2 / layer.n_nodes2)
        return self.sigma * np.random.randn(layer.n_nodes1, layer.n_nodes2)

    def B(self, layer):
        return self.sigma * np.random.randn(layer.n_nodes2)


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.n_nodes1, self.n_nodes2 = n_nodes1, n_nodes2
        self.optimizer = optimizer
        self.W = initializer.W(self)
        self.B = initializer.B(self)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dA = dA
        self.dW = self.X.T @ dA
        self.dB = dA.sum(axis=0)
        dZ = dA @ self.W.T  #! fc.dX: dZ = self.X
        self.optimizer.update(self)
        return dZ
