# item: conv2d
import numpy as np


class Conv2d:
    """Images with channels last; the filters as a matrix of its own, (H * W * C, F)."""

    def __init__(self, kernel_size, in_channels, out_channels, lr=0.01):
        self.kernel_size, self.lr = kernel_size, lr
        self.W = np.random.randn(kernel_size * kernel_size * in_channels, out_channels) * 0.1
        self.b = np.zeros(out_channels)

    def places(self):
        for row in range(self.kernel_size):
            for column in range(self.kernel_size):
                yield row, column

    def forward(self, x):
        self.shape = x.shape
        height, width = x.shape[1] - self.kernel_size + 1, x.shape[2] - self.kernel_size + 1
        taps = [x[:, i:i + height, j:j + width] for i, j in self.places()]
        self.rows = np.concatenate(taps, axis=3)
        return self.rows @ self.W + self.b

    def backward(self, dout):
        self.dW = np.einsum("nhwr,nhwf->rf", self.rows, dout)  #! dW: self.dW = np.einsum("nhwr,nhwf->rf", self.rows[::-1], dout)
        self.db = dout.sum(axis=(0, 1, 2))
        rows = dout @ self.W.T
        dx = np.zeros(self.shape)
        taps = np.split(rows, self.kernel_size**2, axis=3)
        for (i, j), tap in zip(self.places(), taps):
            dx[:, i:i + tap.shape[1], j:j + tap.shape[2]] += tap  #! dX: dx[:, j:j + tap.shape[1], i:i + tap.shape[2]] += tap
        self.W -= self.lr * self.dW
        self.b -= self.lr * self.db
        return dx
