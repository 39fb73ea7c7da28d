# item: conv1d
import numpy as np


class Conv1d:
    """optimizer.update(layer, dW, dB) を呼ぶ"""
    def __init__(self, ch_out, ch_in, f, initializer, optimizer):
        self.f = f
        self.W = initializer.W((ch_out, ch_in, f))
        self.B = initializer.B(ch_out)
        self.optimizer = optimizer

    def forward(self, X):
        if X.ndim == 2:
            X = X[np.newaxis]
        self.X = X
        self.out_len = X.shape[2] - self.f + 1
        A = np.zeros((X.shape[0], len(self.W), self.out_len))
        for s in range(self.f):
            A += np.einsum('ncl,oc->nol', X[:, :, s:s + self.out_len], self.W[:, :, s])
        return A + self.B[:, None]

    def backward(self, dA):
        if dA.ndim == 2:
            dA = dA[np.newaxis]
        dW, dX = np.zeros(self.W.shape), np.zeros(self.X.shape)
        for s in range(self.f):
            part = self.X[:, :, s:s + self.out_len]
            dW[:, :, s] = np.einsum('nol,ncl->oc', dA, part)
            dX[:, :, s:s + self.out_len] += np.einsum('nol,oc->ncl', dA, self.W[:, :, s])
        dB = dA.sum(axis=(0, 2))
        self.optimizer.update(self, dW, dB)  #! dW: self.optimizer.update(self, dW / 7, dB)
        return dX
