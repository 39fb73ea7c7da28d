# items: conv1d conv1d_batch conv1d_stride
import numpy as np


class Conv1d:
    def __init__(self, w, b, stride=1, pad="SAME"):
        self.w, self.b, self.stride, self.pad = w, b, stride, pad

    def forward(self, x):
        f = self.w.shape[2]
        p = (f - 1) // 2 if self.pad == "SAME" else 0
        self.p = p
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p)))
        n = (self.x.shape[2] - f) // self.stride + 1
        return np.stack([np.tensordot(self.x[:, :, i * self.stride:i * self.stride + f], self.w, ([1, 2], [1, 2])) for i in range(n)], 2) + self.b[:, None]

    def backward(self, da):
        f = self.w.shape[2]
        dx = np.zeros_like(self.x)
        self.dw = np.zeros_like(self.w)
        for i in range(da.shape[2]):
            s = slice(i * self.stride, i * self.stride + f)  #! conv1d_stride.dX,dW: s = slice(i, i + f)
            dx[:, :, s] += np.tensordot(da[:, :, i], self.w, (1, 0))
            self.dw += np.tensordot(da[:, :, i], self.x[:, :, s], (0, 0))
        self.db = da.sum(axis=(0, 2))  #! conv1d.dB: self.db = da.sum(axis=(0, 2)) * 0
        return dx[:, :, self.p:dx.shape[2] - self.p]  #! conv1d.dX: return -dx[:, :, self.p:dx.shape[2] - self.p]
