# item: fc
import numpy as np


class FullyConnected:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)
        self.flush_gradients()

    def flush_gradients(self):
        self.dW = np.zeros_like(self.W)  #! dW,repeat: self.dW = getattr(self, "dW", np.zeros_like(self.W))
        self.db = np.zeros_like(self.b)  #! dB: self.db = np.ones_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T
