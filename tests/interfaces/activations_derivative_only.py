# items: sigmoid tanh
import numpy as np


class Sigmoid:
    def __call__(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def derivative(self, x):
        y = self(x)
        return y * (1 - y)  #! sigmoid.dX: return y * y


class Tanh:
    def fwd(self, x):
        self.out = np.tanh(x)
        return self.out

    def bwd(self, dout):
        return dout * (1 - self.out * self.out)
