# items: dropout
import numpy as np


class Dropout:
    def __init__(self, p):
        self.p = p
        self._on = True

    def train(self):
        self._on = True

    def eval(self):
        self._on = False  #! test: self._on = True

    def forward(self, x):
        if not self._on:
            return x
        self.mask = np.random.rand(*x.shape) >= self.p
        return x * self.mask / (1 - self.p)

    def backward(self, dout):
        return dout * self.mask / (1 - self.p)
