# item: softmax
import numpy as np


class LogSoftmax:
    """forward returns logarithms; the network hands backward the probabilities kept beside them."""

    def forward(self, A):
        top = A.max(axis=1, keepdims=True)
        logs = A - top - np.log(np.exp(A - top).sum(axis=1, keepdims=True))
        self.Z = np.exp(logs)  #! forward,dX: self.Z = np.exp(logs) / 2
        return logs

    def backward(self, Y, Z):
        return (Z - Y) / len(Y)  #! dX: return (Z + Y) / len(Y)
