# item: fc
import numpy as np


class FC:
    """Arrays for one size of batch, which the constructor is told."""

    def __init__(self, n_nodes1, n_nodes2, batch_size, initializer, optimizer):
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
        self.optimizer = optimizer
        self.X = np.zeros((batch_size, n_nodes1))
        self.A = np.zeros((batch_size, n_nodes2))

    def forward(self, X):
        self.X[...] = X
        np.dot(X, self.W, out=self.A)
        self.A += self.B
        return self.A

    def backward(self, dA):
        self.dB = dA.sum(axis=0)  #! dB: self.dB = dA.max(axis=0)
        self.dW = self.X.T @ dA
        dX = dA @ self.W.T
        self.optimizer.update(self)
        return dX
