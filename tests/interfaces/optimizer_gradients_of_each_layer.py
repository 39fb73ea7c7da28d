# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, layers, grads):
        for layer, (dW, db) in zip(layers, grads):
            layer.W -= self.lr * dW
            layer.b -= self.lr * db  #! sgd.update: layer.b -= self.lr * db.sum()


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None

    def update(self, layers, grads):
        if self.h is None:
            self.h = [{"dW": 0.0, "db": 0.0} for _ in layers]
        for i, layer in enumerate(layers):
            for key in ("dW", "db"):
                self.h[i][key] = self.h[i][key] + grads[i][key] ** 2
            layer.W -= self.lr * grads[i]["dW"] / (np.sqrt(self.h[i]["dW"]) + 1e-8)
            layer.b -= self.lr * grads[i]["db"] / (np.sqrt(self.h[i]["db"]) + 1e-8)  #! adagrad.update: layer.b -= self.lr * grads[i]["db"] / (np.sqrt(self.h[0]["db"]) + 1e-8)
