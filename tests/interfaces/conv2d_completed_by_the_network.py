# items: conv2d max_pool2d flatten
import numpy as np


class Layer:
    def set_input_shape(self, shape):
        self.input_shape = shape


class Conv2D(Layer):
    def __init__(self, n_filters, filter_shape, input_shape=None, padding="same"):
        self.n_filters = n_filters
        self.filter_shape = filter_shape
        self.padding = padding
        self.input_shape = input_shape

    def output_shape(self):
        channels, height, width = self.input_shape
        if self.padding == "valid":
            height, width = height - self.filter_shape[0] + 1, width - self.filter_shape[1] + 1
        return self.n_filters, height, width

    def initialize(self, optimizer):
        h, w = self.filter_shape
        self.W = np.random.uniform(-1, 1, size=(self.n_filters, self.input_shape[0], h, w))
        self.w0 = np.zeros((self.n_filters, 1))
        self.optimizer = optimizer

    def forward_pass(self, X, training=True):
        if self.padding == "same":
            h, w = ((n - 1) // 2 for n in self.filter_shape)
            X = np.pad(X, ((0, 0), (0, 0), (h, h), (w, w)))
        self.v = np.lib.stride_tricks.sliding_window_view(X, self.filter_shape, axis=(2, 3))
        out = np.einsum("ncyxij,ocij->noyx", self.v, self.W).reshape(len(X), self.n_filters, -1)
        return (out + self.w0).reshape(len(X), *self.output_shape())  #! conv2d.forward: return out.reshape(len(X), *self.output_shape())

    def backward_pass(self, accum_grad):
        grad_w = np.einsum("ncyxij,noyx->ocij", self.v, accum_grad)  #! conv2d.dW: grad_w = np.einsum("ncyxij,noyx->ocij", self.v[..., ::-1, :], accum_grad)
        grad_w0 = accum_grad.sum((0, 2, 3)).reshape(-1, 1)  #! conv2d.dB: grad_w0 = accum_grad.sum((0, 2)).sum(1, keepdims=True) / 2
        dX = np.zeros((len(accum_grad), *self.input_shape))
        for y in range(accum_grad.shape[2]):
            for x in range(accum_grad.shape[3]):
                window = dX[:, :, y : y + self.filter_shape[0], x : x + self.filter_shape[1]]
                window += np.einsum("no,ocij->ncij", accum_grad[:, :, y, x], self.W)
        self.W = self.optimizer.update(self.W, grad_w)
        self.w0 = self.optimizer.update(self.w0, grad_w0)
        return dX


class MaxPooling2D(Layer):
    def __init__(self, pool_shape=(2, 2), stride=2):
        self.pool_shape = pool_shape
        self.stride = stride

    def output_shape(self):
        channels, height, width = self.input_shape
        s = self.stride
        return channels, (height - self.pool_shape[0]) // s + 1, (width - self.pool_shape[1]) // s + 1

    def windows(self, X):
        views = np.lib.stride_tricks.sliding_window_view(X, self.pool_shape, axis=(2, 3))
        return views[:, :, :: self.stride, :: self.stride]

    def forward_pass(self, X, training=True):
        self.X = X
        out = self.windows(X).max((4, 5))  #! max_pool2d.forward: out = self.windows(X).mean((4, 5))
        return out.reshape(len(X), *self.output_shape())

    def backward_pass(self, accum_grad):
        channels, height, width = self.input_shape
        dX = np.zeros((len(accum_grad), channels, height, width))
        s, (h, w) = self.stride, self.pool_shape
        for y in range(accum_grad.shape[2]):
            for x in range(accum_grad.shape[3]):
                part = self.X[:, :, y * s : y * s + h, x * s : x * s + w]
                hit = part == part.max((2, 3), keepdims=True)
                dX[:, :, y * s : y * s + h, x * s : x * s + w] += hit * accum_grad[:, :, y, x, None, None]  #! max_pool2d.dX: dX[:, :, y * s : y * s + h, x * s : x * s + w] += accum_grad[:, :, y, x, None, None]
        return dX


class Flatten(Layer):
    def __init__(self, input_shape=None):
        self.input_shape = input_shape

    def forward_pass(self, X, training=True):
        return X.reshape((len(X), -1))  #! flatten.forward: return X.transpose(0, 2, 3, 1).reshape((len(X), -1))

    def backward_pass(self, accum_grad):
        return accum_grad.reshape((len(accum_grad), *self.input_shape))  #! flatten.dX: return accum_grad.reshape((len(accum_grad), *self.input_shape))[:, ::-1]
