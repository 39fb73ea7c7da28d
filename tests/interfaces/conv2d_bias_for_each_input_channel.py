# item: conv2d
import numpy as np


class Conv2d:
    def __init__(self, f_w, f_b):
        self.W, self.B = f_w, f_b  # (O, C, h, w) and (1, C, O)

    def forward(self, X):
        self.X = X
        o, c, h, w = self.W.shape
        view = np.lib.stride_tricks.sliding_window_view(X, (h, w), axis=(2, 3))
        each = np.einsum('nchwij,ocij->nochw', view, self.W)
        return (each + self.B[0].T[None, :, :, None, None]).sum(axis=2)

    def backward(self, dA):
        o, c, h, w = self.W.shape
        view = np.lib.stride_tricks.sliding_window_view(self.X, (h, w), axis=(2, 3))
        self.dW = np.einsum('nchwij,nohw->ocij', view, dA)
        self.dB = np.zeros_like(self.B)
        for k in range(c):
            self.dB[:, k] = dA.sum(axis=(0, 2, 3))  #! dB: self.dB[:, k] = dA.sum(axis=(0, 2, 3)) / c
        dX = np.zeros(self.X.shape)
        for i in range(dA.shape[2]):
            for j in range(dA.shape[3]):
                dX[:, :, i:i + h, j:j + w] += np.einsum('no,ocij->ncij', dA[:, :, i, j], self.W)
        return dX
