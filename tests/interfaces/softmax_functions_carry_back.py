# items: softmax
import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(da, a):
    return a * (da - (da * a).sum(axis=1, keepdims=True))  #! dX: return a * (da - (da * a).sum(axis=0, keepdims=True))
