# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def delta(self, weight, grad):
        return self.lr * grad


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def get_updates(self, grads):
        if self.h is None:
            self.h = [np.zeros_like(g) for g in grads]
        for h, g in zip(self.h, grads):
            h += g**2  #! adagrad.update: h += np.abs(g)
        return [-self.lr * g / (np.sqrt(h) + 1e-7) for g, h in zip(grads, self.h)]


def train(layers, opt, ada, params, grads):
    for layer in layers:
        for weight, grad in layer.pairs():
            weight -= opt.delta(weight, grad)  #! sgd.update: weight[...] = opt.delta(weight, grad)
    for p, change in zip(params, ada.get_updates(grads)):
        p += change
