# items: layer_norm
import numpy as np


class LayerNorm:
    def __init__(self, n_features, eps=1e-8):
        self.eps = eps
        self.gamma = np.ones((1, n_features))
        self.beta = np.zeros((1, n_features))

    def forward(self, X):
        self.std = np.sqrt(X.var(axis=1, keepdims=True) + self.eps)  #! forward,dX: self.std = X.var(axis=1, keepdims=True) + self.eps
        self.X_hat = (X - X.mean(axis=1, keepdims=True)) / self.std
        return self.gamma * self.X_hat + self.beta

    def backward(self, grad):
        self.dgamma = np.sum(grad * self.X_hat, axis=0, keepdims=True)  #! dgamma: self.dgamma = np.sum(grad, axis=0, keepdims=True)
        self.dbeta = np.sum(grad, axis=0, keepdims=True)  #! dbeta: self.dbeta = np.sum(grad * self.gamma, axis=0, keepdims=True)
        d = grad * self.gamma
        D = d.shape[1]
        inner = D * d - d.sum(axis=1, keepdims=True) - self.X_hat * (d * self.X_hat).sum(axis=1, keepdims=True)  #! dX: inner = D * d
        return inner / D / self.std
