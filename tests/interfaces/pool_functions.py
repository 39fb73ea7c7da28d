# item: max_pool2d
import numpy as np


def max_pool_forward(x, pool_size=2):
    n, c, h, w = x.shape
    out = np.full((n, c, h // pool_size, w // pool_size), -np.inf)
    for i in range(pool_size):
        for j in range(pool_size):
            part = x[:, :, i::pool_size, j::pool_size][:, :, :h // pool_size, :w // pool_size]
            out = np.maximum(out, part)
    return out, (x, out)


def max_pool_backward(dout, cache, pool_size=2):
    x, out = cache
    dx = np.zeros_like(x)
    h, w = out.shape[2:]
    for i in range(h):
        for j in range(w):
            at = np.s_[:, :, i * pool_size:(i + 1) * pool_size, j * pool_size:(j + 1) * pool_size]
            dx[at] = (x[at] == out[:, :, i:i + 1, j:j + 1]) * dout[:, :, i:i + 1, j:j + 1]  #! dX: dx[at] = (x[at] == out[:, :, i:i + 1, j:j + 1]) * 1
    return dx
