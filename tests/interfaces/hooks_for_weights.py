# items: conv2d
import numpy as np


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.k = kernel_size
        self.W = np.random.normal(0, 1, shape) if weight_init_fn is None else weight_init_fn(*shape)
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)

    def forward(self, A):
        self.A = A
        v = np.lib.stride_tricks.sliding_window_view(A, (self.k, self.k), axis=(2, 3))
        return np.einsum("ncyxij,ocij->noyx", v, self.W) + self.b[:, None, None]  #! forward: return np.einsum("ncyxij,ocij->noyx", v, self.W)

    def backward(self, dLdZ):
        v = np.lib.stride_tricks.sliding_window_view(self.A, (self.k, self.k), axis=(2, 3))
        self.dLdW = np.einsum("ncyxij,noyx->ocij", v, dLdZ)  #! dW: self.dLdW = np.einsum("ncyxij,noyx->ocij", v, -dLdZ)
        self.dLdb = dLdZ.sum((0, 2, 3))
        dA = np.zeros(self.A.shape)
        for i in range(self.k):
            for j in range(self.k):
                dA[:, :, i : i + dLdZ.shape[2], j : j + dLdZ.shape[3]] += np.einsum(
                    "noyx,oc->ncyx", dLdZ, self.W[:, :, i, j]
                )
        return dA
