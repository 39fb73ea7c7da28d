# items: batch_norm layer_norm
import numpy as np


class Param:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class BatchNorm:
    def __init__(self, n_features):
        self.gamma = Param(np.ones((1, n_features)))
        self.beta = Param(np.zeros((1, n_features)))

    def forward(self, X):
        self.std = np.sqrt(X.var(axis=0) + 1e-5)
        self.X_hat = (X - X.mean(axis=0)) / self.std
        return self.gamma.value * self.X_hat + self.beta.value

    def backward(self, d_out):
        self.gamma.grad += np.sum(d_out * self.X_hat, axis=0, keepdims=True)
        self.beta.grad += np.sum(d_out, axis=0, keepdims=True)  #! batch_norm.dbeta: self.beta.grad -= np.sum(d_out, axis=0, keepdims=True)
        d = d_out * self.gamma.value  #! batch_norm.dX: d = d_out
        return (d - d.mean(axis=0) - self.X_hat * (d * self.X_hat).mean(axis=0)) / self.std

    def params(self):
        return {"gamma": self.gamma, "beta": self.beta}


class LayerNorm:
    def __init__(self, dim, eps=1e-6):
        self.eps = eps
        self.params = {"weight": np.ones(dim), "bias": np.zeros(dim)}
        self.grads = {"weight": None, "bias": None}

    def forward(self, x):
        self.inv = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + self.eps)
        self.x_hat = (x - x.mean(axis=-1, keepdims=True)) * self.inv  #! layer_norm.forward,dX: self.x_hat = (x - x.mean()) * self.inv
        return self.params["weight"] * self.x_hat + self.params["bias"]

    def backward(self, grad):
        self.grads["weight"] = (grad * self.x_hat).sum(axis=0)  #! layer_norm.dgamma: self.grads["weight"] = (grad * self.x_hat).sum(axis=0) * self.params["weight"]
        self.grads["bias"] = grad.sum(axis=0)
        g = grad * self.params["weight"]
        return self.inv * (g - g.mean(axis=-1, keepdims=True) - self.x_hat * (g * self.x_hat).mean(axis=-1, keepdims=True))
