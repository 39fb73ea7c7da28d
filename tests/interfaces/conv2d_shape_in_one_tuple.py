# item: conv2d
import numpy as np


class Conv2d:
    def __init__(self, filter_info, initializer, optimizer):
        self.n_out, self.n_in, self.rows, self.cols = filter_info
        self.filter, self.bias = initializer.filter(filter_info), initializer.bias(self.n_out)
        self.optimizer = optimizer

    def forward(self, input):
        self.input = input
        h, w = input.shape[2] - self.rows + 1, input.shape[3] - self.cols + 1
        out = np.zeros((len(input), self.n_out, h, w))
        for i in range(h):
            for j in range(w):
                part = input[:, :, i:i + self.rows, j:j + self.cols]
                out[:, :, i, j] = np.einsum('ncij,ocij->no', part, self.filter) + self.bias  #! forward: out[:, :, i, j] = np.einsum('nij,oij->no', part[:, -1], self.filter[:, -1]) + self.bias
        return out

    def backward(self, dA):
        dX, self.dfilter = np.zeros(self.input.shape), np.zeros(self.filter.shape)
        for i in range(dA.shape[2]):
            for j in range(dA.shape[3]):
                at = (..., slice(i, i + self.rows), slice(j, j + self.cols))
                self.dfilter += np.einsum('no,ncij->ocij', dA[:, :, i, j], self.input[at])
                dX[at] += np.einsum('no,ocij->ncij', dA[:, :, i, j], self.filter)
        self.dbias = dA.sum(axis=(0, 2, 3))
        self.optimizer.update(self)
        return dX
