# items: sigmoid tanh
import numpy as np


class Sigmoid:
    def __call__(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def gradient(self, dout):
        return self.out * (1 - self.out) * dout  #! sigmoid.dX: return self.out * (1 - self.out)


class Tanh:
    def fwd(self, x):
        self.out = np.tanh(x)
        return self.out

    def bwd(self, dout):
        return dout * (1 - self.out * self.out)
