# item: fc
import numpy as np


class Dense:
    def __init__(self, label, channels_in, channels_out):
        self.label = label + "/dense"
        self.weights = np.random.rand(channels_out, channels_in)
        self.biases = np.zeros(channels_out)

    def __call__(self, x):
        self.x = x
        return x @ self.weights.T + self.biases

    def backward(self, g):
        self.weight_gradient = g.T @ self.x  #! dW: self.weight_gradient = g.T @ abs(self.x)
        self.bias_gradient = g.sum(axis=0)
        return g @ self.weights
