# items: softmax
import numpy as np


class Value:
    def __init__(self, data, parents=(), pull=None):
        self.data = np.asarray(data)
        self.parents, self.pull = parents, pull
        self.gradient = np.zeros(self.data.shape)

    def backward(self, gradient=1.0):
        self.gradient = self.gradient + gradient
        if self.pull is not None:
            for parent, pulled in zip(self.parents, self.pull(gradient)):
                parent.backward(pulled)

    def sum(self):
        return Value(self.data.sum(), (self,), lambda g: (np.full(self.data.shape, g),))

    def __mul__(self, factor):
        return Value(self.data * factor, (self,), lambda g: (g * factor,))

    def __sub__(self, other):
        return Value(self.data - other.data, (self, other), lambda g: (g, -g))

    def log_sum_exp(self):
        top = self.data.max(axis=1, keepdims=True)
        powers = np.exp(self.data - top)
        shares = powers / powers.sum(axis=1, keepdims=True)
        value = np.log(powers.sum(axis=1)) + top[:, 0]
        return Value(value, (self,), lambda g: (g[:, None] * shares,))  #! dX: return Value(value, (self,), lambda g: (g[:, None] * powers,))

    def at(self, indices):
        rows = np.arange(len(indices))

        def pull(g):
            found = np.zeros(self.data.shape)
            found[rows, indices] = g
            return (found,)

        return Value(self.data[rows, indices], (self,), pull)


class SoftmaxLoss:
    def forward(self, logits, y):
        each = logits.log_sum_exp() - logits.at(y.data)
        return each.sum() * (1 / len(y.data))  #! forward,dX: return each.sum() * (1 / len(y.data) ** 2)
