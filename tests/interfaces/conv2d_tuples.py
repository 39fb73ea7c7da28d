# item: conv2d
import numpy as np


class Conv2D:
    def __init__(self, n_out, n_in, kernel=(3, 3), stride=(1, 1), pad=(0, 0)):
        self.kernel, self.stride, self.pad = kernel, stride, pad
        self.W = np.random.randn(n_out, n_in, *kernel) * 0.01
        self.b = np.zeros(n_out)

    def forward(self, X):
        (ph, pw), (sh, sw), (kh, kw) = self.pad, self.stride, self.kernel
        self.X = np.pad(X, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        h = (self.X.shape[2] - kh) // sh + 1
        w = (self.X.shape[3] - kw) // sw + 1
        out = np.zeros((len(X), len(self.W), h, w))
        for i in range(h):
            for j in range(w):
                part = self.X[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
                out[:, :, i, j] = np.tensordot(part, self.W, ([1, 2, 3], [1, 2, 3])) + self.b
        return out

    def backward(self, dY):
        (ph, pw), (sh, sw), (kh, kw) = self.pad, self.stride, self.kernel
        dX, self.dW = np.zeros(self.X.shape), np.zeros(self.W.shape)
        for i in range(dY.shape[2]):
            for j in range(dY.shape[3]):
                at = (..., slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
                self.dW += np.tensordot(dY[:, :, i, j], self.X[at], ([0], [0]))
                dX[at] += np.tensordot(dY[:, :, i, j], self.W, ([1], [0]))
        self.db = dY.sum(axis=(0, 2, 3))  #! dB: self.db = dY.sum(axis=(0, 1, 2))[:1] * np.ones(len(self.b))
        return dX[:, :, ph:dX.shape[2] - ph, pw:dX.shape[3] - pw]
