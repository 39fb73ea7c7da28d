# item: conv1d
import numpy as np


class LazyConv1d:
    def __init__(self, out_channels, kernel_size, sigma=0.01, lr=0.01):
        self.out_channels, self.kernel_size = out_channels, kernel_size
        self.sigma, self.lr = sigma, lr
        self.w = None
        self.b = None

    def forward(self, x):
        if self.w is None:
            self.w = self.sigma * np.random.randn(self.out_channels, x.shape[1], self.kernel_size)
            self.b = np.zeros(self.out_channels)
        self.x = x
        out = []
        for i in range(x.shape[2] - self.kernel_size + 1):
            window = x[:, :, i:i + self.kernel_size].reshape(len(x), -1)
            out.append(window @ self.w.reshape(self.out_channels, -1).T + self.b)
        return np.stack(out, axis=2)

    def backward(self, dout):
        grad_w = np.zeros_like(self.w)
        grad_x = np.zeros_like(self.x)
        for i in range(dout.shape[2]):
            g = dout[:, :, i]
            grad_w += (g.T @ self.x[:, :, i:i + self.kernel_size].reshape(len(g), -1)).reshape(self.w.shape)
            grad_x[:, :, i:i + self.kernel_size] += (g @ self.w.reshape(self.out_channels, -1)).reshape(len(g), -1, self.kernel_size)
        grad_b = dout.sum((0, 2))
        self.w = self.w - self.lr * grad_w
        self.b = self.b - self.lr * grad_b  #! dB: self.b = self.b - self.lr * grad_b * 2
        return grad_x
