# items: adagrad
import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.weight = np.random.randn(n_in, n_out)
        self.bias = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dz):
        return self.x.T @ dz, dz.sum(axis=0, keepdims=True), dz @ self.weight.T


class AdaGrad:
    def __init__(self, lr=0.001, eps=1e-8):
        self.lr, self.eps = lr, eps

    def _ensure_state(self, layer):
        if not hasattr(layer, "gW"):
            layer.gW = np.zeros_like(layer.weight)
        if not hasattr(layer, "gb"):
            layer.gb = np.zeros_like(layer.bias)

    def step(self, layer, dW, db):
        self._ensure_state(layer)
        layer.gW += dW**2  #! adagrad.update: layer.gW = dW**2
        layer.gb += db**2
        layer.weight -= self.lr * dW / (np.sqrt(layer.gW) + self.eps)
        layer.bias -= self.lr * db / (np.sqrt(layer.gb) + self.eps)
