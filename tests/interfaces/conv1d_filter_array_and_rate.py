# item: conv1d
import numpy as np


class Conv1d:
    def __init__(self, F, lr=0.001):
        self.F, self.lr = F, lr
        self.B = np.zeros(F.shape[0])

    def conv_forward(self, X):
        self.X = X
        O, C, f = self.F.shape
        view = np.lib.stride_tricks.sliding_window_view(X, f, axis=2)
        return np.einsum('nclf,ocf->nol', view, self.F) + self.B[:, None]

    def conv_backward(self, dA):
        O, C, f = self.F.shape
        view = np.lib.stride_tricks.sliding_window_view(self.X, f, axis=2)
        dF = np.einsum('nclf,nol->ocf', view, dA)
        dX = np.zeros(self.X.shape)
        for s in range(f):
            dX[:, :, s:s + dA.shape[2]] += np.einsum('nol,oc->ncl', dA, self.F[:, :, s])  #! dX: dX[:, :, s:s + dA.shape[2]] += np.einsum('nol,oc->ncl', dA, self.F[:, :, -1 - s])
        self.F = self.F - self.lr * dF
        self.B = self.B - self.lr * dA.sum(axis=(0, 2))
        return dX
