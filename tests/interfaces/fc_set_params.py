# item: fc
import numpy as np


class full_connected_layer:
    W = None
    b = None

    def set_params(self, W, b):
        self.W, self.b = W, b

    def forward(self, z):
        self.z = z
        return z.dot(self.W) + self.b

    def backward(self, delta):
        grads = {'dz': delta.dot(self.W.T), 'dW': self.z.T.dot(delta), 'db': delta.sum(axis=0)}  #! dB: grads = {'dz': delta.dot(self.W.T), 'dW': self.z.T.dot(delta), 'db': delta.sum(axis=1)}
        return grads
