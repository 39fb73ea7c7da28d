# items: fc
import numpy as np


def linear_forward(A, W, b):
    Z = np.dot(W, A) + b  #! forward: Z = np.dot(W, A) - b
    return Z, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m  #! dW: dW = np.dot(dZ, A_prev.T) / m ** 2
    db = np.sum(dZ, axis=1, keepdims=True) / m  #! dB: db = np.sum(dZ, keepdims=True) / m + b * 0
    return np.dot(W.T, dZ), dW, db  #! dX: return np.dot(W.T, dZ) / m, dW, db
