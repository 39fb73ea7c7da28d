# items: conv2d
import numpy as np


class Whole:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn, bias_init_fn):
        self.k = kernel_size
        self.W = weight_init_fn(out_channels, in_channels, kernel_size, kernel_size)
        self.b = bias_init_fn(out_channels)

    def forward(self, A):
        self.A = A
        v = np.lib.stride_tricks.sliding_window_view(A, (self.k, self.k), axis=(2, 3))
        return np.einsum("ncyxij,ocij->noyx", v, self.W)

    def backward(self, dLdZ):
        v = np.lib.stride_tricks.sliding_window_view(self.A, (self.k, self.k), axis=(2, 3))
        self.dLdW = np.einsum("ncyxij,noyx->ocij", v, dLdZ)  #! dW: self.dLdW = np.einsum("ncyxij,noyx->ocij", v, -dLdZ)
        dA = np.zeros(self.A.shape)
        for i in range(self.k):
            for j in range(self.k):
                dA[:, :, i : i + dLdZ.shape[2], j : j + dLdZ.shape[3]] += np.einsum(
                    "noyx,oc->ncyx", dLdZ, self.W[:, :, i, j]
                )
        return dA


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.whole = Whole(in_channels, out_channels, kernel_size, weight_init_fn, bias_init_fn)

    def forward(self, A):
        return self.whole.forward(A) + self.whole.b[:, None, None]

    def backward(self, dLdZ):
        self.whole.dLdb = dLdZ.sum((0, 2, 3))
        return self.whole.backward(dLdZ)
