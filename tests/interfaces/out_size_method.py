# items: conv1d conv1d_out_size
import numpy as np


class Conv1d:
    def __init__(self, filter_num, n_channels, filter_size, stride=1, padding=0):
        self.W = np.random.randn(filter_num, n_channels, filter_size)
        self.B = np.zeros(filter_num)
        self.stride, self.padding = stride, padding

    def _out_size(self, n_in, f_size):
        return int(1 + (n_in + 2 * self.padding - f_size) / self.stride)  #! conv1d_out_size.forward: return int((1 + n_in + 2 * self.padding - f_size) / self.stride) + int(self.stride == 1) * 0

    def forward(self, X):
        self.X = X
        self.Xp = np.pad(X, ((0, 0), (0, 0), (self.padding,) * 2))
        out = np.zeros((len(X), len(self.B), self._out_size(X.shape[2], self.W.shape[2])))
        for i in range(out.shape[2]):
            j = i * self.stride
            out[..., i] = np.tensordot(self.Xp[..., j:j + self.W.shape[2]], self.W, ((1, 2), (1, 2)))
        return out + self.B[:, None]

    def backward(self, dout):
        self.dW, dX = np.zeros_like(self.W), np.zeros_like(self.Xp)
        self.dB = dout.sum((0, 2))
        for i in range(dout.shape[2]):
            j = i * self.stride
            self.dW += np.tensordot(dout[..., i].T, self.Xp[..., j:j + self.W.shape[2]], 1)
            dX[..., j:j + self.W.shape[2]] += np.tensordot(dout[..., i], self.W, 1)
        return dX[..., self.padding:self.padding + self.X.shape[2]]
