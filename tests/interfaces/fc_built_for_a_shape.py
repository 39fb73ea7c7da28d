# items: fc
import numpy as np


class Dense:
    def __init__(self, units):
        self.units = units
        self.built = False

    def build(self, input_shape):
        self.kernel = np.random.normal(0, 0.05, (input_shape[-1], self.units))
        self.bias = np.zeros(self.units)
        self.built = True

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.kernel + self.bias

    def backward(self, grad):
        self.grads = [self.inputs.T @ grad, grad.sum(0)]  #! dB: self.grads = [self.inputs.T @ grad, grad]
        return grad @ self.kernel.T  #! dX: return grad @ np.abs(self.kernel).T


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def compile(self, n_features):
        for layer in self.layers:
            layer.build((None, n_features))
            n_features = layer.units
