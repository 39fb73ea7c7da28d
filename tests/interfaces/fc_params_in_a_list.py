# items: fc sgd
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.params = [np.random.randn(n_in, n_out), np.random.randn(1, n_out)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, g):
        self.param_grads = [self.x.T @ g, g.sum(axis=0, keepdims=True)]  #! fc.dB: self.param_grads = [self.x.T @ g, g[:1]]
        return g @ self.params[0].T  #! fc.dX: return g @ self.params[0].T * 2


class NeuralNetwork:
    def __init__(self, layers, seed=1):
        self.layers = layers

    def params(self):
        for layer in self.layers:
            yield from layer.params

    def param_grads(self):
        for layer in self.layers:
            yield from layer.param_grads


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self):
        for (param, param_grad) in zip(self.net.params(), self.net.param_grads()):
            param -= self.lr * param_grad  #! sgd.update: param -= self.lr / 2 * param_grad
