"""Classes by Bayes' rule, of features that are independent within each.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 6.6.3.
"""

import numpy as np

from .layer import Array


class GaussianNaiveBayes:
    """Each feature of a class is normal, with a mean and a variance of its own; how frequent a class is counts, too."""

    def fit(self, x: Array, y: Array) -> None:
        """Take means, variances and shares of each class; x: (N, D), y: (N,)."""
        self.classes = np.unique(y)
        mine = [x[y == k] for k in self.classes]
        self.means = np.array([self.middle(rows) for rows in mine])
        self.variances = np.array([self.spread(rows) for rows in mine])
        self.priors = self.shares(np.array([len(rows) for rows in mine]))

    def middle(self, rows: Array) -> Array:
        """The mean of each feature, (D,)."""
        return np.asarray(rows.mean(axis=0))

    def spread(self, rows: Array) -> Array:
        """The variance of each feature, (D,)."""
        return np.asarray(rows.var(axis=0))

    def shares(self, counts: Array) -> Array:
        """How frequent each class is, (K,)."""
        return np.asarray(counts / counts.sum())

    def predict(self, x: Array) -> Array:
        """The likeliest class, (M,)."""
        return np.asarray(self.classes[np.argmax(self.posteriors(x), axis=1)])

    def posteriors(self, x: Array) -> Array:
        """The logarithm of each class's probability, up to what all have in common, (M, K)."""
        return np.asarray(self.densities(x).sum(axis=2) + np.log(self.priors))

    def densities(self, x: Array) -> Array:
        """The logarithm of each feature's density in each class, (M, K, D)."""
        squares = (x[:, None, :] - self.means) ** 2 / self.variances
        return np.asarray(-(squares + np.log(2 * np.pi * self.variances)) / 2)


class SampleVariance(GaussianNaiveBayes):
    """Variances are over one less than the number of rows."""

    def spread(self, rows: Array) -> Array:
        """The unbiased variance of each feature, (D,)."""
        return np.asarray(rows.var(axis=0, ddof=1))


class SmoothedNaiveBayes(GaussianNaiveBayes):
    """The same, with something added to each variance, so that none is zero.

    Args:
        smoothing: times the largest variance of all features.
    """

    def __init__(self, smoothing: float = 1e-9) -> None:
        self.smoothing = smoothing

    def fit(self, x: Array, y: Array) -> None:
        """Take means, variances and shares of each class; x: (N, D), y: (N,)."""
        super().fit(x, y)
        self.variances = self.variances + self.added(x)

    def added(self, x: Array) -> Array:
        """What is added to each variance."""
        return np.asarray(self.smoothing * x.var(axis=0).max())


class SmoothedBy(SmoothedNaiveBayes):
    """The smoothing itself is added to each variance."""

    def added(self, x: Array) -> Array:
        """What is added to each variance."""
        return np.asarray(self.smoothing)
