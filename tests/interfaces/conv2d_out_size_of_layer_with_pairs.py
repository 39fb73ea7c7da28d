# items: conv2d_out_size
import numpy as np


class Conv2d:
    def __init__(self, initializer, optimizer, in_channel=1, out_channel=1, kernel=(1, 1), stride=(1, 1), padding=0):
        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.W = initializer.W(in_channel, out_channel, kernel[0], kernel[1])
        self.b = initializer.b(out_channel)
        self.optimizer = optimizer

    def calc_out(self):
        h = (self.in_h + 2 * self.padding - self.kernel[0]) // self.stride[0] + 1  #! forward: h = (self.in_h + 2 * self.padding - self.kernel[0]) / self.stride[0] + 1
        w = (self.in_w + 2 * self.padding - self.kernel[1]) // self.stride[1] + 1
        return h, w

    def forward(self, X):
        self.in_h, self.in_w = X.shape[2:]
        X = np.pad(X, ((0, 0), (0, 0), (self.padding,) * 2, (self.padding,) * 2))
        (kh, kw), (sh, sw) = self.kernel, self.stride
        rows, columns = map(int, self.calc_out())
        Z = np.zeros((len(X), len(self.b), rows, columns))
        for h in range(rows):
            for w in range(columns):
                window = X[:, :, h * sh : h * sh + kh, w * sw : w * sw + kw]
                Z[:, :, h, w] = np.einsum('nchw,cohw->no', window, self.W) + self.b
        return Z

    def backward(self, dA):
        return self.optimizer.update(self, dA)
