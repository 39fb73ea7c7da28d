# items: average_pool2d flatten
import numpy as np


class AveragePool2D:
    def __init__(self, pool_size=(2, 2), stride=(2, 2)):
        self.pool_size, self.stride = pool_size, stride

    def _forward(self, image):
        self.shape = image.shape
        (kh, kw), (sh, sw) = self.pool_size, self.stride
        rows, columns = (image.shape[1] - kh) // sh + 1, (image.shape[2] - kw) // sw + 1
        out = np.zeros((len(image), rows, columns))
        for i in range(rows):
            for j in range(columns):
                window = image[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
                out[:, i, j] = window.mean(axis=(1, 2))  #! average_pool2d.forward: out[:, i, j] = window.max(axis=(1, 2))
        return out

    def _backward(self, d_image):
        dx = np.zeros(self.shape)
        (kh, kw), (sh, sw) = self.pool_size, self.stride
        for i in range(d_image.shape[1]):
            for j in range(d_image.shape[2]):
                part = d_image[:, i, j, None, None] / (kh * kw)
                dx[:, i * sh : i * sh + kh, j * sw : j * sw + kw] += part  #! average_pool2d.dX: dx[:, i * sh : i * sh + kh, j * sw : j * sw + kw] += part * kh
        return dx

    def forward(self, X):
        return np.stack([self._forward(image) for image in X])

    def backward(self, dA):
        return np.stack([self._backward(d) for d in dA])


class Flatten:
    def _forward(self, x):
        return x.ravel()

    def forward(self, X):
        self.shape = X.shape
        return np.stack([self._forward(x) for x in X])

    def backward(self, dA):
        return dA.reshape(self.shape)  #! flatten.dX: return dA.reshape(self.shape[::-1])
