# item: fc
import numpy as np


class FC:
    def __init__(self, n_nodes1, n_nodes2, init='he', optimizer='sgd', lr=0.01):
        scale = {'xavier': 1.0, 'he': 2.0}[init]
        self.W = np.random.randn(n_nodes1, n_nodes2) * np.sqrt(scale / n_nodes1)
        self.B = np.zeros(n_nodes2)
        self.optimizer, self.lr = optimizer, lr
        self.HW = self.HB = 0

    def forward(self, X, train=True):
        if train:
            self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        dW, dB, dX = self.X.T @ dA, dA.sum(0), dA @ self.W.T
        if self.optimizer == 'sgd':
            self.W = self.W - self.lr * dW
            self.B = self.B - self.lr * dB
        else:
            self.HW, self.HB = self.HW + dW ** 2, self.HB + dB ** 2
            self.W = self.W - self.lr * dW / np.sqrt(self.HW + 1e-8)
            self.B = self.B - self.lr * dB / np.sqrt(self.HB + 1e-8)
        return dX  #! dX: return dX * (self.X > 0)
