# item: fc
import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)  #! dW: dw = x.reshape(x.shape[0], -1).T.dot(dout) / 2
    db = dout.sum(axis=0)
    return dx, dw, db
