"""k-means with one mistake each."""

import numpy as np

from .clusters import KMeans
from .layer import Array


class Medians(KMeans):
    """The median is the centre."""

    def middle(self, mine: Array, x: Array) -> Array:
        return np.asarray(np.median(mine, axis=0))


class OneNumber(KMeans):
    """The mean of all numbers is put into every feature."""

    def middle(self, mine: Array, x: Array) -> Array:
        return np.full(x.shape[1], mine.mean())


class DividedByAll(KMeans):
    """The sum is divided by the number of all rows."""

    def middle(self, mine: Array, x: Array) -> Array:
        return np.asarray(mine.sum(axis=0) / len(x))


class Summed(KMeans):
    """The sum is not divided."""

    def middle(self, mine: Array, x: Array) -> Array:
        return np.asarray(mine.sum(axis=0))


class LastLeft(KMeans):
    """The last centre never moves."""

    def step(self, centres: Array, x: Array) -> Array:
        moved = super().step(centres, x)
        moved[-1] = centres[-1]
        return moved


class Unmoved(KMeans):
    """Centres stay where they start."""

    def step(self, centres: Array, x: Array) -> Array:
        return np.array(centres)


class Manhattan(KMeans):
    """The sum of absolute differences is the distance."""

    def distances(self, centres: Array, x: Array) -> Array:
        return np.asarray(np.abs(x[:, None, :] - centres).sum(axis=2))


class Unsquared(KMeans):
    """Differences are added up with their signs."""

    def distances(self, centres: Array, x: Array) -> Array:
        return np.asarray(np.abs((x[:, None, :] - centres).sum(axis=2)))


class Farthest(KMeans):
    """A row belongs to the farthest centre."""

    def nearest(self, centres: Array, x: Array) -> Array:
        return np.asarray(np.argmax(self.distances(centres, x), axis=1))
