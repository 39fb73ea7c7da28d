# items: fc relu sigmoid
import numpy as np


class FullyConnected:
    def __init__(self, n_in, n_out):
        self.params = {"W": np.random.randn(n_in, n_out) * 0.1, "b": np.zeros(n_out)}
        self.cache, self.grads = {}, {}

    def forward_propagate(self, X, save_cache=False):
        if save_cache:
            self.cache["A"] = X  #! fc.dW: self.cache["A"] = X / 2
        return X @ self.params["W"] + self.params["b"]

    def back_propagate(self, dZ):
        self.grads["dW"] = self.cache["A"].T @ dZ
        self.grads["db"] = dZ.sum(axis=0)  #! fc.dB: self.grads["db"] = dZ.sum(axis=1)
        return dZ @ self.params["W"].T  #! fc.dX: return dZ @ self.params["W"].T / 2


class Relu:
    def __init__(self):
        self.cache = {}

    def forward_propagate(self, Z, save_cache=False):
        if save_cache:
            self.cache["Z"] = Z
        return np.where(Z > 0, Z, 0)  #! relu.forward: return np.where(Z > 0, Z, Z / 100)

    def back_propagate(self, dA):
        return dA * (self.cache["Z"] > 0)  #! relu.dX: return dA * (self.cache["Z"] < 0)


class Sigmoid:
    def forward_propagate(self, Z, keep=False):
        A = 1 / (1 + np.exp(-Z))
        if keep:
            self.A = A
        return A

    def back_propagate(self, dA):
        return dA * self.A * (1 - self.A)  #! sigmoid.dX: return dA * self.A
