# item: conv1d
import numpy as np


class Conv1d:
    """(C, L) only, no batch. w (O, C, F) and b (O,) are handed over ready-made."""

    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        self.x = x
        o, c, f = self.w.shape
        n = x.shape[1] - f + 1
        a = np.zeros([o, n])
        for m in range(o):
            for i in range(n):
                a[m, i] = np.sum(x[:, i:i + f] * self.w[m]) + self.b[m]  #! forward: a[m, i] = np.sum(x[:, i:i + f] * self.w[m]) + c * self.b[m]
        return a

    def backward(self, da):
        o, c, f = self.w.shape
        dw, dx = np.zeros(self.w.shape), np.zeros(self.x.shape)
        for m in range(o):
            for i in range(da.shape[1]):
                dw[m] += da[m, i] * self.x[:, i:i + f]
                dx[:, i:i + f] += da[m, i] * self.w[m]
        db = da.sum(axis=1)
        return dx, dw, db
