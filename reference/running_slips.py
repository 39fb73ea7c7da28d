"""Batch normalisations with kept statistics as students get them wrong; specs name them."""

import numpy as np

from .layer import Array
from .normalisation_slips import (
    _GammaLeftOut,
    _GammaOfInput,
    _MeanConstant,
    _NotRooted,
    _SumForMean,
    _VarianceConstant,
    _VarianceUndivided,
)
from .running import RunningBatchNorm, SpatialBatchNorm


class _TestedByBatch(RunningBatchNorm):
    """A test normalises by its own batch."""

    def tested(self, data: Array) -> Array:
        mean = data.mean(self.axes, keepdims=True)
        deviation = np.sqrt(self.variance(data - mean) + self.eps)
        return np.asarray(self.wide("gamma") * (data - mean) / deviation + self.wide("beta"))


class _NeverKept(RunningBatchNorm):
    """Nothing of the batches is kept: a test finds what was there before the first training."""

    def keep(self, mean: Array, variance: Array) -> None:
        self.trainings += 1


class _LastBatchAlone(RunningBatchNorm):
    """The statistics of the latest batch take the place of what was kept."""

    def weight_before(self) -> float:
        return 0.0


class _AddedUp(RunningBatchNorm):
    """What is kept is not made less before a batch's statistics are added."""

    def keep(self, mean: Array, variance: Array) -> None:
        self.running_mean = self.running_mean + (1 - self.momentum) * mean
        self.running_variance = self.running_variance + (1 - self.momentum) * variance
        self.trainings += 1


class _AddedWhole(RunningBatchNorm):
    """The batch's statistics are added whole to a part of what was kept."""

    def keep(self, mean: Array, variance: Array) -> None:
        self.running_mean = self.momentum * self.running_mean + mean
        self.running_variance = self.momentum * self.running_variance + variance
        self.trainings += 1


class _DeviationKept(RunningBatchNorm):
    """The deviation is kept in the place of the variance, and its root is taken in a test."""

    def kept_variance(self, variance: Array) -> Array:
        return np.asarray(np.sqrt(super().kept_variance(variance)))


class _TestNotRooted(RunningBatchNorm):
    """A test divides by the kept variance, not by its root."""

    def tested(self, data: Array) -> Array:
        normal = (data - self.running_mean) / (self.running_variance + self.eps)
        return np.asarray(self.wide("gamma") * normal + self.wide("beta"))


class _TestPlain(RunningBatchNorm):
    """A test leaves out gamma and beta."""

    def tested(self, data: Array) -> Array:
        return np.asarray((data - self.running_mean) / np.sqrt(self.running_variance + self.eps))


class _TestKeeps(RunningBatchNorm):
    """A test takes in the statistics of its own batch as well."""

    def tested(self, data: Array) -> Array:
        y = super().tested(data)
        mean = data.mean(self.axes, keepdims=True)
        self.keep(mean[0], self.variance(data - mean)[0])
        return y


class _Mirrored(RunningBatchNorm):
    """The weights of the kept mean are one way round, those of the variance the other."""

    def keep(self, mean: Array, variance: Array) -> None:
        before, kept = self.weight_before(), self.running_variance
        super().keep(mean, variance)
        self.running_variance = (1 - before) * kept + before * variance


class TestedByBatch(_TestedByBatch):
    """A test normalises by its own batch."""


class NeverKept(_NeverKept):
    """A test uses nothing of the batches that went before it."""


class LastBatchAlone(_LastBatchAlone):
    """A test uses the statistics of the latest batch alone."""


class AddedUp(_AddedUp):
    """What is kept is not made smaller before the batch's part is added."""


class AddedWhole(_AddedWhole):
    """The batch's statistics are added whole, without 1 - momentum."""


class DeviationKept(_DeviationKept):
    """The standard deviation is kept, and its root is taken once more in a test."""


class TestNotRooted(_TestNotRooted):
    """A test divides by the variance in the place of its root."""


class TestPlain(_TestPlain):
    """gamma and beta are left out in a test."""


class TestKeeps(_TestKeeps):
    """A test changes what is kept."""


class Mirrored(_Mirrored):
    """The running mean weighs old and new one way round, the running variance the other."""


class SpatialTestedByBatch(_TestedByBatch, SpatialBatchNorm):
    """Of images."""


class SpatialNeverKept(_NeverKept, SpatialBatchNorm):
    """Of images."""


class SpatialLastBatchAlone(_LastBatchAlone, SpatialBatchNorm):
    """Of images."""


class SpatialAddedUp(_AddedUp, SpatialBatchNorm):
    """Of images."""


class SpatialAddedWhole(_AddedWhole, SpatialBatchNorm):
    """Of images."""


class SpatialDeviationKept(_DeviationKept, SpatialBatchNorm):
    """Of images."""


class SpatialTestNotRooted(_TestNotRooted, SpatialBatchNorm):
    """Of images."""


class SpatialTestPlain(_TestPlain, SpatialBatchNorm):
    """Of images."""


class SpatialTestKeeps(_TestKeeps, SpatialBatchNorm):
    """Of images."""


class SpatialMirrored(_Mirrored, SpatialBatchNorm):
    """Of images."""


class SpatialVarianceUndivided(_VarianceUndivided, SpatialBatchNorm):
    """Of images."""


class SpatialNotRooted(_NotRooted, SpatialBatchNorm):
    """Of images."""


class SpatialMeanConstant(_MeanConstant, SpatialBatchNorm):
    """Of images."""


class SpatialVarianceConstant(_VarianceConstant, SpatialBatchNorm):
    """Of images."""


class SpatialSumForMean(_SumForMean, SpatialBatchNorm):
    """Of images."""


class SpatialGammaLeftOut(_GammaLeftOut, SpatialBatchNorm):
    """Of images."""


class SpatialGammaOfInput(_GammaOfInput, SpatialBatchNorm):
    """Of images."""


class SpatialOverBatch(SpatialBatchNorm):
    """Over the batch alone, each place of the image by itself."""

    axes = (0,)


class SpatialOverImage(SpatialBatchNorm):
    """Each image by itself."""

    axes = (2, 3)
