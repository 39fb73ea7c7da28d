# item: simple_conv1d
import numpy as np


class Simple_Conv_1d:
    def __init__(self, filter_size=3):
        self.f = filter_size
        self.w = np.random.randn(filter_size)
        self.b = np.random.randn(1)

    def fp(self, x):
        self.x = x
        self.n_out = x.size - self.f + 1
        return np.convolve(x, self.w[::-1], 'valid') + self.b

    def bp(self, delta_a):
        self.delta_b = delta_a.sum()
        self.delta_w = np.correlate(self.x, delta_a, 'valid')  #! dW: self.delta_w = np.convolve(self.x, delta_a, 'valid')
        self.delta_x = np.convolve(delta_a, self.w, 'full')
        return self.delta_x
