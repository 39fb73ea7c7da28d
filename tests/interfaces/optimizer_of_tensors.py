# items: sgd adagrad
import numpy as np


class Tensor:
    def __init__(self, data, requires_grad=True):
        self.data = np.asarray(data)
        self.grad = None
        self.requires_grad = requires_grad

    def detach(self):
        return Tensor(self.data, requires_grad=False)


class Parameter(Tensor):
    """One that is learnt."""


class Optimizer:
    def __init__(self, params):
        self.params = params

    def step(self):
        raise NotImplementedError()

    def reset_grad(self):
        for p in self.params:
            p.grad = None


class SGD(Optimizer):
    def __init__(self, params, lr=0.01, weight_decay=0.0):
        super().__init__(params)
        self.lr = lr
        self.weight_decay = weight_decay

    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            g = p.grad.data + self.weight_decay * p.data
            p.data = p.data - self.lr * g  #! sgd.update: p.detach().data = p.data - self.lr * g


class AdaGrad(Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params)
        self.lr = lr
        self.h = {}

    def step(self):
        for i, p in enumerate(self.params):
            self.h[i] = self.h.get(i, 0) + p.grad.data ** 2
            p.data = p.data - self.lr * p.grad.data / (np.sqrt(self.h[i]) + 1e-8)  #! adagrad.update: p.data = p.data - self.lr * p.grad.data / (np.sqrt(9 * self.h[i]) + 1e-8)
