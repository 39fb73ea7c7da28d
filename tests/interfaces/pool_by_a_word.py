# items: max_pool2d average_pool2d
import numpy as np


class Pool2D:
    def __init__(self, size, mode='max'):
        self.size, self.mode = size, mode

    def forward(self, X):
        self.X = X
        k = self.size
        n, c, h, w = X.shape
        self.blocks = X[:, :, :h // k * k, :w // k * k].reshape(n, c, h // k, k, w // k, k)
        if self.mode == 'max':
            return self.blocks.max(axis=(3, 5))
        if self.mode == 'average':
            return self.blocks.mean(axis=(3, 5))  #! average_pool2d.forward: return self.blocks.mean(axis=5).max(axis=3)
        raise ValueError(self.mode)

    def backward(self, dA):
        k = self.size
        n, c, h, w = self.X.shape
        dX = np.zeros(self.X.shape)
        if self.mode == 'max':
            top = self.blocks.max(axis=(3, 5), keepdims=True)
            spread = (self.blocks == top) * dA[:, :, :, None, :, None]
        else:
            spread = np.ones(self.blocks.shape) * dA[:, :, :, None, :, None] / k ** 2
        dX[:, :, :h // k * k, :w // k * k] = spread.reshape(n, c, h // k * k, w // k * k)
        return dX
