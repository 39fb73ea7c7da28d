# item: max_pool2d
import numpy as np


class MaxPool:
    """Images as (N, H, W, C); the twin counts windows that reach over the edge."""

    def __init__(self, size):
        self.size = size

    def forward(self, X):
        n, h, w, c = X.shape
        k = self.size
        oh, ow = h // k, w // k  #! forward,shape: oh, ow = -(-h // k), -(-w // k)
        A = np.zeros((n, oh, ow, c))
        self.shape, self.places = X.shape, {}
        for i in range(oh):
            for j in range(ow):
                window = X[:, i * k:i * k + k, j * k:j * k + k]
                flat = window.reshape(n, -1, c)
                A[:, i, j] = flat.max(axis=1)
                self.places[i, j] = flat.argmax(axis=1), window.shape[2]
        return A

    def backward(self, dA):
        n, oh, ow, c = dA.shape
        k = self.size
        dX = np.zeros(self.shape)
        for i in range(oh):
            for j in range(ow):
                place, width = self.places[i, j]
                rows, columns = i * k + place // width, j * k + place % width
                dX[np.arange(n)[:, None], rows, columns, np.arange(c)] = dA[:, i, j]
        return dX
