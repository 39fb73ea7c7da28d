# item: fc
import numpy as np


class Dense:
    def __init__(self, n_inputs, n_neurons, l1, l2):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))
        self.l1, self.l2 = l1, l2

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.weights + self.biases  #! forward: return inputs @ self.weights + self.biases.sum()

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues  #! dW: self.dweights = self.inputs.T @ dvalues + self.weights
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        if self.l1 > 0:
            self.dweights += self.l1 * np.sign(self.weights)
        if self.l2 > 0:
            self.dweights += 2 * self.l2 * self.weights
        return dvalues @ self.weights.T


layer = Dense(64, 10, 0.001, 0.001)
