"""Normalisations as students get them wrong; specs name them."""

import numpy as np

from .layer import Array
from .normalisation import BatchNorm, LayerNorm, Normalisation


class _VarianceUndivided(Normalisation):
    """The variance is divided by one less than there are numbers."""

    def variance(self, centred: Array) -> Array:
        n = centred.size // self._mean.size
        return np.asarray(super().variance(centred) * (n / (n - 1)))


class _NotRooted(Normalisation):
    """Divided by the variance in the place of its root."""

    def variance(self, centred: Array) -> Array:
        return np.asarray(super().variance(centred) ** 2)


class _MeanConstant(Normalisation):
    """The mean and the variance are taken for constants in the gradient of x."""

    def back(self, inner: Array, normal: Array) -> Array:
        return inner


class _VarianceConstant(Normalisation):
    """The variance is taken for a constant in the gradient of x."""

    def back(self, inner: Array, normal: Array) -> Array:
        return np.asarray(inner - inner.mean(self.axes, keepdims=True))


class _SumForMean(Normalisation):
    """The parts by mean and variance are not divided by how many numbers there are."""

    def back(self, inner: Array, normal: Array) -> Array:
        n = inner.size // self._mean.size
        return np.asarray(inner + n * (super().back(inner, normal) - inner))


class _GammaLeftOut(Normalisation):
    """The gradient of x goes past gamma."""

    def scaled(self, g: Array) -> Array:
        return g


class _GammaOfInput(Normalisation):
    """The gradient of gamma is summed over the plain input."""

    def gamma_gradient(self, g: Array, normal: Array) -> Array:
        return self.summed(g * self._x)


class LayerVarianceUndivided(_VarianceUndivided, LayerNorm):
    """Divided by D - 1."""


class LayerNotRooted(_NotRooted, LayerNorm):
    """No root."""


class LayerOverBatch(LayerNorm):
    """Normalises over the batch."""

    axes = (0,)


class LayerMeanConstant(_MeanConstant, LayerNorm):
    """Both constant."""


class LayerVarianceConstant(_VarianceConstant, LayerNorm):
    """The variance constant."""


class LayerSumForMean(_SumForMean, LayerNorm):
    """Not divided."""


class LayerGammaLeftOut(_GammaLeftOut, LayerNorm):
    """Past gamma."""


class LayerGammaOfInput(_GammaOfInput, LayerNorm):
    """Of the input."""


class BatchVarianceUndivided(_VarianceUndivided, BatchNorm):
    """Divided by N - 1."""


class BatchNotRooted(_NotRooted, BatchNorm):
    """No root."""


class BatchOverFeatures(BatchNorm):
    """Normalises over the features."""

    axes = (1,)


class BatchMeanConstant(_MeanConstant, BatchNorm):
    """Both constant."""


class BatchVarianceConstant(_VarianceConstant, BatchNorm):
    """The variance constant."""


class BatchSumForMean(_SumForMean, BatchNorm):
    """Not divided."""


class BatchGammaLeftOut(_GammaLeftOut, BatchNorm):
    """Past gamma."""


class BatchGammaOfInput(_GammaOfInput, BatchNorm):
    """Of the input."""
