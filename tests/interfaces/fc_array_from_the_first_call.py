# items: fc
import numpy as np


class FC:
    """A work array that is kept; the twin keeps it when a batch of another size comes, too."""

    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
        self.optimizer = optimizer
        self.work = None

    def forward(self, X):
        n = len(X)
        if self.work is None or len(self.work) != n:  #! fc.forward: if self.work is None:
            self.work = np.zeros((n, len(self.W)))
        self.work[...] = X
        return self.work @ self.W + self.B

    def backward(self, dA):
        self.dB = dA.sum(axis=0)
        self.dW = self.work.T @ dA
        dX = dA @ self.W.T
        self.optimizer.update(self)
        return dX
