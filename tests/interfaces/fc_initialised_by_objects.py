# items: fc
import numpy as np


class FullyConnected:
    def __init__(self, input_size, output_size):
        self.input_size, self.output_size = input_size, output_size
        self.weights = np.random.uniform(0, 1, (input_size + 1, output_size))
        self.optimizer = None

    def initialize(self, weights_initializer, bias_initializer):
        weights = weights_initializer.initialize((self.input_size, self.output_size))
        self.weights = np.vstack([weights, bias_initializer.initialize((1, self.output_size))])

    def forward(self, input_tensor):
        self.input_tensor = np.hstack((input_tensor, np.ones((len(input_tensor), 1))))
        return np.dot(self.input_tensor, self.weights)

    def backward(self, error_tensor):
        self.gradient_weights = np.dot(self.input_tensor.T, error_tensor)  #! dW,dB: self.gradient_weights = np.dot(self.input_tensor.T, error_tensor**2)
        return np.dot(error_tensor, self.weights[:-1].T)  #! dX: return np.dot(error_tensor, self.weights[1:].T)
