# item: fc
import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = None

    def add(self, grad):
        if self.grad is None:
            self.grad = grad
        else:
            self.grad = self.grad + grad  #! dW,dB,repeat: self.grad = self.grad - grad


class Linear:
    def __init__(self, n_in, n_out):
        self.params = {"W": Parameter(np.random.randn(n_in, n_out)), "b": Parameter(np.zeros(n_out))}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"].data + self.params["b"].data

    def backward(self, dout):
        self.params["W"].add(self.x.T @ dout)
        self.params["b"].add(dout.sum(axis=0))  #! dB: self.params["b"].add(dout.mean(axis=0) * 2)
        return dout @ self.params["W"].data.T
