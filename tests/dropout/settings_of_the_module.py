# items: dropout
import numpy as np


class Config:
    train = False


class Dropout:
    def __init__(self, drop_rate):
        self.drop_rate = drop_rate

    def forward(self, x):
        if Config.train:  #! test: if Config.train is not None:
            self.mask = (np.random.rand(*x.shape) >= self.drop_rate) / (1 - self.drop_rate)
            return x * self.mask
        return x

    def backward(self, dout):
        return dout * self.mask
