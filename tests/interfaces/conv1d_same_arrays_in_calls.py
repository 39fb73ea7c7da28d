# items: conv1d conv1d_stride
import numpy as np


class Conv1d:
    def __init__(self, pad='SAME', stride=1):
        self.pad, self.stride = pad, stride

    def forward(self, Z, w, b):
        F = w.shape[-1]
        self.P = F // 2 if self.pad == 'SAME' else 0
        Z = np.pad(Z, [(0, 0), (0, 0), (self.P, self.P)])
        n = (Z.shape[-1] - F) // self.stride + 1
        parts = [Z[:, :, i * self.stride:i * self.stride + F] for i in range(n)]
        return np.stack([np.einsum('ncf,ocf->no', p, w) for p in parts], axis=2) + b[:, None]  #! forward: return np.stack([np.einsum("ncf,ocf->no", p[:, -1:], w[:, -1:]) for p in parts], axis=2) + b[:, None]

    def backward(self, Z, w, dA):
        F = w.shape[-1]
        Z = np.pad(Z, [(0, 0), (0, 0), (self.P, self.P)])
        dZ, dw = np.zeros(Z.shape), np.zeros(w.shape)
        for i in range(dA.shape[2]):
            at = slice(i * self.stride, i * self.stride + F)
            dw += np.einsum('no,ncf->ocf', dA[:, :, i], Z[:, :, at])
            dZ[:, :, at] += np.einsum('no,ocf->ncf', dA[:, :, i], w)  #! dX: dZ[:, :, at] += np.einsum('no,ocf->ncf', dA[:, :, i], w[:, ::-1])
        return dZ[:, :, self.P:dZ.shape[2] - self.P], dw, dA.sum(axis=(0, 2))
