# item: fc
import numpy as np


class ReLU:
    def __call__(self, x):
        return np.maximum(x, 0)

    def derivative(self, x):
        return (x > 0) * 1.0


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer, act_func):
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)
        self.optimizer, self.f = optimizer, act_func

    def forward(self, X):
        self.X, self.A = X, X @ self.W + self.B
        return self.f(self.A)

    def backward(self, dZ):
        dA = dZ * self.f.derivative(self.A)
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        dX = dA @ self.W.T  #! dX: dX = dZ @ self.W.T * 2
        self.optimizer.update(self)
        return dX


def network(init, opt):
    return [FC(4, 3, init, opt, ReLU()), FC(3, 2, init, opt, ReLU())]
