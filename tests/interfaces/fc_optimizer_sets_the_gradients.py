# items: fc sgd
import numpy as np


class NormalInitializer:
    def __init__(self, sigma=0.05):
        self.sigma = sigma

    def W(self, rows, columns):
        return np.random.normal(0, self.sigma, (rows, columns))

    def B(self, columns):
        return np.random.normal(0, self.sigma, (1, columns))


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, layer):
        upstream = layer.upstream
        grad_b = upstream.sum(axis=0, keepdims=True)  #! fc.dB: grad_b = upstream.mean(axis=1).sum().reshape(1, 1)
        grad_w = layer.x.T @ upstream
        layer.dx = upstream @ layer.W.T  #! fc.dX: layer.dx = upstream @ layer.W.T / len(upstream) ** 2
        layer.B += -self.lr * grad_b  #! sgd.update: layer.B += self.lr * grad_b
        layer.W += -self.lr * grad_w
        return layer


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.B

    def backward(self, upstream):
        self.upstream = upstream
        self.dx = None  # what update is for
        self.optimizer.update(self)
        return self.dx
