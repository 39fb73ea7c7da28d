# items: fc relu softmax
import numpy as np


class FC:
    def __init__(self, n_in, n_out, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_in, n_out), initializer.B(n_out)

    def run(self, x):
        self.x = x
        return x @ self.W + self.B

    def run_back(self, g):
        before = g @ self.W.T
        self.dW = self.x.T @ g  #! fc.dW: self.dW = self.x.T @ g * 2
        self.dB = g.sum(axis=0)
        self.optimizer.update(self)
        return before


class Relu:
    def apply(self, x):
        self.on = x > 0
        return np.where(self.on, x, 0)

    def apply_grad(self, g):
        return np.where(self.on, g, 0)  #! relu.dX: return np.where(self.on, 0, g)


class Softmax:
    def compute(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.t = e / e.sum(axis=1, keepdims=True), t
        return self.p

    def compute_grad(self):
        return (self.p - self.t) / len(self.t)  #! softmax.dX: return (self.t - self.p) / len(self.t)
