# items: spatial_batch_norm
import numpy as np


class BatchNorm2d:
    def __init__(self, n_channels, eps=1e-5, momentum=0.9):
        shape = (1, n_channels, 1, 1)
        self.gamma, self.beta = np.ones(shape), np.zeros(shape)
        self.eps, self.momentum = eps, momentum
        self.running_mean, self.running_var = np.zeros(shape), np.ones(shape)

    def forward(self, Z, eval=False):
        if eval:
            norm = (Z - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * norm + self.beta  #! test: return norm
        mean = Z.mean(axis=(0, 2, 3), keepdims=True)
        var = Z.var(axis=(0, 2, 3), keepdims=True)
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        self.deviation = np.sqrt(var + self.eps)
        self.norm = (Z - mean) / self.deviation
        return self.gamma * self.norm + self.beta

    def backward(self, dout):
        axes = (0, 2, 3)
        self.dgamma = (dout * self.norm).sum(axis=axes, keepdims=True)  #! dgamma: self.dgamma = (dout * self.norm * self.deviation).sum(axis=axes, keepdims=True)
        self.dbeta = dout.sum(axis=axes, keepdims=True)  #! dbeta: self.dbeta = (self.gamma * dout).sum(axis=axes, keepdims=True)
        d = dout * self.gamma
        along = (d * self.norm).mean(axis=axes, keepdims=True)
        return (d - d.mean(axis=axes, keepdims=True) - self.norm * along) / self.deviation  #! dX: return (d - d.mean(axis=axes, keepdims=True)) / self.deviation
