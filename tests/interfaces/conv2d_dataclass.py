# item: conv2d
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Conv2d:
    in_channels: int
    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    padding: int = 0
    cache: dict = field(default_factory=dict)

    def __post_init__(self):
        shape = (self.out_channels, self.in_channels, self.kernel_size, self.kernel_size)
        self.W = np.random.randn(*shape) * 0.01
        self.b = np.zeros(self.out_channels)

    def forward(self, x):
        p, s, k = self.padding, self.stride, self.kernel_size
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh, ow = (xp.shape[2] - k) // s + 1, (xp.shape[3] - k) // s + 1
        y = np.zeros((x.shape[0], self.out_channels, oh, ow))
        for a in range(k):
            for c in range(k):
                y += np.einsum('nchw,oc->nohw', xp[:, :, a:a + s * oh:s, c:c + s * ow:s], self.W[:, :, a, c])
        self.cache = {'xp': xp, 'shape': x.shape}
        return y + self.b[None, :, None, None]

    def backward(self, dy):
        p, s, k = self.padding, self.stride, self.kernel_size
        xp = self.cache['xp']
        oh, ow = dy.shape[2:]
        dxp = np.zeros_like(xp)
        self.dW = np.zeros_like(self.W)
        for a in range(k):
            for c in range(k):
                at = (slice(None), slice(None), slice(a, a + s * oh, s), slice(c, c + s * ow, s))
                self.dW[:, :, a, c] = np.einsum('nohw,nchw->oc', dy, xp[at])
                dxp[at] += np.einsum('nohw,oc->nchw', dy, self.W[:, :, a, c])  #! dX: dxp[at] = np.einsum('nohw,oc->nchw', dy, self.W[:, :, a, c])
        self.db = dy.sum(axis=(0, 2, 3))
        return dxp[:, :, p:dxp.shape[2] - p, p:dxp.shape[3] - p]
