# items: sigmoid tanh relu
import numpy as np


def sigmoid(x, derivative=False):
    if derivative:
        return sigmoid(x) * (1 - sigmoid(x))  #! sigmoid.dX: return sigmoid(x) * (1 + sigmoid(x))
    return 1 / (1 + np.exp(-x))


def tanh(x, derivative=False):
    if derivative:
        return 1 / np.cosh(x) ** 2
    return np.tanh(x)  #! tanh.forward: return np.tanh(x) / 2


def relu(x, derivative=False):
    if derivative:
        return np.heaviside(x, 0)  #! relu.dX: return np.heaviside(x - 1, 0)
    return np.maximum(0, x)


class ActivationLayer:
    def __init__(self, function):
        self.function = function

    def forward(self, x):
        self.x = x.copy()
        return self.function(x)

    def backward(self, dout):
        return dout * self.function(self.x, derivative=True)
