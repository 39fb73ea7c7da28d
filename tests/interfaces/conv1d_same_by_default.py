# items: conv1d conv1d_batch
import numpy as np


class Conv1d:
    def __init__(self, pad='SAME'):
        self.pad = pad

    def forward(self, z, w, b):
        length = w.shape[-1]
        p = (length - 1) // 2 if self.pad == 'SAME' else 0
        z = np.pad(z, ((0, 0), (0, 0), (p, p)))
        n_out = z.shape[-1] - length + 1
        a = [np.einsum('ncf,ocf->no', z[..., i : i + length], w) for i in range(n_out)]
        return np.stack(a, axis=-1) + b[:, None]  #! conv1d.forward: return np.stack(a, axis=-1)[..., ::-1] + b[:, None]

    def backward(self, z, w, dA):
        length = w.shape[-1]
        dz, dw = np.zeros(z.shape), np.zeros(w.shape)
        for i in range(dA.shape[-1]):
            dw += np.einsum('no,ncf->ocf', dA[..., i], z[..., i : i + length])
            dz[..., i : i + length] += np.einsum('no,ocf->ncf', dA[..., i], w)  #! conv1d.dX: dz[..., i : i + length] += np.einsum('no,ocf->ncf', dA[..., i], w[..., ::-1])
        return dz, dw, dA.sum(axis=(0, 2))
