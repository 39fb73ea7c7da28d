# item: conv2d
import numpy as np


class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)

    def backward(self, dZ):
        return dZ * (self.A > 0)


class Conv2d:
    def __init__(self, M, C, KH, KW, initializer=None, optimizer=None, activation=None):
        self.W, self.B = initializer.W(M, C, KH, KW), initializer.B(M)
        self.optimizer, self.activation = optimizer, activation

    def forward(self, X):
        self.X = X
        kh, kw = self.W.shape[2:]
        view = np.lib.stride_tricks.sliding_window_view(X, (kh, kw), axis=(2, 3))
        return self.activation.forward(np.einsum('nchwij,ocij->nohw', view, self.W) + self.B[:, None, None])

    def backward(self, dZ):
        dA = self.activation.backward(dZ)
        kh, kw = self.W.shape[2:]
        view = np.lib.stride_tricks.sliding_window_view(self.X, (kh, kw), axis=(2, 3))
        self.dW = np.einsum('nchwij,nohw->ocij', view, dA)
        self.dB = dA.sum(axis=(0, 2, 3))  #! dB: self.dB = dA.sum(axis=(0, 2, 3)) / kh
        dX = np.zeros(self.X.shape)
        for i in range(dA.shape[2]):
            for j in range(dA.shape[3]):
                dX[:, :, i:i + kh, j:j + kw] += np.einsum('no,ocij->ncij', dA[:, :, i, j], self.W)
        self.optimizer.update(self)
        return dX
