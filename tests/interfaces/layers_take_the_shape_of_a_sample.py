# items: max_pool2d conv2d
import numpy as np


class MaxPoolLayer:
    def __init__(self, input_shape, kernel_size, stride=1):
        channels, height, width = input_shape
        self.k, self.stride = kernel_size, stride
        self.output_shape = (channels, (height - kernel_size) // stride + 1, (width - kernel_size) // stride + 1)

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.zeros((len(inputs), *self.output_shape))
        for i in range(self.output_shape[1]):
            for j in range(self.output_shape[2]):
                a, b = i * self.stride, j * self.stride
                self.output[:, :, i, j] = inputs[:, :, a : a + self.k, b : b + self.k].max(axis=(2, 3))

    def backward(self, delta):
        self.dinputs = np.zeros_like(self.inputs)
        for i in range(self.output_shape[1]):
            for j in range(self.output_shape[2]):
                a, b = i * self.stride, j * self.stride
                part = self.inputs[:, :, a : a + self.k, b : b + self.k]
                best = part == part.max(axis=(2, 3), keepdims=True)
                self.dinputs[:, :, a : a + self.k, b : b + self.k] += best * delta[:, :, i : i + 1, j : j + 1]  #! max_pool2d.dX: self.dinputs[:, :, a : a + self.k, b : b + self.k] -= best * delta[:, :, i : i + 1, j : j + 1]


class ConvolutionalLayer:
    def __init__(self, input_shape, output_channels, kernel_size):
        channels, height, width = input_shape
        self.k = kernel_size
        self.rows, self.columns = height - kernel_size + 1, width - kernel_size + 1
        self.kernels = np.random.randn(output_channels, channels, kernel_size, kernel_size)
        self.biases = np.zeros(output_channels)

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.zeros((len(inputs), len(self.kernels), self.rows, self.columns))
        for i in range(self.rows):
            for j in range(self.columns):
                part = inputs[:, :, i : i + self.k, j : j + self.k]
                self.output[:, :, i, j] = np.tensordot(part, self.kernels, ((1, 2, 3), (1, 2, 3))) + self.biases  #! conv2d.forward: self.output[:, :, i, j] = np.tensordot(part, self.kernels, ((1, 2, 3), (1, 3, 2))) + self.biases

    def backward(self, delta):
        self.dbiases = delta.sum(axis=(0, 2, 3))
        self.dkernels, self.dinputs = np.zeros_like(self.kernels), np.zeros_like(self.inputs)
        for i in range(self.rows):
            for j in range(self.columns):
                part = self.inputs[:, :, i : i + self.k, j : j + self.k]
                self.dkernels += np.tensordot(delta[:, :, i, j], part, ((0,), (0,)))  #! conv2d.dW: self.dkernels = np.tensordot(delta[:, :, i, j], part, ((0,), (0,)))
                self.dinputs[:, :, i : i + self.k, j : j + self.k] += np.tensordot(delta[:, :, i, j], self.kernels, ((1,), (0,)))
