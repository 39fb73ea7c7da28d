# item: fc
from types import SimpleNamespace

import numpy as np


class Param:
    def __init__(self, value):
        self.data = value
        self.grad = np.zeros_like(value)


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        self.weight = Param(np.random.randn(in_features, out_features) / np.sqrt(in_features))
        self.bias = Param(np.zeros(out_features))
        self.saved = SimpleNamespace(x=None)

    def parameters(self):
        return [self.weight, self.bias]

    def forward(self, x):
        self.saved.x = x
        return x @ self.weight.data + self.bias.data

    def backward(self, dy):
        self.weight.grad = self.saved.x.T @ dy
        self.bias.grad = dy.sum(axis=0)  #! dB: self.bias.grad = dy.mean() * np.ones(dy.shape[1])
        return dy @ self.weight.data.T
