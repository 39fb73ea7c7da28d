# items: fc tanh
import numpy as np


def dense_forward(x, w, b):
    return x @ w + b, (x, w)


def dense_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)  #! fc.dB: return dout @ w.T, x.T @ dout, dout.sum()


def tanh(x):
    return np.tanh(x)


def dtanh(dout, x):
    return dout * (1 - np.tanh(x) ** 2)  #! tanh.dX: return dout * (1 - np.tanh(x))
