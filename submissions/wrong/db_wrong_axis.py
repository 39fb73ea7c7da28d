# -*- coding: utf-8 -*-
# 1次元畳み込み（チャンネルは最後の軸、重みは (F, C, O)）
import numpy as np


# 【問題1】
class SimpleConv1d:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        self.x = x
        return np.correlate(x, self.w, 'valid') + self.b

    def backward(self, dout):
        self.db = np.array([dout.sum()])
        self.dw = np.correlate(self.x, dout, 'valid')
        return np.convolve(dout, self.w)


# 【問題2】
def output_size(n, f, s, p):
    return (n + 2 * p - f) // s + 1


# 【問題4】
class Conv1d:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        length, _ = x.shape                # (L, C)
        f = self.w.shape[0]
        self.x = x
        self.n_out = output_size(length, f, 1, 0)
        rows = [np.tensordot(x[i:i + f], self.w, axes=2) for i in range(self.n_out)]
        return np.array(rows) + self.b     # (N_out, O)

    def backward(self, dout):
        f = self.w.shape[0]
        self.db = np.sum(dout, axis=1)
        self.dw = np.zeros(self.w.shape)
        dx = np.zeros(self.x.shape)
        for k in range(f):
            self.dw[k] = self.x[k:k + self.n_out].T @ dout
            dx[k:k + self.n_out] += dout @ self.w[k].T
        return dx


# 【問題3】
if __name__ == '__main__':
    conv = SimpleConv1d(np.array([3, 5, 7]), np.array([1]))
    print(conv.forward(np.array([1, 2, 3, 4])))
    print(conv.backward(np.array([10, 20])), conv.dw, conv.db)

    x = np.array([[1, 2, 3, 4], [2, 3, 4, 5]]).T
    conv = Conv1d(np.ones((3, 2, 3)), np.array([1, 2, 3]))
    print(conv.forward(x).T)
