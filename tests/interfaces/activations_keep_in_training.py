# items: relu sigmoid softmax
import numpy as np


class ReLU:
    def forward(self, X, is_training=False):
        out = np.maximum(X, 0)
        if is_training:
            self.X = X
        return out

    def backward(self, d):
        return d * (self.X > 0)  #! relu.dX: return d * (self.X > 0.5)


class Sigmoid:
    def forward(self, X, is_training=False):
        out = 1 / (1 + np.exp(-X))
        if is_training:
            self.out = out
        return out  #! sigmoid.forward: return out if not is_training else out * 1.01

    def backward(self, d):
        return d * self.out * (1 - self.out)


class Softmax:
    def forward(self, X, is_training=False):
        e = np.exp(X - X.max(axis=-1, keepdims=True))
        out = e / e.sum(axis=-1, keepdims=True)  #! softmax.forward,dX: out = e / e.sum()
        if is_training:
            self.out = out
        return out

    def backward(self, dout):
        return (dout - np.sum(dout * self.out, axis=-1, keepdims=True)) * self.out  #! softmax.dX: return dout * self.out
