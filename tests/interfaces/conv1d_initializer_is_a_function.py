# item: conv1d
import numpy as np


def random_init(*shape):
    return np.random.randn(*shape) * 0.01


class MyConv1d:
    def __init__(self, in_ch, out_ch, width, init=random_init, **options):
        self.kernels = init(out_ch, in_ch, width)
        self.biases = np.zeros((out_ch, 1))
        self.lr = options.get('lr', 0.1)

    def convolve(self, signal):
        self.signal = signal
        width = self.kernels.shape[-1]
        steps = signal.shape[-1] - width + 1
        patches = np.stack([signal[..., i:i + width] for i in range(steps)], axis=1)  # (N, M, C, F)
        self.patches = patches
        return np.tensordot(patches, self.kernels, ([2, 3], [1, 2])).transpose(0, 2, 1) + self.biases

    def backprop(self, error):
        width = self.kernels.shape[-1]
        self.kernels_grad = np.tensordot(error, self.patches, ([0, 2], [0, 1]))
        self.biases_grad = error.sum(axis=(0, 2)).reshape(-1, 1)
        back = np.zeros_like(self.signal)
        for i in range(error.shape[2]):
            back[..., i:i + width] += np.tensordot(error[..., i], self.kernels, 1)  #! dX: back[..., i:i + width] += np.tensordot(error[..., i], self.kernels[::-1], 1)
        return back
