# items: conv2d conv2d_out_size
import numpy as np


def get_out_size(layer, x):
    """レイヤーと入力から出力サイズを計算する"""
    fh, fw = layer.W.shape[2:]
    h = (x.shape[2] + 2 * layer.pad - fh) // layer.stride + 1
    w = (x.shape[3] + 2 * layer.pad - fw) // layer.stride + 1  #! conv2d_out_size.forward: w = (x.shape[3] + 2 * layer.pad - fh) // layer.stride + 1
    return h, w


class Conv2d:
    def __init__(self, n_filters, n_channels, fh, fw, stride=1, pad=0):
        self.stride, self.pad = stride, pad
        self.W = np.random.randn(n_filters, n_channels, fh, fw)
        self.B = np.zeros(n_filters)

    def forward(self, X):
        fh, fw = self.W.shape[2:]
        self.X = np.pad(X, ((0, 0), (0, 0), (self.pad,) * 2, (self.pad,) * 2))
        v = np.lib.stride_tricks.sliding_window_view(self.X, (fh, fw), (2, 3))
        self.v = v[:, :, ::self.stride, ::self.stride]
        return np.einsum('nchwij,ocij->nohw', self.v, self.W) + self.B[:, None, None]

    def backward(self, dA):
        self.dW = np.einsum('nchwij,nohw->ocij', self.v, dA)
        self.dB = dA.sum((0, 2, 3))
        dX = np.zeros(self.X.shape)
        fh, fw = self.W.shape[2:]
        for i in range(dA.shape[2]):
            for j in range(dA.shape[3]):
                a, b = i * self.stride, j * self.stride
                dX[:, :, a:a + fh, b:b + fw] += np.tensordot(dA[:, :, i, j], self.W, 1)
        e = dX.shape
        return dX[:, :, self.pad:e[2] - self.pad, self.pad:e[3] - self.pad]
