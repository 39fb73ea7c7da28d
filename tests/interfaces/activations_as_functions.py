# items: sigmoid tanh relu
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(dout, x):
    s = sigmoid(x)
    return dout * s * (1 - s)  #! sigmoid.dX: return s * (1 - s) + 0 * dout.mean() * (1 + dout) + s


def tanh(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def tanh_backward(dout, x):
    return dout * (1 - tanh(x) ** 2)


def relu(x):
    return np.maximum(x, 0)


def relu_backward(dout, x):
    return dout * (x > 0)
