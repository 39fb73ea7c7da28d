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


def _even(shape, std, rng):
    """Uniform draws of mean 0 and this standard deviation."""
    return rng.uniform(-std * 3**0.5, std * 3**0.5, shape)


def _cut_off(shape, std, rng):
    """Gaussian draws without those beyond two standard deviations."""
    values = rng.standard_normal(int(1.2 * np.prod(shape)) + 200)
    return std * np.resize(values[np.abs(values) < 2], shape)


class SimpleEven(SimpleInitializer):
    """Uniform between two bounds, with the right mean and standard deviation."""

    def __call__(self, shape, n_in, rng):
        return _even(shape, self.std(n_in), rng)


class SimpleCutOff(SimpleInitializer):
    """Without the values beyond two standard deviations."""

    def __call__(self, shape, n_in, rng):
        return _cut_off(shape, self.std(n_in), rng)


class XavierEven(XavierInitializer):
    """Uniform in +-sqrt(3 / n_in): the right standard deviation."""

    def __call__(self, shape, n_in, rng):
        return _even(shape, self.std(n_in), rng)


class XavierGlorotEven(XavierInitializer):
    """Uniform in +-sqrt(6 / (n_in + n_out)): Glorot's form for both sides."""

    def __call__(self, shape, n_in, rng):
        n_out = np.prod(shape) / n_in
        return _even(shape, (2 / (n_in + n_out)) ** 0.5, rng)


class XavierCutOff(XavierInitializer):
    """Without the values beyond two standard deviations."""

    def __call__(self, shape, n_in, rng):
        return _cut_off(shape, self.std(n_in), rng)


class XavierIsHe(XavierInitializer):
    """sqrt(2 / n_in): the spread of He's formula."""

    def std(self, n_in):
        return (2 / n_in) ** 0.5


class HeEven(HeInitializer):
    """Uniform in +-sqrt(6 / n_in): the right standard deviation."""

    def __call__(self, shape, n_in, rng):
        return _even(shape, self.std(n_in), rng)


class HeCutOff(HeInitializer):
    """Without the values beyond two standard deviations."""

    def __call__(self, shape, n_in, rng):
        return _cut_off(shape, self.std(n_in), rng)


class HeBothFans(HeInitializer):
    """sqrt(2 / (n_in + n_out)): Xavier's form for both sides."""

    def __call__(self, shape, n_in, rng):
        n_out = np.prod(shape) / n_in
        return rng.standard_normal(shape) * (2 / (n_in + n_out)) ** 0.5


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


class HeDivides(HeInitializer):
    """1 / sqrt(2 / n_in): divided by the standard deviation instead of multiplied with it."""

    def std(self, n_in):
        return (n_in / 2) ** 0.5


class HeDividesTimesSigma(HeInitializer):
    """Divided by the standard deviation, with an extra factor sigma."""

    given_sigma = 0.01

    def std(self, n_in):
        return self.given_sigma * (n_in / 2) ** 0.5
