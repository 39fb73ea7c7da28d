# item: conv2d
import numpy as np


class Identity:
    def forward(self, a):
        return a

    def backward(self, dz):
        return dz


class Conv2d:
    def __init__(self, f_h, f_w, n_ch, n_filter, init, activation=None, opt=None):
        self.W, self.B = init.W(n_filter, n_ch, f_h, f_w), init.B(n_filter)
        self.activation = activation or Identity()
        self.opt = opt

    def forward(self, X):
        self.X = X
        o, c, f_h, f_w = self.W.shape
        view = np.lib.stride_tricks.sliding_window_view(X, (f_h, f_w), axis=(2, 3))
        A = np.einsum('nchwij,ocij->nohw', view, self.W) + self.B.reshape(1, -1, 1, 1)  #! forward: A = np.einsum('nchwij,ocij->nohw', view, self.W) + self.B.reshape(1, -1, 1, 1) * c
        return self.activation.forward(A)

    def backward(self, dZ):
        dA = self.activation.backward(dZ)
        o, c, f_h, f_w = self.W.shape
        view = np.lib.stride_tricks.sliding_window_view(self.X, (f_h, f_w), axis=(2, 3))
        dW = np.einsum('nchwij,nohw->ocij', view, dA)
        dB = dA.sum(axis=(0, 2, 3))
        wide = np.pad(dA, ((0, 0), (0, 0), (f_h - 1,) * 2, (f_w - 1,) * 2))
        view = np.lib.stride_tricks.sliding_window_view(wide, (f_h, f_w), axis=(2, 3))
        dX = np.einsum('nohwij,ocij->nchw', view, self.W[:, :, ::-1, ::-1])
        if self.opt:
            self.W, self.B = self.opt.update(self.W, dW), self.opt.update(self.B, dB)
        return dX
