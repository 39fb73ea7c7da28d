# items: relu sigmoid
import numpy as np


class ReluLayer:
    def __init__(self, prev_neurons):
        self.prev_neurons = prev_neurons

    def forward(self, X, training=False):
        assert X.shape[0] == self.prev_neurons
        if training:
            self.X = X
        return np.maximum(0, X)

    def backward(self, dL_prev):
        return dL_prev * (self.X > 0)  #! relu.dX: return dL_prev * self.X


class Sigmoid:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        assert x.shape[1] == self.size
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dy):
        return dy * self.y * (1 - self.y)  #! sigmoid.dX: return dy * self.y
