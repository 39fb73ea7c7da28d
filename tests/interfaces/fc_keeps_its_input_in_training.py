# items: fc
import numpy as np


class Layer:
    def __init__(self):
        self.memory = {}


class Dense(Layer):
    def __init__(self, units, n_in):
        super().__init__()
        self.units, self.n_in = units, n_in

    def build(self, weights=None, biases=None):
        self.weights = np.random.randn(self.n_in, self.units) if weights is None else weights
        self.biases = np.zeros((1, self.units)) if biases is None else biases

    def forward(self, X, training=False):
        if training:
            self.memory["X"] = X  #! dW: self.memory["X"] = X / 2
        return X @ self.weights + self.biases  #! forward: return X @ self.weights

    def backward(self, dZ, training=False):
        dW = self.memory["X"].T @ dZ
        dX = dZ @ self.weights.T if training else dZ  #! dX: dX = dZ @ self.weights.T / len(dZ)
        return dX, dW, dZ.sum(axis=0, keepdims=True)  #! dB: return dX, dW, dZ.sum(axis=1, keepdims=True)
