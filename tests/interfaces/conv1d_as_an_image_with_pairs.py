# items: simple_conv1d conv1d conv1d_batch conv1d_stride
import numpy as np


class ConvInitializer:
    def W(self, inchannel, outchannel, kh, kw):
        return np.random.randn(inchannel, outchannel, kh, kw)

    def b(self, outchannel):
        return np.random.randn(outchannel)


class SimpleConv:
    """One class for lines and for images: a line is one pixel high, its kernel is (1, F)."""

    def __init__(self, initializer, optimizer, in_channel=1, out_channel=1, kernel=(1, 1), stride=(1, 1)):
        self.kernel, self.stride, self.optimizer = kernel, stride, optimizer
        self.W = initializer.W(in_channel, out_channel, kernel[0], kernel[1])
        self.b = initializer.b(out_channel)

    def forward(self, X):
        self.X = X
        n, c, height, width = X.shape
        (kh, kw), (sh, sw) = self.kernel, self.stride
        self.out_h, self.out_w = (height - kh) // sh + 1, (width - kw) // sw + 1
        Z = np.zeros((n, len(self.b), self.out_h, self.out_w))
        for h in range(self.out_h):
            for w in range(self.out_w):
                window = X[:, :, sh * h : sh * h + kh, sw * w : sw * w + kw]
                Z[:, :, h, w] = np.einsum('nchw,cohw->no', window, self.W) + self.b  #! simple_conv1d.forward: Z[:, :, h, w] = np.einsum('nchw,cohw->no', window[..., ::-1], self.W) + self.b
        return Z

    def backward(self, dA):
        (kh, kw), (sh, sw) = self.kernel, self.stride
        self.db = dA.sum(axis=(0, 2, 3))
        self.dW, dX = np.zeros_like(self.W), np.zeros_like(self.X)
        for h in range(self.out_h):
            for w in range(self.out_w):
                at = slice(sh * h, sh * h + kh), slice(sw * w, sw * w + kw)
                window, g = self.X[(..., *at)], dA[:, :, h, w]
                self.dW += np.einsum('nchw,no->cohw', window, g)  #! conv1d.dW: self.dW += np.einsum('nchw,no->cohw', window[:, ::-1], g)
                at = slice(sh * h, sh * h + kh), slice(sw * w, sw * w + kw)  #! conv1d_stride.dX: at = slice(h, h + kh), slice(w, w + kw)
                dX[(..., *at)] += np.einsum('cohw,no->nchw', self.W, g)  #! conv1d_batch.dX: dX[(..., *at)] = np.einsum('cohw,no->nchw', self.W, g[:1])
        self.optimizer.update(self)
        return dX
