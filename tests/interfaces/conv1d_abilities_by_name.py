# items: conv1d conv1d_padding conv1d_batch conv1d_stride
import numpy as np


class Conv1d:
    def __init__(self, b_size, initializer, optimizer, n_in_ch=1, n_out_ch=1, pa=0, stride=1):
        self.b_size, self.optimizer = b_size, optimizer
        self.pa, self.stride = pa, stride
        self.W = initializer.W(n_out_ch, n_in_ch, b_size)
        self.B = initializer.B(n_out_ch)

    def forward(self, X):
        self.n_in = X.shape[2]
        self.X_pad = np.pad(X, ((0, 0), (0, 0), (self.pa, self.pa)), 'constant')
        n_out = 1 + (self.n_in + 2 * self.pa - self.b_size) // self.stride
        A = np.zeros((X.shape[0], self.W.shape[0], n_out))
        for i in range(n_out):
            k = i * self.stride
            A[:, :, i] = np.einsum('ncs,ocs->no', self.X_pad[:, :, k:k + self.b_size], self.W) + self.B
        return A

    def backward(self, dA):
        self.dW, dXp = np.zeros(self.W.shape), np.zeros(self.X_pad.shape)
        self.dB = dA.sum(axis=(0, 2))
        for i in range(dA.shape[2]):
            k = i * self.stride  #! conv1d_stride.dW,dX: k = i
            self.dW += np.einsum('no,ncs->ocs', dA[:, :, i], self.X_pad[:, :, k:k + self.b_size])
            dXp[:, :, k:k + self.b_size] += np.einsum('no,ocs->ncs', dA[:, :, i], self.W)
        self.optimizer.update(self)
        return dXp[:, :, self.pa:self.pa + self.n_in]  #! conv1d_padding.dX: return dXp[:, :, :self.n_in]
