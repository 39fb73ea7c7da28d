# items: simple_conv1d conv1d_out_size
import numpy as np


class SimpleConv1d:
    @staticmethod
    def forward(x, w, b):
        a = []
        for i in range(len(x) - len(w) + 1):
            a.append(np.dot(x[i:i + len(w)], w) + b[0])
        return np.array(a)

    @staticmethod
    def backward(x, w, da):
        db = np.sum(da)
        dw = np.array([np.dot(da, x[s:s + len(da)]) for s in range(len(w))])
        dx = np.array([sum(da[j - s] * w[s] for s in range(len(w)) if 0 <= j - s < len(da)) for j in range(len(x))])  #! simple_conv1d.dX: dx = np.array([sum(da[j - s] * w[s] for s in range(len(w)) if 0 <= j - s < len(da)) for j in range(len(x) - 1)] + [0.0])
        return db, dw, dx


def calc_n_out(n_in, f, p=0, s=1):
    return int((n_in + 2 * p - f) / s + 1)  #! conv1d_out_size.forward: return int((n_in + p - f) / s + 1)
