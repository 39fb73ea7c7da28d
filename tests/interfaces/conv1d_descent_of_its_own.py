# item: conv1d
import numpy as np


class ConvDescent:
    """The descent of the convolution works out every gradient and hands back that of the input."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, layer, dA):
        X, W = layer.seen, layer.W
        F, M = W.shape[2], dA.shape[2]
        dX, dW = np.zeros(X.shape), np.zeros(W.shape)
        for s in range(F):
            dX[:, :, s:s + M] += np.einsum('nom,oc->ncm', dA, W[:, :, s])  #! dX: dX[:, :, s:s + M] += np.einsum('nom,oc->ncm', dA, W[:, :, F - 1 - s])
            dW[:, :, s] = np.einsum('nom,ncm->oc', dA, X[:, :, s:s + M])  #! dW: pass
        layer.W = layer.W - self.lr * dW
        layer.B = layer.B - self.lr * dA.sum(axis=(0, 2))
        return dX


class Conv1d:
    def __init__(self, optimizer, in_channels, out_channels, filter_size):
        self.optimizer = optimizer
        self.W = np.random.randn(out_channels, in_channels, filter_size)
        self.B = np.zeros(out_channels)

    def forward(self, X):
        self.seen = X
        M = X.shape[2] - self.W.shape[2] + 1
        A = np.zeros((len(X), len(self.W), M))
        for i in range(M):
            A[:, :, i] = np.tensordot(X[:, :, i:i + self.W.shape[2]], self.W, ((1, 2), (1, 2)))
        return A + self.B[None, :, None]

    def backward(self, dA):
        return self.optimizer.update(self, dA)


class SGD:
    """The descent of the dense layers, of which the convolution can make nothing."""

    def __init__(self, lr):
        self.lr = lr

    def update(self, layer, dA):
        dZ = dA @ layer.W.T
        layer.W = layer.W - self.lr * layer.Z.T @ dA
        layer.B = layer.B - self.lr * dA.sum(axis=0)
        return dZ
