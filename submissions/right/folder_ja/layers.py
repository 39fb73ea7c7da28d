"""ノートブックから使う部品をまとめたファイル"""
import numpy as np


class HeInit:
    """Heの初期値。shape の先頭が出力、残りが1つの出力に入ってくる数"""

    def W(self, shape):
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else shape[0]
        return np.random.randn(*shape) * np.sqrt(2 / fan_in)

    def B(self, n):
        return np.zeros(n)


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, layer):
        layer.W = layer.W - self.lr * layer.dw
        layer.B = layer.B - self.lr * layer.db


class Conv1d:
    """
    複数チャンネル、バッチ、ストライドに対応した1次元畳み込み層
    入力 (バッチ, n_in, 長さ) / 重み (n_out, n_in, f_size)
    """

    def __init__(self, n_in, n_out, f_size, initializer, optimizer, stride=1):
        self.f_size = f_size
        self.stride = stride
        self.optimizer = optimizer
        self.W = initializer.W((n_out, n_in, f_size))
        self.B = initializer.B(n_out)

    def calc_n_out(self, n, padding, f_size, stride):
        """出力の長さ。割り切れない分は使わない"""
        return int((n + 2 * padding - f_size) / stride) + 1

    def forward(self, X):
        batch, _, length = X.shape
        self.X = X
        self.n_out = self.calc_n_out(length, 0, self.f_size, self.stride)
        A = np.zeros((batch, len(self.B), self.n_out))
        for i in range(self.n_out):
            j = i * self.stride
            window = X[:, :, j:j + self.f_size]
            A[:, :, i] = np.tensordot(window, self.W, axes=([1, 2], [1, 2])) + self.B
        return A

    def backward(self, dA):
        self.db = dA.sum(axis=(0, 2))
        self.dw = np.zeros(self.W.shape)
        dX = np.zeros(self.X.shape)
        for i in range(self.n_out):
            j = i * self.stride
            window = self.X[:, :, j:j + self.f_size]
            self.dw += np.tensordot(dA[:, :, i], window, axes=(0, 0))
            dX[:, :, j:j + self.f_size] += np.tensordot(dA[:, :, i], self.W, axes=(1, 0))
        return dX

    def step(self):
        self.optimizer.update(self)
