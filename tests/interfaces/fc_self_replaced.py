# items: fc sgd
import copy

import numpy as np


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        new = copy.copy(layer)
        new.W = layer.W - self.lr * layer.grad_W.mean(axis=0)
        new.B = layer.B - self.lr * layer.grad_B.mean(axis=0)  #! sgd.update: new.B = layer.B - self.lr * layer.grad_B.sum()
        return new


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        # サンプルごとの勾配をそのまま保持する
        self.grad_W = self.X[:, :, None] * dA[:, None, :]
        self.grad_B = dA
        dX = dA @ self.W.T
        new = self.optimizer.update(self)
        self.W, self.B = new.W, new.B
        return dX


layer = FC(3, 2, type('Init', (), {'W': lambda s, a, b: np.random.randn(a, b), 'B': lambda s, b: np.zeros(b)})(), SGD(0.1))
