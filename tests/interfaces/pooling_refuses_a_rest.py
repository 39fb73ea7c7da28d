# items: max_pool2d average_pool2d
import numpy as np


def out_size(n, size, stride):
    return (n - size) / stride + 1


class MaxPool2D:
    def __init__(self, pool_size=(2, 2), stride=(2, 2)):
        self.pool_size, self.stride = pool_size, stride

    def forward(self, X):
        self.X = X
        (ph, pw), (sh, sw) = self.pool_size, self.stride
        rows, columns = out_size(X.shape[2], ph, sh), out_size(X.shape[3], pw, sw)
        if not rows.is_integer() or not columns.is_integer():
            print('check pool_size and stride')
            return
        self.shape = int(rows), int(columns)
        Z = np.zeros(X.shape[:2] + self.shape)
        for i in range(self.shape[0]):
            for j in range(self.shape[1]):
                Z[:, :, i, j] = X[:, :, sh * i : sh * i + ph, sw * j : sw * j + pw].max(axis=(2, 3))  #! max_pool2d.forward: Z[:, :, i, j] = X[:, :, sh * i : sh * i + 2, sw * j : sw * j + pw].max(axis=(2, 3))
        self.Z = Z
        return Z

    def backward(self, dA):
        delta = np.zeros_like(self.X)
        (ph, pw), (sh, sw) = self.pool_size, self.stride
        for i in range(self.shape[0]):
            for j in range(self.shape[1]):
                window = self.X[:, :, sh * i : sh * i + ph, sw * j : sw * j + pw]
                hit = window == self.Z[:, :, i, j, None, None]
                delta[:, :, sh * i : sh * i + ph, sw * j : sw * j + pw] += hit * dA[:, :, i, j, None, None]  #! max_pool2d.dX: delta[:, :, sh * i : sh * i + ph, sw * j : sw * j + pw] += dA[:, :, i, j, None, None]
        return delta


class AveragePool2D:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        k = self.size
        if h % k or w % k:
            raise ValueError('the windows leave a rest')
        return x.reshape(n, c, h // k, k, w // k, k).mean(axis=(3, 5))

    def backward(self, dy):
        k = self.size
        return dy.repeat(k, axis=2).repeat(k, axis=3) / k**2  #! average_pool2d.dX: return dy.repeat(k, axis=2).repeat(k, axis=3) / k
