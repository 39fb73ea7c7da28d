# item: fc
import numpy as np


class Layer:
    def __init__(self, n_in, n_out, init, opt, act=None):
        self.W = init.W(n_in, n_out)
        self.B = init.B(n_out)
        self.opt, self.act = opt, act


class FC(Layer):
    def forward(self, X):
        self.X = X
        Z = X @ self.W + self.B
        if self.act is not None:
            Z = self.act.forward(Z)
        return Z

    def backward(self, dZ):
        if self.act is not None:
            dZ = self.act.backward(dZ)
        self.dW, self.dB = self.X.T @ dZ, dZ.sum(0)  #! dB: self.dW, self.dB = self.X.T @ dZ, dZ[0]
        dX = dZ @ self.W.T
        self.opt.update(self)
        return dX
