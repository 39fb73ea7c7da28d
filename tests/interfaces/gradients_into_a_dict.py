# items: fc relu sigmoid
import numpy as np


class Layer:
    def __init__(self, name):
        self.name, self.kept = name, {}

    def put(self, key, array):
        self.kept[f"{self.name}/{key}"] = array

    def get(self, key):
        return self.kept[f"{self.name}/{key}"]


class Dense(Layer):
    def __init__(self, in_dim, out_dim, name="dense"):
        super().__init__(name)
        self.put("W", np.random.randn(in_dim, out_dim) / np.sqrt(in_dim))
        self.put("b", np.zeros(out_dim))

    def forward(self, x):
        return x @ self.get("W") + self.get("b"), {}  #! fc.forward: return x @ self.get("W") - self.get("b"), {}

    def backward(self, x, cache, from_behind, gradients):
        del cache
        gradients[f"{self.name}/W"] = x.T @ from_behind  #! fc.dW: gradients[f"{self.name}/W"] = x.T @ abs(from_behind)
        gradients[f"{self.name}/b"] = from_behind.sum(axis=0)  #! fc.dB: gradients[f"{self.name}/b"] = from_behind[0]
        return from_behind @ self.get("W").T


class ReLU(Layer):
    def forward(self, x):
        return x * (x > 0), {}

    def backward(self, x, cache, d_out, gradients):
        del gradients, cache
        return d_out * (x > 0)  #! relu.dX: return d_out * x


class Sigmoid:
    def forward(self, x, cache):
        cache["y"] = 1 / (1 + np.exp(-x))
        return cache["y"]

    def backward(self, d_out, cache):
        return d_out * cache["y"] * (1 - cache["y"])  #! sigmoid.dX: return d_out * cache["y"]
