# items: fc adagrad
import numpy as np


class AdaGrad:
    def __init__(self, lr):
        self.lr = lr
        self.eps = 1e-8

    def update(self, layer):
        layer.h_w = layer.h_w + layer.grad_w * layer.grad_w
        layer.h_b = layer.h_b + layer.grad_b * layer.grad_b
        layer.w -= self.lr * layer.grad_w / np.sqrt(layer.h_w + self.eps)
        layer.b -= self.lr * layer.grad_b / np.sqrt(layer.h_b + self.eps)  #! adagrad.update: layer.b -= self.lr * layer.grad_b


class FullyConnected:
    def __init__(self, n1, n2, initializer, optimizer):
        self.w = initializer.W(n1, n2)
        self.b = initializer.B(n2)
        self.h_w = np.zeros((n1, n2))
        self.h_b = np.zeros(n2)
        self.optimizer = optimizer

    def forward(self, x):
        self.x = x
        return np.matmul(x, self.w) + self.b

    def backward(self, delta):
        self.grad_w = np.matmul(self.x.T, delta)
        self.grad_b = np.sum(delta, axis=0)
        out = np.matmul(delta, self.w.T)
        self.optimizer.update(self)
        return out
