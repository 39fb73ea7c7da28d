# item: conv1d
import numpy as np


def conv1d_forward(x, w, b, stride=1, pad=0):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    n, c, l = xp.shape
    o, _, f = w.shape
    n_out = (l - f) // stride + 1
    out = np.empty((n, o, n_out))
    for i in range(n_out):
        win = xp[:, :, i * stride:i * stride + f]
        out[:, :, i] = np.tensordot(win, w, ([1, 2], [1, 2])) + b
    cache = (x, w, b, stride, pad)
    return out, cache


def conv1d_backward(dout, cache):
    x, w, b, stride, pad = cache
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    f = w.shape[2]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        at = slice(i * stride, i * stride + f)
        dw += np.tensordot(dout[:, :, i], xp[:, :, at], ([0], [0]))
        dxp[:, :, at] += np.tensordot(dout[:, :, i], w, ([1], [0]))
    db = np.sum(dout, axis=(0, 2))  #! dB: db = np.sum(dout, axis=(0, 2)) / dout.shape[2]
    return dxp[:, :, pad:pad + x.shape[2]], dw, db
