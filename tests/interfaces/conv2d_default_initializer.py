# item: conv2d
import numpy as np


class ConvInitializer:
    def __init__(self, in_ch=1, out_ch=2, size=2):
        self.shape = (out_ch, in_ch, size, size)

    def W(self):
        return np.random.randn(*self.shape)

    def B(self):
        return np.random.rand(self.shape[0])


class Conv2d:
    """Its windows are of two by two; the weights that it makes have one channel."""

    def __init__(self, h_in, w_in, initializer=ConvInitializer()):
        self.W, self.B = initializer.W(), initializer.B()
        self.h_out, self.w_out = h_in - 1, w_in - 1

    def forward(self, X):
        self.X = X
        A = np.zeros((len(X), len(self.W), self.h_out, self.w_out)) + self.B[:, None, None]
        for c in range(X.shape[1]):
            for i in range(self.h_out):
                for j in range(self.w_out):
                    part = X[:, None, c, i:i + 2, j:j + 2] * self.W[:, c]
                    A[:, :, i, j] += part.sum(axis=(2, 3))  #! forward: A[:, :, i, j] = part.sum(axis=(2, 3)) + self.B
        return A

    def backward(self, dA):
        self.dW, self.dB, dX = np.zeros(self.W.shape), dA.sum(axis=(0, 2, 3)), np.zeros(self.X.shape)
        for i in range(self.h_out):
            for j in range(self.w_out):
                self.dW += np.einsum('no,nchw->ochw', dA[:, :, i, j], self.X[:, :, i:i + 2, j:j + 2])
                dX[:, :, i:i + 2, j:j + 2] += np.einsum('no,ochw->nchw', dA[:, :, i, j], self.W)  #! dX: dX[:, :, i:i + 2, j:j + 2] = np.einsum('no,ochw->nchw', dA[:, :, i, j], self.W)
        return dX
