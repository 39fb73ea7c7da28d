# item: simple_conv1d
import numpy as np


class SimpleConv1d:
    def __init__(self, f, b):
        self.f, self.b = f, b

    def forward(self, x):
        self.x = x
        return np.array([(x[i:i + self.f.size] * self.f).sum() for i in range(x.size - self.f.size + 1)]) + self.b

    def backward(self, da):
        df = np.correlate(self.x, da, 'valid')  #! dW: df = np.correlate(self.x, da[::-1], 'valid')
        db = da.sum()
        dx = np.convolve(da, self.f)  #! dX: dx = np.convolve(da, self.f[::-1])
        return dx, df, db
