# item: fc
import numpy as np


class Param:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)  #! dW,dB: self.grad = np.ones_like(value)


class FullyConnectedLayer:
    def __init__(self, n_input, n_output):
        self.W = Param(0.001 * np.random.randn(n_input, n_output))
        self.B = Param(0.001 * np.random.randn(1, n_output))

    def forward(self, X):
        self.X = X
        return X @ self.W.value + self.B.value

    def backward(self, d_out):
        self.W.grad += self.X.T @ d_out  #! dW,repeat: self.W.grad += self.W.grad + self.X.T @ d_out
        self.B.grad += d_out.sum(axis=0, keepdims=True)  #! dB: self.B.grad += d_out[:1]
        return d_out @ self.W.value.T

    def params(self):
        return {"W": self.W, "B": self.B}
