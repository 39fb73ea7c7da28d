# item: conv1d
import numpy as np

class Conv1d():
    """入力の長さを最初に決めておく畳み込み層"""
    def __init__(self, n_in, filter_num, channel_num, filter_size, initializer, optimizer):
        self.n_in = n_in
        self.F = filter_size
        self.W = initializer.W(filter_num, channel_num, filter_size)
        self.B = initializer.B(filter_num)
        self.optimizer = optimizer
        self.n_out = n_in - filter_size + 1
        self.index = np.arange(filter_size) + np.arange(self.n_out).reshape(-1, 1)

    def forward(self, X):
        self.X_ = X[..., self.index]                       # (N, C, n_out, F)
        A = np.einsum('ncif,ocf->noi', self.X_, self.W)
        return A + self.B.reshape(1, -1, 1)

    def backward(self, dA):
        self.dB = np.sum(dA, axis=(0, 2))
        self.dW = np.einsum('noi,ncif->ocf', dA, self.X_)  #! dW: self.dW = np.einsum('noi,ncif->ocf', dA, self.X_[..., ::-1])
        dX = np.zeros((dA.shape[0], self.W.shape[1], self.n_in))
        for i in range(self.n_out):
            for s in range(self.F):
                dX[:, :, i + s] += dA[:, :, i] @ self.W[:, :, s]
        self.optimizer.update(self)
        return dX
