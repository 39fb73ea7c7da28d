# items: max_pool2d average_pool2d
import numpy as np


class Pooling:
    def __init__(self, pool_h=2, pool_w=2, stride=None):
        self.pool_h, self.pool_w = pool_h, pool_w
        self.stride = stride or pool_h

    def _windows(self, x):
        h, w = x.shape[2] // self.stride, x.shape[3] // self.stride
        for i in range((x.shape[2] - self.pool_h) // self.stride + 1):
            for j in range((x.shape[3] - self.pool_w) // self.stride + 1):
                yield i, j, (slice(None), slice(None), slice(i * self.stride, i * self.stride + self.pool_h),
                             slice(j * self.stride, j * self.stride + self.pool_w))


class MaxPooling(Pooling):
    def forward(self, x):
        self.x = x
        n, c = x.shape[:2]
        out = np.zeros((n, c, (x.shape[2] - self.pool_h) // self.stride + 1, (x.shape[3] - self.pool_w) // self.stride + 1))
        for i, j, at in self._windows(x):
            out[:, :, i, j] = x[at].max(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros(self.x.shape)
        for i, j, at in self._windows(self.x):
            win = self.x[at]
            mask = win == win.max(axis=(2, 3), keepdims=True)
            dx[at] += mask * dout[:, :, i, j][:, :, None, None]  #! max_pool2d.dX: dx[at] += mask * dout[:, :, i, j].mean()
        return dx


class AveragePooling(Pooling):
    def forward(self, x):
        self.shape, self.x = x.shape, x
        n, c = x.shape[:2]
        out = np.zeros((n, c, (x.shape[2] - self.pool_h) // self.stride + 1, (x.shape[3] - self.pool_w) // self.stride + 1))
        for i, j, at in self._windows(x):
            out[:, :, i, j] = x[at].mean(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros(self.shape)
        for i, j, at in self._windows(self.x):
            dx[at] += dout[:, :, i, j][:, :, None, None] / (self.pool_h * self.pool_w)  #! average_pool2d.dX: dx[at] += dout[:, :, i, j][:, :, None, None]
        return dx
