# items: simple_conv1d
import numpy as np


class SimpleConv1d:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def calc(self, x):
        self.x = x
        return self.slide(x, self.w) + self.b

    def back_calc(self, d):
        dw = self.slide(self.x, d)  #! dW: dw = self.slide(self.x, d[::-1])
        return np.convolve(d, self.w), dw, d.sum()

    def slide(self, a, v):
        return np.correlate(a, v, 'valid')
