# items: fc
import numpy as np


class FCLayer:
    def __init__(self, input_size, output_size):
        self.weights = np.random.rand(input_size, output_size) - 0.5
        self.bias = np.random.rand(1, output_size) - 0.5

    def forward_propagation(self, input_data):
        self.input = input_data
        self.output = np.dot(self.input, self.weights) + self.bias  #! forward: self.output = np.dot(self.input, self.weights) - self.bias
        return self.output

    def backward_propagation(self, output_error, learning_rate):
        input_error = np.dot(output_error, self.weights.T)
        weights_error = np.dot(self.input.T, output_error)  #! dW: weights_error = np.dot(self.input.T, output_error) ** 2
        self.weights -= learning_rate * weights_error
        self.bias -= learning_rate * output_error  #! dB: self.bias -= learning_rate * output_error ** 2
        return input_error


class Network:
    def __init__(self, layers):
        self.layers = layers

    def fit(self, x_train, y_train, rate):
        for j in range(len(x_train)):
            output = x_train[j]  #! dX,dB: output = x_train[j : j + 4]
            for layer in self.layers:
                output = layer.forward_propagation(output)
            error = output - y_train[j]
            for layer in reversed(self.layers):
                error = layer.backward_propagation(error, rate)
