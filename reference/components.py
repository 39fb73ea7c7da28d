"""The directions along which rows are spread most.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 14.5.1.
"""

import numpy as np

from .layer import Array


class PrincipalComponents:
    """Rows about their mean, along the eigenvectors of their covariance that have the largest eigenvalues.

    Each direction is right with either sign.

    Args:
        components: how many directions, K.
    """

    def __init__(self, components: int = 2) -> None:
        self.components = components

    def fit(self, x: Array) -> None:
        """Find mean and directions, (K, D); x: (N, D)."""
        self.mean = self.middle(x)
        self.directions = self.chosen(*np.linalg.eigh(self.covariance(x - self.mean)))

    def middle(self, x: Array) -> Array:
        """What is taken from the rows, (D,)."""
        return np.asarray(x.mean(axis=0))

    def covariance(self, x: Array) -> Array:
        """Of rows about their mean, (D, D)."""
        return np.asarray(x.T @ x / (len(x) - 1))

    def chosen(self, values: Array, vectors: Array) -> Array:
        """The directions of the largest eigenvalues, largest first, (K, D); `vectors` has them as columns."""
        order = np.argsort(values)[::-1]
        return np.asarray(vectors[:, order[: self.components]].T)

    def transform(self, x: Array) -> Array:
        """Coordinates along the directions, (M, K)."""
        return np.asarray((x - self.mean) @ self.directions.T)


class ExplainedVariance(PrincipalComponents):
    """The same, and how much of the variance lies along each direction."""

    def fit(self, x: Array) -> None:
        """Find mean, directions (K, D) and variances; x: (N, D)."""
        super().fit(x)
        self.spread = np.linalg.eigvalsh(self.covariance(x - self.mean))[::-1]

    def variances(self) -> Array:
        """The variance along each direction, (K,)."""
        return np.asarray(self.spread[: self.components])

    def ratios(self) -> Array:
        """What share of all variance that is, (K,)."""
        return np.asarray(self.variances() / self.spread.sum())
