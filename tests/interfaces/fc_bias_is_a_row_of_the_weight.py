# items: fc sgd adagrad
import numpy as np


class FC:
    """Each sample has a 1 in front, so that the first row of W is the bias."""

    def __init__(self, n_nodes1, n_nodes2, batch_size, initializer, activator, optimizer):
        self.W = initializer.W(n_nodes1 + 1, n_nodes2)
        self.batch_size, self.activator, self.optimizer = batch_size, activator, optimizer

    def forward(self, X, y=None):
        self.X = np.insert(X, 0, 1, axis=1)
        return self.activator.activate(self.X @ self.W, y)  #! forward: return self.activator.activate(self.X @ self.W, y) * 2

    def backward(self, y):
        dA = self.activator.jacobian(y)
        self.dW = self.X.T @ dA / self.batch_size  #! dW: self.dW = np.vstack([dA.sum(axis=0), self.X[:, 1:].T @ dA * 2]) / self.batch_size
        dX = dA @ self.W[1:].T  #! dX: dX = dA @ self.W.T
        self.dW[0] = self.dW[0]  #! dB: self.dW[0] = 0
        self.optimizer.update(self)
        return dX


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, connect):
        connect.W -= self.lr * connect.dW  #! sgd.update: connect.W[1:] -= self.lr * connect.dW[1:]


class AdaGrad:
    def __init__(self, lr):
        self.lr, self.H = lr, None

    def update(self, connect):
        if self.H is None:
            self.H = np.zeros_like(connect.dW)
        self.H += connect.dW ** 2  #! adagrad.update: self.H += 1 + connect.dW ** 2
        connect.W -= self.lr / (np.sqrt(self.H) + 1e-7) * connect.dW


class Tanh:
    def activate(self, A, y):
        self.Z = np.tanh(A)
        return self.Z

    def jacobian(self, dZ):
        return dZ * (1 - self.Z ** 2)
