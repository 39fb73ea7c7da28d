# items: fc sgd simple_initializer
import numpy as np


class SimpleInitializer:
    def __init__(self, sigma=0.01):
        self.sigma = sigma

    def W(self, shape):
        return np.random.normal(loc=0.0, scale=self.sigma, size=shape)

    def B(self, n):
        return np.zeros((1, n))


class SGD:
    def __init__(self, layer, lr=0.01):
        self.layer, self.lr = layer, lr

    def step(self):
        self.layer.W -= self.lr * self.layer.dW
        self.layer.B -= self.lr * self.layer.dB  #! sgd.update: self.layer.B -= self.layer.dB


class FC:
    def __init__(self, n_in, n_out, initializer=SimpleInitializer, optimizer=SGD):
        self.initializer = initializer()
        self.W = self.initializer.W((n_in, n_out))
        self.B = self.initializer.B(n_out)
        self.optimizer = optimizer(self)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.B

    def backward(self, dout):
        dx = dout @ self.W.T
        self.dW = self.x.T @ dout
        self.dB = dout.sum(axis=0, keepdims=True)
        self.optimizer.step()
        return dx
