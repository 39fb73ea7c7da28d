"""Answers by the nearest of the rows that were fitted.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 13.3.
"""

import numpy as np

from .layer import Array


class NearestNeighbours:
    """Each row gets the class that most of its nearest neighbours have, by the Euclidean distance.

    Args:
        neighbours: how many of them are asked.
    """

    def __init__(self, neighbours: int = 5) -> None:
        self.neighbours = neighbours

    def fit(self, x: Array, y: Array) -> None:
        """Keep the rows; x: (N, D), y: (N,), classes from 0."""
        self.x, self.y = x, y

    def predict(self, x: Array) -> Array:
        """The commonest class of the nearest, (M,)."""
        return np.asarray(np.argmax(self.votes(x), axis=1))

    def votes(self, x: Array) -> Array:
        """How many of the nearest are of each class, (M, K)."""
        classes = np.arange(int(self.y.max()) + 1)
        return np.asarray((self.y[self.nearest(x)][:, :, None] == classes).sum(axis=1))

    def nearest(self, x: Array) -> Array:
        """Which of the fitted rows are nearest, (M, neighbours)."""
        return self.ordered(x)[:, : self.neighbours]

    def ordered(self, x: Array) -> Array:
        """All fitted rows, the nearest first, (M, N)."""
        return np.asarray(np.argsort(self.distances(x), axis=1, kind="stable"))

    def distances(self, x: Array) -> Array:
        """From each row to each that was fitted, (M, N)."""
        return np.asarray(np.sqrt(((x[:, None, :] - self.x) ** 2).sum(axis=2)))
