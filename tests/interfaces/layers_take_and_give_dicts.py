# items: fc relu
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.params = {"W": np.random.randn(n_in, n_out) * 0.1, "b": np.zeros(n_out)}
        self.grads = {}

    def forward(self, inputs):
        x = inputs["x"]
        self.cache = {"x": x}
        return {"out": x @ self.params["W"] + self.params["b"]}  #! forward: return {"out": x @ self.params["W"] - self.params["b"]}

    def backward(self, grads):
        d = grads["out"]
        self.grads["W"] = self.cache["x"].T @ d  #! dW: self.grads["W"] = self.cache["x"].T @ d / len(d)**2
        self.grads["b"] = d.sum(axis=0)  #! dB: self.grads["b"] = d[0]
        return {"x": d @ self.params["W"].T}  #! dX: return {"x": d @ self.params["W"].T * 2}


class ReLU:
    def forward(self, inputs):
        self.mask = inputs["x"] > 0
        return {"out": inputs["x"] * self.mask}

    def backward(self, grads):
        return {"x": grads["out"] * self.mask}  #! relu.dX: return {"x": grads["out"] * grads["out"]}
