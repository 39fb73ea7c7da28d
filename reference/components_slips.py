"""Principal components with one mistake each."""

import numpy as np

from .components import ExplainedVariance
from .layer import Array


class NotCentred(ExplainedVariance):
    """The mean is left in."""

    def middle(self, x: Array) -> Array:
        return np.zeros(x.shape[1])


class NotCentredInTransform(ExplainedVariance):
    """Rows are projected with the mean in them."""

    def transform(self, x: Array) -> Array:
        return super().transform(x + self.mean)


class OwnMean(ExplainedVariance):
    """New rows are centred by a mean of their own."""

    def transform(self, x: Array) -> Array:
        return super().transform(x - x.mean(axis=0) + self.mean)


class VectorsAsRows(ExplainedVariance):
    """Rows of the matrix of eigenvectors are taken in the place of its columns."""

    def chosen(self, values: Array, vectors: Array) -> Array:
        return super().chosen(values, vectors.T)


class SmallestFirst(ExplainedVariance):
    """The smallest eigenvalues are taken."""

    def chosen(self, values: Array, vectors: Array) -> Array:
        return super().chosen(-values, vectors)

    def variances(self) -> Array:
        return np.asarray(self.spread[::-1][: self.components])


class LargestLast(ExplainedVariance):
    """The largest eigenvalues are taken, in ascending order."""

    def chosen(self, values: Array, vectors: Array) -> Array:
        return super().chosen(values, vectors)[::-1]

    def variances(self) -> Array:
        return super().variances()[::-1]


class Scaled(ExplainedVariance):
    """Each feature is divided by its standard deviation."""

    def fit(self, x: Array) -> None:
        self.deviations = x.std(axis=0)
        super().fit(x / self.deviations)

    def transform(self, x: Array) -> Array:
        return super().transform(x / self.deviations)


class OfCorrelations(ExplainedVariance):
    """The directions are those of the correlations."""

    def covariance(self, x: Array) -> Array:
        return np.corrcoef(x, rowvar=False)


class Whitened(ExplainedVariance):
    """Coordinates are divided by their standard deviation."""

    def transform(self, x: Array) -> Array:
        return np.asarray(super().transform(x) / np.sqrt(self.variances()))


class Multiplied(ExplainedVariance):
    """Coordinates are multiplied by their eigenvalues."""

    def transform(self, x: Array) -> Array:
        return super().transform(x) * self.variances()


class OfTheKept(ExplainedVariance):
    """The share is that of the variance of the directions that are kept."""

    def ratios(self) -> Array:
        return np.asarray(self.variances() / self.variances().sum())


class OfDeviations(ExplainedVariance):
    """Singular values are taken without being squared."""

    def ratios(self) -> Array:
        return np.asarray(np.sqrt(self.variances()) / np.sqrt(self.spread).sum())


class AddedUp(ExplainedVariance):
    """Each share has those before it in it."""

    def ratios(self) -> Array:
        return np.cumsum(super().ratios())


class NotDivided(ExplainedVariance):
    """The variance itself stands in the place of its share."""

    def ratios(self) -> Array:
        return self.variances()
