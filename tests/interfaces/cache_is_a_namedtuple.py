# items: fc relu
from collections import namedtuple

import numpy as np

Cache = namedtuple("Cache", ["x", "w"])
Grads = namedtuple("Grads", "dx dw db")


def affine_forward(x, w, b):
    return x @ w + b, Cache(x, w)


def affine_backward(dout, cache):
    return Grads(dout @ cache.w.T, cache.x.T @ dout, dout.sum(axis=0))  #! dB: return Grads(dout @ cache.w.T, cache.x.T @ dout, dout[0])


class ReLU:
    def forward(self, x):
        self.cache = Cache(x, None)
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.cache.x > 0)  #! relu.dX: return dout * self.cache.x
