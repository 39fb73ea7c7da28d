"""k nearest neighbours with one mistake each."""

import numpy as np

from .layer import Array
from .neighbours import NearestNeighbours


class NearestSkipped(NearestNeighbours):
    """The nearest of all is left out, as if it were the row itself."""

    def nearest(self, x: Array) -> Array:
        return self.ordered(x)[:, 1 : self.neighbours + 1]


class OneMore(NearestNeighbours):
    """One neighbour too many."""

    def nearest(self, x: Array) -> Array:
        return self.ordered(x)[:, : self.neighbours + 1]


class OneLess(NearestNeighbours):
    """The nearest is left out, and nobody takes its place."""

    def nearest(self, x: Array) -> Array:
        return self.ordered(x)[:, 1 : max(2, self.neighbours)]


class Manhattan(NearestNeighbours):
    """The sum of the absolute differences is the distance."""

    def distances(self, x: Array) -> Array:
        return np.asarray(np.abs(x[:, None, :] - self.x).sum(axis=2))


class Unsquared(NearestNeighbours):
    """Differences are added up with their signs."""

    def distances(self, x: Array) -> Array:
        return np.asarray(np.abs((x[:, None, :] - self.x).sum(axis=2)))


class Farthest(NearestNeighbours):
    """The farthest rows are asked."""

    def ordered(self, x: Array) -> Array:
        return super().ordered(x)[:, ::-1]


class OnlyOne(NearestNeighbours):
    """The nearest alone is asked, whatever the number."""

    def nearest(self, x: Array) -> Array:
        return self.ordered(x)[:, :1]


class FirstFeature(NearestNeighbours):
    """One feature alone makes the distance."""

    def distances(self, x: Array) -> Array:
        return np.asarray(np.abs(x[:, :1] - self.x[:, 0]))


class Averaged(NearestNeighbours):
    """The classes are averaged and rounded, as if they were numbers."""

    def predict(self, x: Array) -> Array:
        return np.asarray(np.round(self.y[self.nearest(x)].mean(axis=1))).astype(int)
