# items: sigmoid tanh relu
import numpy as np


class Activation:
    def sigmoid(self, X):
        return 1 / (1 + np.exp(-X))

    def sigmoid_grad(self, X, dZ):
        return dZ * (1 - self.sigmoid(X)) * self.sigmoid(X)

    def tanh(self, X):
        return np.tanh(X)

    def tanh_grad(self, X, dZ):
        return dZ * (1 - np.tanh(X) ** 2)  #! tanh.dX: return dZ * (1 - np.tanh(X))

    def relu(self, X):
        return np.where(X > 0, X, 0)  #! relu.forward: return np.where(X > 0, X, 0.01)

    def relu_grad(self, X, dZ):
        return np.where(X > 0, dZ, 0)
