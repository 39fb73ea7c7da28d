# items: dropout
import numpy as np


class Dropout:
    def __init__(self, drop_rate):
        self.drop_rate = drop_rate

    def forward(self, x):
        self.mask = np.random.rand(*x.shape) >= self.drop_rate
        return x * self.mask

    def predict(self, x):
        return x * (1 - self.drop_rate)  #! test: return x

    def backward(self, dout):
        return dout * self.mask
