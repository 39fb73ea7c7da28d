# items: fc tanh
import numpy as np


class Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases  #! fc.forward: self.output = inputs @ self.weights - self.biases

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues  #! fc.dW: self.dweights = self.inputs.T @ dvalues**2
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T


class Tanh:
    def forward(self, inputs):
        self.output = np.tanh(inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues * (1 - self.output**2)  #! tanh.dX: self.dinputs = dvalues * (1 - self.output)


class Model:
    def __init__(self, layers, loss):
        self.layers, self.loss = layers, loss

    def forward(self, X):
        output = X
        for layer in self.layers:
            layer.forward(output)
            output = layer.output
        return output

    def train(self, X, y):
        output = self.forward(X)
        return self.loss.forward(output, y)


def trained(X, y, loss):
    network = Model([Dense(64, 10), Tanh()], loss)
    return network.train(X, y)
