# item: average_pool2d
import numpy as np


class AvgPooling2d:
    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        n, c, h, w = x.shape
        self.x_shape = x.shape
        oh = 1 + (h - self.pool_h) // self.stride
        ow = 1 + (w - self.pool_w) // self.stride
        view = np.lib.stride_tricks.sliding_window_view(x, (self.pool_h, self.pool_w), (2, 3))
        return view[:, :, ::self.stride, ::self.stride].mean(axis=(4, 5))[:, :, :oh, :ow]

    def backward(self, dout):
        dx = np.zeros(self.x_shape)
        share = dout / (self.pool_h * self.pool_w)  #! dX: share = dout / self.pool_h
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                y, x = i * self.stride, j * self.stride
                dx[:, :, y:y + self.pool_h, x:x + self.pool_w] += share[:, :, i, j][:, :, None, None]
        return dx
