"""1-D convolutions. Arrays are (channel, length), weights (out, in, filter)."""
import numpy as np


class SimpleConv1d:                                   # problem 1
    def __init__(self, weight, bias):
        self.weight = weight
        self.bias = bias

    def forward(self, x):
        self.x = x
        f = len(self.weight)
        return np.array([x[i:i + f] @ self.weight + self.bias[0] for i in range(len(x) - f + 1)])

    def backward(self, d_out):
        f = len(self.weight)
        self.d_bias = np.array([d_out.sum()])
        self.d_weight = sum(d * self.x[i:i + f] for i, d in enumerate(d_out))
        d_x = np.zeros(len(self.x))
        for i, d in enumerate(d_out):
            d_x[i:i + f] += d * self.weight
        return d_x


def output_size(n_in, filter_size, padding=0, stride=1):          # problem 2
    return (n_in + 2 * padding - filter_size) // stride + 1


class Conv1d:                                         # problems 4 and 5
    def __init__(self, weight, bias, padding=0):
        self.weight = weight
        self.bias = bias
        self.padding = padding

    def forward(self, x):
        channels, length = x.shape
        out_channels, _, f = self.weight.shape
        self.x = np.zeros((channels, length + 2 * self.padding))
        self.x[:, self.padding:self.padding + length] = x
        n_out = output_size(length, f, self.padding)
        out = np.zeros((out_channels, n_out))
        for o in range(out_channels):
            for i in range(n_out):
                out[o, i] = np.sum(self.x[:, i:i + f] * self.weight[o]) + self.bias[o]
        return out

    def backward(self, d_out):
        f = self.weight.shape[2]
        self.d_bias = d_out.sum(axis=1)
        self.d_weight = np.zeros(self.weight.shape)
        d_x = np.zeros(self.x.shape)
        for o in range(d_out.shape[0]):
            for i in range(d_out.shape[1]):
                self.d_weight[o] += d_out[o, i] * self.x[:, i:i + f]
                d_x[:, i:i + f] += d_out[o, i] * self.weight[o]
        return d_x


if __name__ == '__main__':                            # problem 3
    conv = SimpleConv1d(np.array([3, 5, 7]), np.array([1]))
    print(conv.forward(np.array([1, 2, 3, 4])), conv.backward(np.array([10, 20])))
    conv = Conv1d(np.ones((3, 2, 3)), np.array([1, 2, 3]), padding=1)
    print(conv.forward(np.array([[1, 2, 3, 4], [2, 3, 4, 5]])))
