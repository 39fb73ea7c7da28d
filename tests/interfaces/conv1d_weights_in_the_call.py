# item: conv1d
import numpy as np


class Conv1d:
    def forward(self, x, w, b):
        self.in_shape = x.shape
        f_num, _, f_len = w.shape
        n_out = x.shape[-1] - f_len + 1
        a = np.zeros((x.shape[0], f_num, n_out))
        for i in range(n_out):
            a[:, :, i] = np.tensordot(x[:, :, i:i + f_len], w, axes=([1, 2], [1, 2]))
        return a + b[:, None]

    def backward(self, x, w, da):
        f_len = w.shape[-1]
        db = da.sum(axis=(0, 2))  #! dB: db = da.mean(axis=2).sum(axis=0)
        dw = np.zeros_like(w)
        dx = np.zeros_like(x)
        for i in range(da.shape[-1]):
            dw += np.einsum('no,ncf->ocf', da[:, :, i], x[:, :, i:i + f_len])
            dx[:, :, i:i + f_len] += np.einsum('no,ocf->ncf', da[:, :, i], w)
        return db, dw, dx
