# items: conv2d fc
import numpy as np


class Node:
    def __init__(self, data, inputs=()):
        self.data = np.array(data, dtype=float)
        self.inputs = inputs  # (node, how it is reached)
        self.grad = None

    def backward(self, g):
        self.grad = g if self.grad is None else self.grad + g
        for node, pull in self.inputs:
            node.backward(pull(g))

    def __add__(self, other):
        return Node(self.data + other.data, ((self, lambda g: g), (other, lambda g: g)))

    def plus(self, bias, axes):
        shape = tuple(1 if a in axes else -1 for a in range(self.data.ndim))
        return Node(
            self.data + bias.data.reshape(shape),
            ((self, lambda g: g), (bias, lambda g: g.sum(axis=axes))),  #! conv2d.dB: ((self, lambda g: g), (bias, lambda g: g.sum(axis=axes) / 2)),
        )

    def __matmul__(self, other):
        return Node(
            self.data @ other.data,
            ((self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)),  #! fc.dX: ((self, lambda g: g @ other.data.T / len(g)), (other, lambda g: self.data.T @ g)),
        )

    def at(self, *index):
        def put(g):
            found = np.zeros(self.data.shape)
            found[index] = g
            return found

        return Node(self.data[index], ((self, put),))

    def mixed(self, weights):
        """(N, C, Y, X) by (O, C)."""
        return Node(
            np.einsum("ncyx,oc->noyx", self.data, weights.data),
            (
                (self, lambda g: np.einsum("noyx,oc->ncyx", g, weights.data)),
                (weights, lambda g: np.einsum("noyx,ncyx->oc", g, self.data)),  #! conv2d.dW: (weights, lambda g: np.einsum("noyx,ncyx->oc", g, self.data**2)),
            ),
        )


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_height, kernel_width):
        self.weight = Node(np.random.randn(out_channels, in_channels, kernel_height, kernel_width) * 0.1)
        self.bias = Node(np.zeros(out_channels))

    def forward(self, x):
        height, width = self.weight.data.shape[2:]
        rows, columns = x.data.shape[2] - height + 1, x.data.shape[3] - width + 1
        total = None
        for i in range(height):
            for j in range(width):
                window = x.at(slice(None), slice(None), slice(i, i + rows), slice(j, j + columns))
                part = window.mixed(self.weight.at(slice(None), slice(None), i, j))
                total = part if total is None else total + part
        return total.plus(self.bias, (0, 2, 3))


class Linear:
    def __init__(self, in_features, out_features):
        self.weight = Node(np.random.randn(in_features, out_features) * 0.1)
        self.bias = Node(np.zeros(out_features))

    def forward(self, x):
        return (x @ self.weight).plus(self.bias, (0,))
