# items: conv1d conv1d_padding conv1d_stride
import numpy as np


class Conv1d:
    def forward(self, x, w, b, P=0, S=1, input_shape=(None, None, None)):
        self.x = np.pad(x.reshape(*input_shape), [(0, 0), (0, 0), (P, P)])
        self.w, self.P, self.S = w, P, S
        F = w.shape[2]
        self.n = (self.x.shape[2] - F) // S + 1
        a = np.zeros((len(self.x), len(w), self.n))
        for i in range(self.n):
            a[:, :, i] = np.tensordot(self.x[:, :, i * S:i * S + F], w, ((1, 2), (1, 2))) + b
        return a

    def backward(self, delta):
        F = self.w.shape[2]
        dx, dw = np.zeros(self.x.shape), np.zeros(self.w.shape)
        for i in range(self.n):
            span = slice(i * self.S, i * self.S + F)
            dx[:, :, span] += np.tensordot(delta[:, :, i], self.w, (1, 0))  #! conv1d_stride.dX: dx[:, :, i:i + F] += np.tensordot(delta[:, :, i], self.w, (1, 0))
            dw += np.tensordot(delta[:, :, i], self.x[:, :, span], (0, 0))  #! conv1d.dW: dw += np.tensordot(delta[:, :, i], self.x[:, :, :F], (0, 0))
        return delta.sum(axis=(0, 2)), dw, dx[:, :, self.P:dx.shape[2] - self.P]  #! conv1d_padding.dX: return delta.sum(axis=(0, 2)), dw, dx
