# item: conv1d
import numpy as np


def forward_prop(x, w, b):
    n_out = x.shape[1] - w.shape[2] + 1
    a = [np.tensordot(w, x[:, i : i + w.shape[2]], ([1, 2], [0, 1])) for i in range(n_out)]
    return np.stack(a, axis=1) + b[:, None]


def back_prop(x, w, da):
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(da.shape[1]):
        window = slice(i, i + w.shape[2])
        dw += da[:, i, None, None] * x[:, window]  #! dW: dw += da[:, i, None, None] * x[:, window][::-1]
        dx[:, window] += np.tensordot(da[:, i], w, 1)
    return dx, dw, da.sum(axis=1)
