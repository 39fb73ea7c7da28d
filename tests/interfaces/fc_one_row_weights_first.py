# items: fc
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_out, n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return np.dot(self.W, x) + self.b  #! forward: return np.dot(self.W, x) - self.b

    def backward(self, grad):
        self.dW = np.outer(grad, self.x)  #! dW: self.dW = np.outer(grad * grad, self.x)
        self.db = grad  #! dB: self.db = grad * grad
        return self.W.T @ grad  #! dX: return self.W.T @ grad * 2


def train(layers, X, Y, lr):
    for i in np.random.permutation(len(X)):
        out = X[i]
        for layer in layers:
            out = layer.forward(out)
        grad = out - Y[i]
        for layer in layers[::-1]:
            grad = layer.backward(grad)
            layer.W -= lr * layer.dW
            layer.b -= lr * layer.db
