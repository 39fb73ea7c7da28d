# item: fc
import numpy as np


class LinearModule:
    def __init__(self, in_features, out_features):
        self.params = {"weight": np.random.randn(in_features, out_features), "bias": np.zeros(out_features)}
        self.grads = {"weight": np.zeros((in_features, out_features)), "bias": np.zeros(out_features)}

    def forward(self, x):
        self.last_input = x
        return x @ self.params["weight"] + self.params["bias"]  #! forward: return x @ self.params["weight"]

    def backward(self, dout):
        self.grads["weight"] += self.last_input.T @ dout  #! dW: self.grads["weight"] += self.last_input.T @ dout / 3
        self.grads["bias"] += dout.sum(axis=0)
        return dout @ self.params["weight"].T

    def clear_cache(self):
        self.last_input = None
        for k in self.grads.keys():
            self.grads[k] = np.zeros(self.grads[k].shape)  #! repeat,dB,dW: self.grads[k] = self.grads[k].copy()


class Network:
    def __init__(self, sizes):
        self.modules = [LinearModule(a, b) for a, b in zip(sizes, sizes[1:])]

    def clear_cache(self):
        for module in self.modules:
            module.clear_cache()  #! dW,dB,repeat: pass
