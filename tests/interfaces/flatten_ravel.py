# item: flatten
import numpy as np


class FlattenLayer:
    def __init__(self):
        self.shape = None

    def forward_propagation(self, X):
        self.shape = X.shape
        return np.array([x.ravel() for x in X])  #! forward: return np.array([x.ravel(order='F') for x in X])

    def back_propagation(self, dZ):
        return dZ.reshape(self.shape)
