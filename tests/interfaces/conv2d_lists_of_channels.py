# items: conv2d
import numpy as np


class Conv:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.kernels = [[np.random.randn(kernel_size, kernel_size) for _ in range(in_channels)] for _ in range(out_channels)]
        self.biases = [0.0 for _ in range(out_channels)]

    def forward(self, maps):
        self.maps = maps
        k = self.kernels[0][0].shape[0]
        h, w = maps[0].shape[0] - k + 1, maps[0].shape[1] - k + 1
        outs = []
        for kernels, b in zip(self.kernels, self.biases):
            out = np.full((h, w), float(b))
            for kernel, m in zip(kernels, maps):
                for i in range(h):
                    for j in range(w):
                        out[i, j] += (kernel * m[i : i + k, j : j + k]).sum()  #! forward: out[i, j] += (kernel * m[i : i + k, j : j + k]).max()
            outs.append(out)
        return outs

    def backward(self, grads):
        k = self.kernels[0][0].shape[0]
        self.dbiases = [g.sum() for g in grads]  #! dB: self.dbiases = [g.max() for g in grads]
        self.dkernels = [[np.zeros((k, k)) for _ in self.maps] for _ in grads]
        dmaps = [np.zeros_like(m) for m in self.maps]
        for o, g in enumerate(grads):
            for c, m in enumerate(self.maps):
                for i in range(g.shape[0]):
                    for j in range(g.shape[1]):
                        self.dkernels[o][c] += g[i, j] * m[i : i + k, j : j + k]  #! dW: self.dkernels[o][c] += g[i, j] ** 2 * m[i : i + k, j : j + k]
                        dmaps[c][i : i + k, j : j + k] += g[i, j] * self.kernels[o][c]
        return dmaps
