# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, η=0.1):
        self.η = η

    def apply_gradients(self, grads, weights):
        return [w - self.η * g for w, g in zip(weights, grads)]  #! sgd.update: return [w - self.η for w, g in zip(weights, grads)]


class Adagrad:
    def __init__(self, η=0.1):
        self.η, self.H = η, None

    def apply_gradients(self, grads, weights):
        if self.H is None:
            self.H = [0.0 for _ in weights]
        self.H = [h + g ** 2 for h, g in zip(self.H, grads)]
        return [w - self.η * g / (np.sqrt(h) + 1e-9) for w, g, h in zip(weights, grads, self.H)]
