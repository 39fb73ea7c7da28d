"""Flatten as students get it wrong; x is (N, C, H, W)."""

import numpy as np

from reference import Flatten


class BatchToo(Flatten):
    """The batch axis is flattened, too."""

    def forward(self, x):
        return super().forward(x).reshape(1, -1)


class BackwardStaysFlat(Flatten):
    """Backward returns the gradient as flat as it came."""

    def backward(self, dy):
        return super().backward(dy).reshape(self._shape[0], -1)


class BackwardChannelsLast(Flatten):
    """Backward reshapes as if the channels came last."""

    def backward(self, dy):
        super().backward(dy)
        n, c, h, w = self._shape
        return np.asarray(dy).reshape(n, h, w, c).transpose(0, 3, 1, 2)
