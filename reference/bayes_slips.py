"""Gaussian naive Bayes with one mistake each."""

import numpy as np

from .bayes import GaussianNaiveBayes, SmoothedNaiveBayes
from .layer import Array


class PriorsLeft(GaussianNaiveBayes):
    """How frequent a class is does not count."""

    def shares(self, counts: Array) -> Array:
        return np.full(len(counts), 1 / len(counts))


class Deviations(GaussianNaiveBayes):
    """Standard deviations stand in the place of variances."""

    def spread(self, rows: Array) -> Array:
        return np.sqrt(super().spread(rows))


class VariancesSquared(GaussianNaiveBayes):
    """Variances are squared once more, as if they were standard deviations."""

    def spread(self, rows: Array) -> Array:
        return np.asarray(super().spread(rows) ** 2)


class RootLeft(GaussianNaiveBayes):
    """The densities are not divided by the width of the curve."""

    def densities(self, x: Array) -> Array:
        return np.asarray(-((x[:, None, :] - self.means) ** 2) / self.variances / 2)


class HalfLeft(GaussianNaiveBayes):
    """The 2 below the squares is left out."""

    def densities(self, x: Array) -> Array:
        squares = (x[:, None, :] - self.means) ** 2 / self.variances
        return np.asarray(super().densities(x) - squares / 2)


class Summed(GaussianNaiveBayes):
    """Densities of features are added up in the place of being multiplied."""

    def posteriors(self, x: Array) -> Array:
        return np.asarray(np.log(np.exp(self.densities(x)).sum(axis=2)) + np.log(self.priors))


class PriorsAdded(GaussianNaiveBayes):
    """The shares themselves are added to the logarithms."""

    def posteriors(self, x: Array) -> Array:
        return np.asarray(self.densities(x).sum(axis=2) + self.priors)


class OneVariance(GaussianNaiveBayes):
    """The variances are those of all rows, whatever their class."""

    def fit(self, x: Array, y: Array) -> None:
        super().fit(x, y)
        self.variances = np.array([self.spread(x)] * len(self.classes))


class FirstFeature(GaussianNaiveBayes):
    """The first feature alone counts."""

    def densities(self, x: Array) -> Array:
        return super().densities(x)[:, :, :1]


class Medians(GaussianNaiveBayes):
    """Medians stand in the place of means."""

    def middle(self, rows: Array) -> Array:
        return np.asarray(np.median(rows, axis=0))


class LeastLikely(GaussianNaiveBayes):
    """The least likely class is told."""

    def predict(self, x: Array) -> Array:
        return np.asarray(self.classes[np.argmin(self.posteriors(x), axis=1)])


class SmoothedLeastLikely(SmoothedNaiveBayes):
    """The least likely class is told."""

    def predict(self, x: Array) -> Array:
        return np.asarray(self.classes[np.argmin(self.posteriors(x), axis=1)])


class SmoothingLeft(SmoothedNaiveBayes):
    """Nothing is added to the variances."""

    def added(self, x: Array) -> Array:
        return np.zeros(())


class SmoothedShares(SmoothedNaiveBayes):
    """The smoothing is added to the numbers of rows in the place of the variances."""

    def added(self, x: Array) -> Array:
        return np.zeros(())

    def shares(self, counts: Array) -> Array:
        return super().shares(counts + self.smoothing)


class SmoothedOnce(SmoothedNaiveBayes):
    """The variance of the first feature alone is smoothed."""

    def added(self, x: Array) -> Array:
        return np.where(np.arange(x.shape[1]), 0.0, super().added(x))


class SmoothingTaken(SmoothedNaiveBayes):
    """The smoothing stands in the place of small variances, and is not added."""

    def fit(self, x: Array, y: Array) -> None:
        super().fit(x, y)
        self.variances = np.maximum(self.variances - self.added(x), self.added(x))


class SmoothingTwice(SmoothedNaiveBayes):
    """Twice the smoothing is added."""

    def added(self, x: Array) -> Array:
        return np.asarray(2 * super().added(x))
