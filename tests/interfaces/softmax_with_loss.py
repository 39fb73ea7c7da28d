# item: softmax
import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        self.loss = -np.sum(t * np.log(self.y + 1e-7)) / len(x)
        return self.loss

    def backward(self, dout=1):
        return (self.y - self.t) * dout / len(self.t)  #! dX: return (self.t - self.y) * dout / len(self.t)
