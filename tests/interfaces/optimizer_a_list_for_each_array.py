# items: sgd adagrad
import numpy as np


class SGD:
    def __init__(self, layers, lr=0.001):
        self.layers, self.lr = layers[::-1], lr

    def step(self, w_updates, b_updates):
        for i, layer in enumerate(self.layers):
            layer.W -= self.lr * w_updates[i]
            layer.b -= self.lr * b_updates[i]  #! sgd.update: layer.b -= self.lr * b_updates[0]


class AdaGrad:
    def __init__(self, layers, lr=0.001):
        self.layers, self.lr = layers, lr
        self.h_w = [np.zeros_like(layer.W) for layer in layers]
        self.h_b = [np.zeros_like(layer.b) for layer in layers]

    def step(self, dW, db):
        for layer, w, b, h_w, h_b in zip(self.layers, dW, db, self.h_w, self.h_b):
            h_w += w ** 2
            h_b += b ** 2
            layer.W -= self.lr * w / (np.sqrt(h_w) + 1e-8)  #! adagrad.update: layer.W -= self.lr * w / np.sqrt(h_w.sum())
            layer.b -= self.lr * b / (np.sqrt(h_b) + 1e-8)
