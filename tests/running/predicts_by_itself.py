# items: batch_norm_running
import numpy as np


class BatchNorm:
    def __init__(self, n_features, momentum, eps):
        self.gamma, self.beta = np.ones((1, n_features)), np.zeros((1, n_features))
        self.momentum, self.eps = momentum, eps
        self.moving = []

    def forward(self, X):
        mean, var = X.mean(axis=0), X.var(axis=0)
        self.moving.append((mean, var))
        return self.gamma * (X - mean) / (np.sqrt(var) + self.eps) + self.beta

    def predict(self, X):
        mean = np.mean([m for m, _ in self.moving], axis=0)
        var = np.mean([v for _, v in self.moving], axis=0)
        return self.gamma * (X - mean) / np.sqrt(var + self.eps) + self.beta  #! test: return (X - mean) / np.sqrt(var + self.eps)

    def backward(self, dout):
        return dout
