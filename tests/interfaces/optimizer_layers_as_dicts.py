# items: sgd adagrad
import numpy as np


def sgd_step(params, grads, lr):
    for layer, g in zip(params, grads):
        layer["W"] -= lr * g["dW"]  #! sgd.update: layer["W"] += lr * g["dW"]
        layer["b"] -= lr * g["db"]


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def step(self, params, grads):
        if self.h is None:
            self.h = [{k: np.zeros_like(v) for k, v in p.items()} for p in params]
        for p, g, h in zip(params, grads, self.h):
            for key in p:
                h[key] += g[key] ** 2  #! adagrad.update: h[key] = g[key] ** 2
                p[key] -= self.lr * g[key] / (np.sqrt(h[key]) + 1e-7)
