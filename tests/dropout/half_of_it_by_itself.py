# items: dropout
import numpy as np


class Dropout:
    """Half of what goes through is left out, whoever makes one."""

    def __init__(self):
        self.dropout_ratio = 0.5

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x * (1.0 - self.dropout_ratio)  #! test: return x
        self.mask = np.random.rand(*x.shape) > self.dropout_ratio
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask  #! dX: return dout * self.mask / self.dropout_ratio
