# items: adagrad fc
import numpy as np


class AdaGrad:
    def __init__(self, lr=0.01, ε=1e-7):
        self.lr, self.ε = lr, ε

    def update(self, layer):
        for name, grad in (('W', layer.dW), ('B', layer.dB)):
            key = 'h' + name
            if not hasattr(layer, key):
                setattr(layer, key, np.zeros_like(grad))
            getattr(layer, key).__iadd__(grad ** 2)
            step = self.lr * grad / (np.sqrt(getattr(layer, key)) + self.ε)  #! adagrad.update: step = self.lr * grad / (np.sqrt(getattr(layer, key)) + 1)
            setattr(layer, name, getattr(layer, name) - step)


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        dX = dA @ self.W.T
        self.optimizer.update(self)
        return dX
