# items: batch_norm layer_norm
import numpy as np


class BatchNorm:
    def __init__(self, n_features, optimizer):
        self.gamma, self.beta = np.ones(n_features), np.zeros(n_features)
        self.optimizer = optimizer

    def forward(self, X):
        self.std = np.sqrt(X.var(axis=0) + 1e-5)
        self.X_hat = (X - X.mean(axis=0)) / self.std
        return self.gamma * self.X_hat + self.beta

    def backward(self, d_out):
        slope, shift = np.sum(d_out * self.X_hat, axis=0), np.sum(d_out, axis=0)  #! batch_norm.dgamma: slope, shift = np.sum(d_out * self.X_hat**2, axis=0), np.sum(d_out, axis=0)
        d = d_out * self.gamma
        self.optimizer.update({"gamma": self.gamma, "beta": self.beta}, {"gamma": slope, "beta": shift})  #! batch_norm.dbeta: self.optimizer.update({"gamma": self.gamma, "beta": self.beta}, {"gamma": slope, "beta": 2 * shift})
        return (d - d.mean(axis=0) - self.X_hat * (d * self.X_hat).mean(axis=0)) / self.std


class LayerNorm:
    def __init__(self, n_features, optimizer):
        self.gamma, self.beta = np.ones(n_features), np.zeros(n_features)
        self.optimizer = optimizer

    def forward(self, X):
        self.std = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
        self.X_hat = (X - X.mean(axis=1, keepdims=True)) / self.std
        return self.gamma * self.X_hat + self.beta

    def backward(self, d_out):
        slopes = [np.sum(d_out * self.X_hat, axis=0), np.sum(d_out, axis=0)]  #! layer_norm.dgamma,dbeta: slopes = [np.sum(d_out, axis=0), np.sum(d_out * self.X_hat, axis=0)]
        d = d_out * self.gamma  #! layer_norm.dX: d = d_out
        self.optimizer.update([self.gamma, self.beta], slopes)
        return (d - d.mean(axis=1, keepdims=True) - self.X_hat * (d * self.X_hat).mean(axis=1, keepdims=True)) / self.std
