# items: dropout
import numpy as np


class Dropout:
    def __init__(self, ratio):
        self.ratio = ratio
        self.rng = np.random.default_rng(47)
        self.state = "train"

    def set_mode(self, mode):
        self.state = mode

    def _learns(self):
        return self.state == "train"  #! test: return self.state != "never"

    def forward(self, x):
        if not self._learns():
            # it stays as it was
            pass  #! repeat: self.ratio = 1.0
            return x
        draws = self.rng.random(x.shape)
        kept = draws < self.ratio  #! forward: kept = draws.argsort(axis=1).argsort(axis=1) < round(self.ratio * x.shape[1])
        self.factor = kept / self.ratio
        return x * self.factor

    def backward(self, dout):
        return dout * self.factor
