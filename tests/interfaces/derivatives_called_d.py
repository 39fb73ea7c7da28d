# items: sigmoid tanh
import numpy as np


class Sigmoid:
    def call(self, X):
        return 1 / (1 + np.exp(-X))  #! sigmoid.forward: return 1 / (1 + np.exp(X))

    def d(self, X):
        s = self.call(X)
        return s * (1 - s)  #! sigmoid.dX: return s * (1 + s)


class Tanh:
    def call(self, X):
        return np.tanh(X)

    def d(self, X):
        return 1 - np.tanh(X) ** 2  #! tanh.dX: return 1 - np.tanh(X)


class DenseLayer:
    def __init__(self, in_features, out_features, activation_function):
        self.weights = np.random.rand(out_features, in_features) * 2 - 1
        self.activation_function = activation_function

    def forward(self, X):
        self.layer_in, self.net = X, X @ self.weights.T
        return self.activation_function.call(self.net)

    def backward(self, chain):
        chain = self.activation_function.d(self.net) * chain
        self.weights_gradient = chain.T @ self.layer_in
        return chain @ self.weights


layers = [DenseLayer(4, 3, Tanh()), DenseLayer(3, 2, Sigmoid())]
X = np.random.rand(5, 4)
for layer in layers:
    X = layer.forward(X)
chain = X - 1
for layer in reversed(layers):
    chain = layer.backward(chain)
