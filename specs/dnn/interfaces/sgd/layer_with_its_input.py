import numpy as np

import reference


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return np.dot(X, self.W) + self.B

    def backward(self, dA):
        self.dB = np.sum(dA, axis=0)
        self.dW = np.dot(self.X.T, dA)
        dZ = np.dot(dA, self.W.T)
        self = self.optimizer.update(self)
        return dZ


class SGD:
    def __init__(self, lr):
        self.lr = lr
        self.rule = reference.SGD(lr)

    def update(self, layer):
        layer.params = {"W": np.array(layer.W, dtype=float), "b": np.array(layer.B, dtype=float)}
        layer.grads = {"W": layer.dW, "b": layer.dB}
        layer._x = layer.X
        self.rule.update(layer)
        layer.W, layer.B = layer.params["W"], layer.params["b"]
        return layer
