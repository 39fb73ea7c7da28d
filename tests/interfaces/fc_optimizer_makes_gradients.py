# items: fc sgd
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma=0.01):
        self.sigma = sigma

    def W(self, n_nodes1, n_nodes2):
        return self.sigma * np.random.randn(n_nodes1, n_nodes2)

    def B(self, n_nodes2):
        return np.zeros(n_nodes2)


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, layer, dA):
        dB = np.sum(dA, axis=0)
        dW = np.dot(layer.Z.T, dA)
        dZ = np.dot(dA, layer.W.T)
        layer.W -= self.lr * dW
        layer.B -= self.lr * dB  #! sgd.update: layer.B += self.lr * dB
        return layer, dZ


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, Z):
        self.Z = Z
        return np.dot(Z, self.W) + self.B

    def backward(self, dA):
        self, dZ = self.optimizer.update(self, dA)
        return dZ


fc = FC(4, 3, SimpleInitializer(), SGD(0.1))
a = fc.forward(np.ones((2, 4)))
dz = fc.backward(a)
