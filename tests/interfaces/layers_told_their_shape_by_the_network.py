# items: conv2d max_pool2d flatten
import numpy as np


class Base:
    def __init__(self):
        self.input_shape = None
        self.weights = None
        self.bias = None

    @property
    def input_size(self):
        return np.prod(self.input_shape)

    def initialize(self):
        pass

    def update_weights(self, weights):
        self.weights = weights


class Flatten(Base):
    def forward(self, x):
        return x.reshape((-1, self.input_size))  #! flatten.forward: return -x.reshape((-1, self.input_size))

    def backward(self, dout):
        return dout.reshape((-1, *self.input_shape))  #! flatten.dX: return dout.reshape((-1, *self.input_shape))[::-1]


class Windows(Base):
    @property
    def out_shape(self):
        channels, height, width = self.input_shape
        k, l = self.size
        s, t = self.stride
        return 1 + (height - k) // s, 1 + (width - l) // t

    def corners(self):
        rows, columns = self.out_shape
        return [(i, j, i * self.stride[0], j * self.stride[1]) for i in range(rows) for j in range(columns)]


class Conv2D(Windows):
    def __init__(self, num_of_kernels, kernel_shape, num_of_channels, stride=(1, 1)):
        super().__init__()
        self.kernels, self.channels = num_of_kernels, num_of_channels
        self.size = self.k, self.l = kernel_shape
        self.stride = self.s, self.t = stride

    def initialize(self):
        if self.weights is None:
            self.weights = np.random.randn(self.kernels, self.channels, self.k, self.l)
        if self.bias is None:
            self.bias = np.zeros(self.kernels)

    def forward(self, x):
        self.x = x
        y = np.zeros((len(x), self.kernels, *self.out_shape))
        for i, j, a, b in self.corners():
            y[:, :, i, j] = np.einsum("nckl,ockl->no", x[:, :, a : a + self.k, b : b + self.l], self.weights) + self.bias  #! conv2d.forward: y[:, :, i, j] = np.einsum("nckl,ockl->no", x[:, :, a : a + self.k, b : b + self.l], self.weights)
        return y

    def backward(self, dout):
        self.bias_gradient = dout.sum((0, 2, 3))  #! conv2d.dB: self.bias_gradient = dout.sum((0, 2))
        self.weights_gradient, dx = np.zeros_like(self.weights), np.zeros_like(self.x)
        for i, j, a, b in self.corners():
            part = self.x[:, :, a : a + self.k, b : b + self.l]
            self.weights_gradient += np.einsum("nckl,no->ockl", part, dout[:, :, i, j])
            dx[:, :, a : a + self.k, b : b + self.l] += np.einsum("no,ockl->nckl", dout[:, :, i, j], self.weights)  #! conv2d.dX: dx[:, :, a : a + self.k, b : b + self.l] = np.einsum("no,ockl->nckl", dout[:, :, i, j], self.weights)
        return dx


class MaxPool2D(Windows):
    def __init__(self, pool_shape, stride=(1, 1)):
        super().__init__()
        self.size = self.k, self.l = pool_shape
        self.stride = stride

    def forward(self, x):
        self.x = x
        y = np.zeros((*x.shape[:2], *self.out_shape))
        for i, j, a, b in self.corners():
            y[:, :, i, j] = x[:, :, a : a + self.k, b : b + self.l].max((2, 3))
        return y

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for i, j, a, b in self.corners():
            part = self.x[:, :, a : a + self.k, b : b + self.l]
            best = part == part.max((2, 3), keepdims=True)  #! max_pool2d.dX: best = part < part.max((2, 3), keepdims=True)
            dx[:, :, a : a + self.k, b : b + self.l] += best * dout[:, :, i, j, None, None]
        return dx


class Network:
    def __init__(self):
        self.layers = []

    def add(self, layer):
        if self.layers:
            layer.input_shape = self.layers[-1].output_shape
        self.layers.append(layer)

    def compile(self):
        for layer in self.layers:
            layer.initialize()
