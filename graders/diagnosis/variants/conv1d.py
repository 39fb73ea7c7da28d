"""Conv1d as students get it wrong; x is (N, C, L), W (O, C, F), dy (N, O, M)."""

import numpy as np

from reference import Conv1d


class KernelNotFlipped(Conv1d):
    """dX slides the filter over the padded gradient as it is, not reversed."""

    def backward(self, dy):
        other = Conv1d(self.params["W"][:, :, ::-1], None, self.stride, self.padding)
        other.forward(self._x)
        return other.backward(dy)


class LastChannelOnly(Conv1d):
    """Assigned for each input channel where it should be added: the last one stays."""

    def forward(self, x):
        super().forward(x)
        last = Conv1d(self.params["W"][:, -1:], self.params.get("b"), self.stride, self.padding)
        return last.forward(self._x[:, -1:])


class BiasPerChannel(Conv1d):
    """The bias is added once for each input channel."""

    def forward(self, x):
        y = super().forward(x)
        return y + (self._x.shape[1] - 1) * self.params["b"][:, None]


class IntegerOutput(Conv1d):
    """The output is written into an array of integers, which cuts the fractions off."""

    def forward(self, x):
        return np.trunc(super().forward(x))
