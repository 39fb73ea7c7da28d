# item: softmax
import numpy as np


class Softmax:
    """クロスエントロピー誤差とセット"""
    def forward(self, A):
        expA = np.exp(A - np.max(A))
        return expA / np.sum(expA, axis=1, keepdims=True)

    def backward(self, Z, Y):
        batch = Y.shape[0]
        loss = -(Y * np.log(Z + 1e-8)).sum() / batch
        self.dA = (Z - Y) / batch  #! dX: self.dA = (Z - Y) / batch ** 2
        return loss, self.dA
