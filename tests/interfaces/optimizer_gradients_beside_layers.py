# items: sgd adagrad
import numpy as np


class Learnable:
    def __init__(self, shape):
        self.W = np.random.randn(*shape)

    def update_params(self, change):
        self.W = self.W - change


class SGD:
    def __init__(self, alpha=0.01):
        self.alpha = alpha

    def step(self, grads, layers):
        for grad, layer in zip(grads, layers):
            layer.update_params(self.alpha * grad)  #! sgd.update: layer.update_params(self.alpha * abs(grad))


class AdaGrad:
    def __init__(self, alpha=0.01):
        self.alpha, self.h = alpha, []

    def step(self, grads, layers):
        if not self.h:
            self.h = [np.zeros_like(grad) for grad in grads]
        for i, (grad, layer) in enumerate(zip(grads, layers)):
            self.h[i] = self.h[i] + grad ** 2  #! adagrad.update: self.h[i] = self.h[i] + abs(grad)
            layer.update_params(self.alpha * grad / (np.sqrt(self.h[i]) + 1e-8))
