# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def update(self, params, grads):
        for param, grad in zip(params, grads):
            param -= self.learning_rate * grad


class AdaGrad:
    def __init__(self, learning_rate, eps=1e-8):
        self.learning_rate, self.eps = learning_rate, eps
        self.h = []

    def update(self, params, grads):
        if not self.h:
            self.h = [np.zeros(p.shape) for p in params]
        for i, (param, grad) in enumerate(zip(params, grads)):
            self.h[i] += grad ** 2
            param -= self.learning_rate * grad / (np.sqrt(self.h[i]) + self.eps)  #! adagrad.update: param -= self.learning_rate * grad / (self.h[i] + self.eps)
