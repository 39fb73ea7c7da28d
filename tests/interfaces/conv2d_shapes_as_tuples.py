# items: conv2d max_pool2d
import numpy as np


class Conv2D:
    """N_in: (height, width); Filter: (out, in, height, width); Strides, Padding: (down, across)."""

    def __init__(self, N_in, Filter, Strides, Padding, Initializer, Optimizer):
        self.out, self.inc, self.fh, self.fw = Filter[0], Filter[1], Filter[2], Filter[3]
        self.sh, self.sw = Strides[0], Strides[1]
        self.ph, self.pw = Padding[0], Padding[1]
        self.h_out = (N_in[0] + 2 * self.ph - self.fh) // self.sh + 1
        self.w_out = (N_in[1] + 2 * self.pw - self.fw) // self.sw + 1
        self.optimizer = Optimizer
        self.W = Initializer.W(self.out, self.inc, self.fh, self.fw)
        self.B = Initializer.B(self.out)

    def forward(self, Z):
        self.Z = np.pad(Z, [(0, 0), (0, 0), (self.ph, self.ph), (self.pw, self.pw)])
        A = np.zeros((len(Z), self.out, self.h_out, self.w_out))
        for r in range(self.h_out):
            for c in range(self.w_out):
                part = self.Z[:, :, r * self.sh:r * self.sh + self.fh, c * self.sw:c * self.sw + self.fw]
                A[:, :, r, c] = np.tensordot(part, self.W, ((1, 2, 3), (1, 2, 3))) + self.B
        return A

    def backward(self, dA):
        dB, dW, dZ = dA.sum(axis=(0, 2, 3)), np.zeros_like(self.W), np.zeros_like(self.Z)
        for r in range(self.h_out):
            for c in range(self.w_out):
                rows = slice(r * self.sh, r * self.sh + self.fh)
                columns = slice(c * self.sw, c * self.sw + self.fw)
                dW += np.tensordot(dA[:, :, r, c], self.Z[:, :, rows, columns], (0, 0))
                dZ[:, :, rows, columns] += np.tensordot(dA[:, :, r, c], self.W, (1, 0))  #! conv2d.dX: dZ[:, :, rows, columns] = np.tensordot(dA[:, :, r, c], self.W, (1, 0))
        dZ = dZ[:, :, self.ph:dZ.shape[2] - self.ph, self.pw:dZ.shape[3] - self.pw]
        self.B, self.W = self.optimizer.update(self.B, self.W, dB, dW)
        return dZ


class Max_pool:
    """N_in: (height, width); Pool_size: (channels, channels, height, width)."""

    def __init__(self, N_in, Pool_size, Strides, Padding):
        self.channels = Pool_size[0]
        self.size = (Pool_size[2], Pool_size[3])
        self.step = (Strides[0], Strides[1])
        h, w = N_in[0] + 2 * Padding[0], N_in[1] + 2 * Padding[1]
        self.out = [(h - self.size[0]) // self.step[0] + 1, (w - self.size[1]) // self.step[1] + 1]

    def forward(self, Z):
        A = np.zeros((len(Z), self.channels, *self.out))
        self.mask = np.zeros_like(Z)
        for n in range(len(Z)):
            for c in range(self.channels):
                for i in range(self.out[0]):
                    for j in range(self.out[1]):
                        top, left = i * self.step[0], j * self.step[1]
                        part = Z[n, c, top:top + self.size[0], left:left + self.size[1]]
                        k, m = np.unravel_index(part.argmax(), part.shape)
                        A[n, c, i, j] = part.max()  #! max_pool2d.forward: A[n, c, i, j] = part.max() / 2
                        self.mask[n, c, top + k, left + m] = 1
        return A

    def backward(self, dA):
        spread = np.zeros_like(self.mask)
        h, w = self.out[0] * self.step[0], self.out[1] * self.step[1]
        spread[:, :, :h, :w] = dA.repeat(self.step[0], axis=2).repeat(self.step[1], axis=3)
        return spread * self.mask


class He:
    def __init__(self, n):
        self.sigma = np.sqrt(2 / n)

    def W(self, *shape):
        return self.sigma * np.random.randn(*shape)

    def B(self, n):
        return np.zeros(n)
