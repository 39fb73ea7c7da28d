"""Batch normalisation that keeps statistics of its trainings, for tests (Ioffe & Szegedy 2015, section 3.1)."""

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array
from .normalisation import BatchNorm


class RunningBatchNorm(BatchNorm):
    """Normalises by the batch in training, and in a test by what it has kept of the batches of all trainings.

    Each training makes of a kept statistic ``momentum`` times what it was and 1 - ``momentum`` times that of the
    batch. Before the first the mean is 0 and the variance ``start``, or (``first``) the first batch's statistics are
    kept as they are; ``average``: all batches count alike, whatever the momentum. ``unbiased``: the variance that is
    kept is divided by one less than there are numbers. Raises ValueError for a momentum outside of [0, 1].
    """

    def __init__(
        self,
        gamma: ArrayLike,
        beta: ArrayLike,
        eps: float = 1e-5,
        momentum: float = 0.9,
        start: float = 0.0,
        first: bool = False,
        average: bool = False,
        unbiased: bool = False,
    ) -> None:
        super().__init__(gamma, beta, eps)
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must lie in [0, 1], got {momentum}")
        self.momentum = momentum
        self.first, self.average, self.unbiased = first, average, unbiased
        self.trainings = 0
        self.running_mean = np.zeros_like(self.wide("gamma"))
        self.running_variance = np.full_like(self.wide("gamma"), start)

    def forward(self, x: ArrayLike, training: bool = True) -> Array:
        """The shape of x; a test changes nothing of what is kept, and has no way back."""
        if not training:
            return self.tested(self.fitting(x))
        y = super().forward(x)
        self.keep(self._mean[0], self.kept_variance(np.var(self._x, self.axes, keepdims=True)[0]))
        return y

    def keep(self, mean: Array, variance: Array) -> None:
        """Take in the statistics of another batch."""
        before = self.weight_before()
        self.running_mean = before * self.running_mean + (1 - before) * mean
        self.running_variance = before * self.running_variance + (1 - before) * variance
        self.trainings += 1

    def weight_before(self) -> float:
        """The weight of what was kept, beside the next batch."""
        if self.average:
            return self.trainings / (self.trainings + 1)
        if self.first and not self.trainings:
            return 0.0
        return self.momentum

    def kept_variance(self, variance: Array) -> Array:
        """The variance of a batch as it is kept."""
        if not self.unbiased:
            return variance
        count = self._x.size // self._mean.size
        return np.asarray(variance * (count / (count - 1)))

    def tested(self, data: Array) -> Array:
        """Normalised by what is kept."""
        normal = (data - self.running_mean) / np.sqrt(self.running_variance + self.eps)
        return np.asarray(self.wide("gamma") * normal + self.wide("beta"))


class SpatialBatchNorm(RunningBatchNorm):
    """Normalises each channel of images (N, C, H, W) over the batch and all positions (the same, section 3.2)."""

    axes: tuple[int, ...] = (0, 2, 3)
    ndim = 4
