"""Initialisers as students get them wrong; `shape` is (n_in, n_out) for a dense layer."""

import numpy as np

from reference import HeInitializer, SimpleInitializer, XavierInitializer


class SimpleUniform(SimpleInitializer):
    """Uniform in [0, 1) times sigma instead of Gaussian."""

    def __call__(self, shape, n_in, rng):
        return self.sigma * rng.random(shape)


class SimpleVariance(SimpleInitializer):
    """Sigma is taken for the variance: the spread is sqrt(sigma)."""

    def std(self, n_in):
        return self.sigma**0.5


class SimpleSquared(SimpleInitializer):
    """Sigma is squared: the spread is sigma^2."""

    def std(self, n_in):
        return self.sigma**2


class SimpleIgnoresSigma(SimpleInitializer):
    """Sigma is not used: the spread is 1."""

    def std(self, n_in):
        return 1.0


class SimpleConstant(SimpleInitializer):
    """Every weight is the same number."""

    def __call__(self, shape, n_in, rng):
        return np.full(shape, self.sigma * rng.standard_normal())


class XavierTimesSigma(XavierInitializer):
    """An extra factor sigma (0.01) is left from the simple initialiser."""

    given_sigma = 0.01

    def std(self, n_in):
        return self.given_sigma / n_in**0.5


class XavierUniform(XavierInitializer):
    """Uniform in [0, 1) over sqrt(n_in) instead of Gaussian."""

    def __call__(self, shape, n_in, rng):
        return rng.random(shape) / n_in**0.5


class XavierVariance(XavierInitializer):
    """1 / n_in: the variance in the place of the standard deviation."""

    def std(self, n_in):
        return 1 / n_in


class XavierFanOut(XavierInitializer):
    """1 / sqrt(n_out): the nodes behind the layer instead of those before it."""

    def __call__(self, shape, n_in, rng):
        n_out = np.prod(shape) / n_in
        return rng.standard_normal(shape) / n_out**0.5


class XavierBothFans(XavierInitializer):
    """sqrt(2 / (n_in + n_out)): the form for both sides, which the sprint does not use."""

    def __call__(self, shape, n_in, rng):
        n_out = np.prod(shape) / n_in
        return rng.standard_normal(shape) * (2 / (n_in + n_out)) ** 0.5


class HeTimesSigma(HeInitializer):
    """An extra factor sigma (0.01) is left from the simple initialiser."""

    given_sigma = 0.01

    def std(self, n_in):
        return self.given_sigma * (2 / n_in) ** 0.5


class HeUniform(HeInitializer):
    """Uniform in [0, 1) times sqrt(2 / n_in) instead of Gaussian."""

    def __call__(self, shape, n_in, rng):
        return rng.random(shape) * (2 / n_in) ** 0.5


class HeVariance(HeInitializer):
    """2 / n_in: the variance in the place of the standard deviation."""

    def std(self, n_in):
        return 2 / n_in


class HeFanOut(HeInitializer):
    """sqrt(2 / n_out): the nodes behind the layer instead of those before it."""

    def __call__(self, shape, n_in, rng):
        n_out = np.prod(shape) / n_in
        return rng.standard_normal(shape) * (2 / n_out) ** 0.5


class HeIsXavier(HeInitializer):
    """1 / sqrt(n_in): the 2 is missing."""

    def std(self, n_in):
        return 1 / n_in**0.5
