# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, grad):
        return -self.lr * grad  #! sgd.update: return self.lr * grad * grad


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = 0

    def get_update(self, grad):
        self.h = self.h + grad**2  #! adagrad.update: self.h = grad**2
        return -self.lr * grad / (np.sqrt(self.h) + 1e-7)
