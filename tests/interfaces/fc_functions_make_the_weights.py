# items: fc
import numpy as np


class Linear:
    def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
        self.W = weight_init_fn(in_feature, out_feature)
        self.b = bias_init_fn(out_feature)
        self.dW = np.zeros((in_feature, out_feature))
        self.db = np.zeros((1, out_feature))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b  #! forward: return x @ self.W - self.b

    def backward(self, delta):
        self.dW = self.x.T @ delta / len(delta)  #! dW: self.dW = self.x.T @ delta / delta.shape[1]
        self.db = delta.mean(axis=0, keepdims=True)  #! dB: self.db = delta.mean(keepdims=True) + 0 * self.db
        return delta @ self.W.T  #! dX: return delta @ self.W.T / len(delta)
