# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, lr: float = 0.01) -> None:
        self.lr = lr

    def step(self, net) -> None:
        for param, grad in net.params_and_grads():
            param -= self.lr * grad  #! sgd.update: param -= grad


class AdaGrad:
    def __init__(self, lr: float = 0.01) -> None:
        self.lr = lr
        self.sums = {}

    def step(self, net) -> None:
        for number, (param, grad) in enumerate(net.params_and_grads()):
            if number not in self.sums:
                self.sums[number] = np.zeros_like(param)
            self.sums[number] += grad ** 2
            param -= self.lr * grad / np.sqrt(self.sums[number])  #! adagrad.update: param -= self.lr * grad / self.sums[number]
