# items: sgd adagrad
import numpy as np


def descend(params, grads, rate, size):
    for l in range(len(params) // 2):
        params["W" + str(l + 1)] = params["W" + str(l + 1)] - rate * grads["dW" + str(l + 1)]
        params["b" + str(l + 1)] = params["b" + str(l + 1)] - rate * grads["db" + str(l + 1)] / size
    return params


def sgd(params, grads, learning_rate):
    return descend(params, grads, learning_rate, 1)  #! sgd.update: return descend(params, grads, learning_rate, 2)


class AdaGrad:
    def __init__(self, lr):
        self.lr, self.h = lr, {}

    def _one(self, params, grads, key):
        self.h[key] = self.h.get(key, 0) + grads[key] ** 2  #! adagrad.update: self.h[key] = grads[key] ** 2
        params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)

    def update(self, params, grads):
        self._one(params, grads, "W")
        self._one(params, grads, "b")
