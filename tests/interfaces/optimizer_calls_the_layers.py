# items: sgd
import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        self.in_features, self.out_features = in_features, out_features
        weight = np.random.randn(out_features, in_features) * np.sqrt(2 / in_features)
        self.state = {"weight": weight, "bias": np.zeros(out_features)}
        self.grads = {}

    def forward(self, X):
        self.X = X
        return X @ self.state["weight"].T + self.state["bias"]

    def backward(self, dY):
        self.grads = {"weight": dY.T @ self.X, "bias": dY.sum(axis=0)}
        return dY @ self.state["weight"]

    def update_weights(self, lr):
        for key in self.state:  #! update: for key in ["weight"]:
            self.state[key] -= lr * self.grads[key]


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self, model):
        for layer in model.layers:
            if isinstance(layer, Linear):
                layer.update_weights(self.lr)
