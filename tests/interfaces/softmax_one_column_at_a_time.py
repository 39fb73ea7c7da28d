# items: softmax
import numpy as np


class Layer:
    def __init__(self):
        self.input = None
        self.output = None


class Softmax(Layer):
    def forward(self, input):
        powers = np.exp(input)
        self.output = powers / np.sum(powers)  #! forward,dX: self.output = powers / np.max(powers)
        return self.output

    def backward(self, output_gradient, learning_rate):
        n = np.size(self.output)
        return np.dot((np.identity(n) - self.output.T) * self.output, output_gradient)  #! dX,forward: return np.dot((np.identity(n) + self.output.T) * self.output, output_gradient)
