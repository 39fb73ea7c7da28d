# items: fc relu sigmoid
import numpy as np


class LayerDense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.1 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases  #! fc.forward: self.output = inputs @ self.weights - self.biases

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues  #! fc.dW: self.dweights = -self.inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T  #! fc.dX: self.dinputs = -dvalues @ self.weights.T


class ActivationReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0  #! relu.dX: self.dinputs[self.inputs <= 1] = 0


class ActivationSigmoid:
    def forward(self, inputs):
        self.output = 1 / (1 + np.exp(-inputs))

    def backward(self, dvalues):
        self.dinputs = dvalues * (1 - self.output) * self.output  #! sigmoid.dX: self.dinputs = dvalues * (1 + self.output) * self.output


dense, relu = LayerDense(2, 3), ActivationReLU()
dense.forward(np.ones((4, 2)))
relu.forward(dense.output)
