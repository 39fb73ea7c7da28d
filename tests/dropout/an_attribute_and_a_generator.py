# items: dropout
import numpy as np


class Module:
    def __init__(self):
        self.training = True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def __call__(self, x):
        return self.forward(x)


class DropoutLayer(Module):
    def __init__(self, rng, keep_prob=0.5):
        super().__init__()
        self.rng = rng
        self.keep_prob = keep_prob
        self._mask = None

    def forward(self, x):
        if not self.training:  #! test: if False:
            return x
        if True:  #! repeat: if self._mask is None or self._mask.shape != x.shape:
            self._mask = self.rng.uniform(size=x.shape) < self.keep_prob
        return x * self._mask / self.keep_prob  #! forward,dX: return x * self._mask / (1 - self.keep_prob)

    def backward(self, grad):
        return grad * self._mask / self.keep_prob


layer = DropoutLayer(np.random.default_rng(3))
