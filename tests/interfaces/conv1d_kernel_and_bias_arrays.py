# item: conv1d
import numpy as np


class Conv1d:
    def __init__(self, k, bias, stride=1, padding=0):
        self.k = k
        self.bias = bias
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        n_filters, _, size = self.k.shape
        side = (self.padding, self.padding)
        self.padded = np.pad(x, ((0, 0), (0, 0), side))
        length = (self.padded.shape[2] - size) // self.stride + 1
        out = np.zeros((len(x), n_filters, length))
        for i in range(length):
            part = self.padded[:, :, i * self.stride:i * self.stride + size]
            out[:, :, i] = np.einsum('ncf,ocf->no', part, self.k) + self.bias
        return out

    def backward(self, dout):
        size = self.k.shape[2]
        self.dk = np.zeros(self.k.shape)
        dx = np.zeros(self.padded.shape)
        for i in range(dout.shape[2]):
            at = slice(i * self.stride, i * self.stride + size)
            self.dk += np.einsum('no,ncf->ocf', dout[:, :, i], self.padded[:, :, at])
            dx[:, :, at] += np.einsum('no,ocf->ncf', dout[:, :, i], self.k)
        self.dbias = dout.sum(axis=(0, 2))  #! dB: self.dbias = dout.sum(axis=0)
        return dx[:, :, self.padding:dx.shape[2] - self.padding]
