# items: max_pool2d average_pool2d
import numpy as np


class MaxPool:
    def __init__(self, size=2):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        self.x, k = x, self.size
        self.windows = x.reshape(n, c, h // k, k, w // k, k).transpose(0, 1, 2, 4, 3, 5)
        self.out = self.windows.max(axis=(4, 5))
        return self.out

    def backward(self, d):
        mask = self.windows == self.out[..., None, None]
        dx = mask * d[..., None, None]  #! max_pool2d.dX: dx = mask * d[..., None, None] / self.size
        return dx.transpose(0, 1, 2, 4, 3, 5).reshape(self.x.shape)


class AvgPool:
    def __init__(self, size=2):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        k = self.size
        self.shape = x.shape
        return x.reshape(n, c, h // k, k, w // k, k).mean(axis=(3, 5))

    def backward(self, d):
        k = self.size
        return np.repeat(np.repeat(d, k, axis=2), k, axis=3) / k**2  #! average_pool2d.dX: return np.repeat(np.repeat(d, k, axis=2), k, axis=3) / 4
