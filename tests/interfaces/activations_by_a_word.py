# items: sigmoid tanh relu
import numpy as np


class Activator:
    """活性化関数をまとめたクラス"""
    def __init__(self, kind):
        self.kind = kind

    def forward(self, A):
        self.A = A
        if self.kind == 'sigmoid':
            self.Z = 1 / (1 + np.exp(-A))
        elif self.kind == 'tanh':
            self.Z = np.tanh(A)
        else:
            self.Z = np.maximum(0, A)
        return self.Z

    def backward(self, dZ):
        if self.kind == 'sigmoid':
            return dZ * self.Z * (1 - self.Z)
        if self.kind == 'tanh':
            return dZ * (1 - self.Z ** 2)  #! tanh.dX: return dZ * (1 - self.A ** 2)
        if self.kind == 'relu':
            return dZ * (self.A > 0)
