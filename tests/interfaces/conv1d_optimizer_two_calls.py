# item: conv1d
import copy

import numpy as np


class Conv1d:
    def __init__(self, n_filters, n_channels, filter_size, initializer, optimizer):
        self.W = initializer.W(n_filters, n_channels, filter_size)
        self.B = initializer.B(n_filters)
        self.opt_W = copy.deepcopy(optimizer)
        self.opt_B = copy.deepcopy(optimizer)

    def forward(self, X):
        self.X = X
        F = self.W.shape[2]
        self.cols = np.array([X[:, :, s:X.shape[2] - F + 1 + s] for s in range(F)])  # F N C M
        return np.einsum('fncm,ocf->nom', self.cols, self.W) + self.B[None, :, None]

    def backward(self, dZ):
        F = self.W.shape[2]
        dX = np.zeros(self.X.shape)
        for s in range(F):
            dX[:, :, s:s + dZ.shape[2]] += np.einsum('nom,oc->ncm', dZ, self.W[:, :, s])
        dW = np.einsum('fncm,nom->ocf', self.cols, dZ)  #! dW: dW = np.einsum('fncm,nom->ocf', self.cols[::-1], dZ)
        dB = dZ.sum(axis=2).sum(axis=0)
        self.W = self.opt_W.update(dW, self.W)
        self.B = self.opt_B.update(dB, self.B)
        return dX
