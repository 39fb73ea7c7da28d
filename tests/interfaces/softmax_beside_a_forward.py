# item: softmax
import numpy as np


class Activation:
    """forward and backward are for hidden layers; the last layer has methods of its own."""

    def __init__(self, how):
        self.how = how

    def forward(self, X):
        self.X = X
        return np.tanh(X) if self.how == 'tanh' else np.maximum(X, 0)

    def backward(self, dZ):
        return dZ * (1 - np.tanh(self.X) ** 2) if self.how == 'tanh' else dZ * (self.X > 0)

    def softmax_fw(self, X, y):
        E = np.exp(X - X.max(axis=1, keepdims=True))
        return E / E.sum(axis=1).reshape(-1, 1)  #! forward,dX: return E / E.sum()

    def softmax_bw(self, Z, y):
        return Z - y  #! dX: return Z + y

    def entropy(self, Z, y):
        return -np.mean(np.sum(y * np.log(Z), axis=1))


class Network:
    def __init__(self, how):
        self.how = how
        self.last = Activation(self.how)
