# items: sgd adagrad
import numpy as np


class Tensor:
    def __init__(self, data, requires_grad=False):
        self.data = np.asarray(data, dtype=float)
        self.requires_grad = requires_grad
        self.grad = None


class Parameter(Tensor):
    def __init__(self, data):
        super().__init__(data, requires_grad=True)


class SGD:
    def __init__(self, params, lr=0.01, weight_decay=0.0):
        self.params = [p for p in params if isinstance(p, Parameter)]
        self.lr, self.weight_decay = lr, weight_decay

    def step(self):
        for p in self.params:
            p.data -= self.lr * (p.grad + self.weight_decay * p.data)  #! sgd.update: p.data += self.lr * (p.grad + self.weight_decay * p.data)


class AdaGrad:
    def __init__(self, params, lr=0.01):
        self.params = [p for p in params if isinstance(p, Parameter)]
        self.lr = lr
        self.h = [np.zeros_like(p.data) for p in self.params]

    def step(self):
        for p, h in zip(self.params, self.h):
            h += p.grad**2  #! adagrad.update: h[...] = p.grad**2
            p.data -= self.lr * p.grad / (np.sqrt(h) + 1e-8)
