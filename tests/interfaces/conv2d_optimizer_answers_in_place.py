# item: conv2d
import numpy as np


class ConvInitializer:
    def W(self, n_in, n_out, kh, kw):
        return np.random.randn(n_in, n_out, kh, kw)

    def b(self, n_out):
        return np.random.randn(n_out)


class ConvSGD:
    """Gradients and dX are made here; the layer's arrays are changed where they are."""

    def __init__(self, lr=0.001):
        self.lr = lr

    def update(self, layer, dA):
        db = dA.sum(axis=(0, 2, 3))
        dW, dX = np.zeros_like(layer.W), np.zeros_like(layer.X)
        kh, kw = layer.kernel
        for h in range(layer.out_h):
            for w in range(layer.out_w):
                window, g = layer.X[:, :, h : h + kh, w : w + kw], dA[:, :, h, w]
                dW += np.einsum('nchw,no->cohw', window, g)  #! dW: dW = np.einsum('nchw,no->cohw', window, g)
                dX[:, :, h : h + kh, w : w + kw] += np.einsum('cohw,no->nchw', layer.W, g)  #! dX: dX[:, :, h : h + kh, w : w + kw] = np.einsum('cohw,no->nchw', layer.W, g)
        layer.b -= self.lr * db
        layer.W -= self.lr * dW
        return layer, dX


class SimpleConv:
    def __init__(self, initializer, optimizer, in_channel=1, out_channel=1, kernel=(1, 1), stride=(1, 1)):
        self.kernel, self.stride, self.optimizer = kernel, stride, optimizer
        self.W = initializer.W(in_channel, out_channel, kernel[0], kernel[1])
        self.b = initializer.b(out_channel)

    def forward(self, X):
        self.X = X
        kh, kw = self.kernel
        self.out_h, self.out_w = X.shape[2] - kh + 1, X.shape[3] - kw + 1
        Z = np.zeros((len(X), len(self.b), self.out_h, self.out_w))
        for h in range(self.out_h):
            for w in range(self.out_w):
                Z[:, :, h, w] = np.einsum('nchw,cohw->no', X[:, :, h : h + kh, w : w + kw], self.W) + self.b
        return Z

    def backward(self, dA):
        self, dA = self.optimizer.update(self, dA)
        return dA
