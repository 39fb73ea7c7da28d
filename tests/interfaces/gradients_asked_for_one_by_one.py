# items: fc sigmoid
import numpy as np


class LinearLayer:
    def __init__(self, in_features, out_features):
        self.W = np.random.randn(in_features, out_features) * 0.01
        self.b = np.zeros(out_features)

    def forward(self, x):
        return x @ self.W + self.b

    def grad_x(self, x, grad_out):
        return grad_out @ self.W.T  #! fc.dX: return grad_out @ self.W.T * 3

    def grad_params(self, x, grad_out):
        return [x.T @ grad_out, grad_out.sum(axis=0)]  #! fc.dB: return [x.T @ grad_out, grad_out[0]]


class Sigmoid:
    def forward(self, x):
        return 1 / (1 + np.exp(-x))

    def grad_x(self, x, grad_out):
        s = self.forward(x)
        return grad_out * s * (1 - s)  #! sigmoid.dX: return grad_out * s
