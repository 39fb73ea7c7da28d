# items: sigmoid softmax adagrad
import numpy as np


class Sigmiod:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, d):
        return d * self.y * (1 - self.y)  #! sigmoid.dX: return d * self.y * (1 + self.y)


class Sofmax:
    def forward(self, A):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        self.Z = e / e.sum(axis=1, keepdims=True)
        return self.Z

    def backward(self, Z, Y):
        loss = -np.sum(Y * np.log(Z)) / len(Z)
        return (Z - Y) / len(Z), loss  #! softmax.dX: return (Y - Z) / len(Z), loss


class AddGrad:
    def __init__(self, lr):
        self.lr, self.h = lr, {}

    def update(self, params, grads):
        for key in params:
            self.h[key] = self.h.get(key, 0) + grads[key] ** 2  #! adagrad.update: self.h[key] = self.h.get(key, 0) + grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)
