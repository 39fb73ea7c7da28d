# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, learning_rate):
        self._learning_rate = learning_rate

    def update_weights(self, layer, grad_weights):
        layer.weights -= self._learning_rate * grad_weights  #! sgd.update: layer.weights -= self._learning_rate * 2 * grad_weights

    def update_bias(self, layer, grad_bias):
        layer.bias -= self._learning_rate * grad_bias


class AdaGrad:
    def __init__(self, lr):
        self.lr, self.h_w, self.h_b = lr, 0, 0

    def update_w(self, w, dw):
        self.h_w = self.h_w + dw**2
        return w - self.lr * dw / (np.sqrt(self.h_w) + 1e-7)

    def update_b(self, b, db):
        self.h_b = self.h_b + db**2  #! adagrad.update: self.h_w = self.h_b = self.h_b + np.mean(db**2)
        return b - self.lr * db / (np.sqrt(self.h_b) + 1e-7)
