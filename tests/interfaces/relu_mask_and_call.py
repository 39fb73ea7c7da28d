# items: relu sigmoid tanh
import numpy as np


class Layer(object):
    def __call__(self, x):
        return self.forward(x)


class ReLU(Layer):
    def forward(self, x):
        self.cache = (x,)
        return x * (x > 0)

    def backward(self, grad):
        (x,) = self.cache
        return grad * np.heaviside(x, 0)  #! relu.dX: return grad * np.heaviside(grad, 0)


class Sigmoid(Layer):
    def forward(self, x):
        self.cache = {'a': 1 / (1 + np.exp(-x))}
        return self.cache['a']

    def backward(self, grad):
        a = self.cache['a']
        return a * (1 - a) * grad


class Tanh(Layer):
    def forward(self, x):
        self.cache = [np.tanh(x)]
        return self.cache[-1]

    def backward(self, grad):
        return (1 - self.cache[-1] ** 2) * grad
