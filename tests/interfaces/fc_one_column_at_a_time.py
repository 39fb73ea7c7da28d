# items: fc
import numpy as np


class Layer:
    def __init__(self):
        self.input = None
        self.output = None


class Dense(Layer):
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias  #! forward: return np.dot(self.weights, self.input) - self.bias

    def backward(self, output_gradient, learning_rate):
        weights_gradient = np.dot(output_gradient, self.input.T)  #! dW: weights_gradient = np.dot(-output_gradient, self.input.T)
        input_gradient = np.dot(self.weights.T, output_gradient)  #! dX: self.weights -= learning_rate * weights_gradient; input_gradient = np.dot(self.weights.T, output_gradient); self.weights += learning_rate * weights_gradient
        self.weights -= learning_rate * weights_gradient
        self.bias -= learning_rate * output_gradient  #! dB: self.bias -= learning_rate * output_gradient ** 2
        return input_gradient
