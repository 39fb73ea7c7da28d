# item: softmax
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t.argmax(axis=1) if t.ndim == 2 else t
        self.y = softmax(x)
        return -np.mean(np.log(self.y[np.arange(len(x)), self.t] + 1e-7))

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1  #! dX: dx[np.arange(len(dx)), self.t] += 1
        return dx * dout / len(dx)


class TimeSoftmaxWithLoss:
    def __init__(self):
        self.ignored = -1

    def forward(self, xs, ts):
        N, T, V = xs.shape
        mask = (ts != self.ignored).reshape(N * T)
        self.cache = ts.reshape(N * T), softmax(xs.reshape(N * T, V)), mask, (N, T, V)
        ts, ys, mask, _ = self.cache
        return -np.sum(np.log(ys[np.arange(N * T), ts]) * mask) / mask.sum()

    def backward(self, dout=1):
        ts, ys, mask, shape = self.cache
        dx = ys.copy()
        dx[np.arange(len(dx)), ts] -= 1
        return (dx * dout / mask.sum() * mask[:, None]).reshape(shape)


class Simple_TimeSoftmaxWithLoss:
    """A layer of its own for each time."""

    def forward(self, xs, ts):
        N, T, V = xs.shape
        self.layers = [SoftmaxWithLoss() for _ in range(T)]
        return np.mean([layer.forward(xs[:, t], ts[:, t]) for t, layer in enumerate(self.layers)])

    def backward(self, dout=1):
        dxs = [layer.backward(dout / len(self.layers)) for layer in self.layers]
        return np.stack(dxs, axis=1)
