# item: simple_conv1d
import numpy as np

# ハイパーパラメータ
FILTER = 3
LR = 0.01


class SimpleConv1d(object):
    def __init__(self, w, b):
        self.w, self.b = w.astype(float), b

    def forward(self, X):
        self.X = X
        cols = np.stack([X[i:i + len(self.w)] for i in range(len(X) - len(self.w) + 1)])
        return cols.dot(self.w) + self.b

    def backward(self, dA):
        cols = np.stack([self.X[i:i + len(self.w)] for i in range(len(dA))])
        dW = cols.T.dot(dA)
        dB = dA.sum()
        dX = np.zeros(len(self.X))
        for i, d in enumerate(dA):
            dX[i:i + len(self.w)] += d * self.w
        self.w = self.w - LR * dW
        self.b = self.b - LR * dB  #! dB: self.b = self.b - LR * dB / len(dA)
        return dX
