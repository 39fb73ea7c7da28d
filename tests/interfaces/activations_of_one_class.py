# items: sigmoid tanh relu
import numpy as np


class Activation:
    def sigmoid(self, X):
        return 1 / (1 + np.exp(-X))

    def sigmoid_grad(self, X):
        return (1 - self.sigmoid(X)) * self.sigmoid(X)

    def tanh(self, X):
        return np.tanh(X)  #! tanh.forward: return np.tanh(X / 2)

    def tanh_grad(self, X):
        return 1 - np.tanh(X) ** 2

    def relu(self, X):
        return np.where(X > 0, X, 0)

    def relu_grad(self, X):
        return np.where(X > 0, 1, 0)
