# items: fc sigmoid
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.weights = np.random.randn(n_in, n_out)
        self.bias = np.random.randn(n_out)

    def forward(self, x):
        self.x = x
        return np.dot(x, self.weights) + self.bias  #! forward: return np.dot(x, self.weights) - self.bias

    def backward(self, grad, lr):
        dW = np.outer(self.x, grad)  #! dW: dW = np.outer(self.x, grad * grad)
        dx = self.weights @ grad  #! dX: dx = self.weights @ grad * 2
        self.weights -= lr * dW
        self.bias -= lr * grad  #! dB: self.bias -= lr * grad ** 2
        return dx


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, grad, lr):
        return grad * self.y * (1 - self.y)  #! sigmoid.dX: return grad * self.y


def train(layers, X, Y, lr):
    for x, y in zip(X, Y):
        for layer in layers:
            x = layer.forward(x)
        grad = x - y
        for layer in layers[::-1]:
            grad = layer.backward(grad, lr)
