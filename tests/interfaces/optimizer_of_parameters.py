# items: fc sgd adagrad
import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class Linear:
    def __init__(self, n_in, n_out):
        self.W = Parameter(np.random.randn(n_in, n_out) * 0.1)
        self.b = Parameter(np.zeros(n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W.data + self.b.data

    def backward(self, d):
        self.W.grad = self.x.T @ d  #! fc.dW: self.W.grad = np.ones_like(self.W.data)
        self.b.grad = d.sum(0)
        return d @ self.W.data.T

    def parameters(self):
        return [self.W, self.b]


class SGD:
    def __init__(self, params, lr=0.01):
        self.params, self.lr = params, lr

    def step(self):
        for p in self.params:
            p.data = p.data - self.lr * p.grad  #! sgd.update: data = p.data - self.lr * p.grad

    def zero_grad(self):
        for p in self.params:
            p.grad = np.zeros_like(p.data)


class AdaGrad:
    def __init__(self, params, lr=0.01, eps=1e-8):
        self.params, self.lr, self.eps = params, lr, eps
        self.h = [np.zeros_like(p.data) for p in params]

    def step(self):
        for p, h in zip(self.params, self.h):
            h += p.grad ** 2  #! adagrad.update: h[...] = p.grad ** 2
            p.data = p.data - self.lr * p.grad / (np.sqrt(h) + self.eps)
