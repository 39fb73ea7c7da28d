"""Decision trees with one mistake each."""

import numpy as np

from .layer import Array
from .trees import DecisionTree, shares


class Unweighted(DecisionTree):
    """Both sides count alike, however many rows they have."""

    def gain(self, low: Array, counts: Array) -> Array:
        return self.impurity(counts) - self.impurity(low) - self.impurity(counts - low)


class OneSide(DecisionTree):
    """The impurity of the low side alone is looked at."""

    def gain(self, low: Array, counts: Array) -> Array:
        return np.asarray(self.impurity(counts) - self.share(low, counts) * self.impurity(low))


class OneSideWhole(DecisionTree):
    """The impurity of the high side is not weighted."""

    def gain(self, low: Array, counts: Array) -> Array:
        return np.asarray(
            super().gain(low, counts) - self.share(low, counts) * self.impurity(counts - low)
        )


class Entropy(DecisionTree):
    """Entropy in the place of Gini's impurity."""

    def impurity(self, counts: Array) -> Array:
        of = shares(counts)
        return np.asarray(-(of * np.log2(np.where(of > 0, of, 1.0))).sum(axis=-1))


class Worst(DecisionTree):
    """The split that gains least is taken."""

    def best(self, gains: Array) -> int:
        return int(np.argmin(gains))


class FirstFeature(DecisionTree):
    """The first feature alone is looked at."""

    def features(self, x: Array) -> range:
        return range(1)


class LastFeatureLeft(DecisionTree):
    """The last feature is not looked at."""

    def features(self, x: Array) -> range:
        return range(x.shape[1] - 1)


class Rarest(DecisionTree):
    """A leaf answers with its rarer class."""

    def label(self, counts: Array) -> int:
        return int(np.argmin(np.where(counts > 0, counts, counts.sum() + 1)))


class SidesSwapped(DecisionTree):
    """Asking goes to the other side than fitting."""

    def below(self, values: Array, threshold: float) -> Array:
        return ~super().below(values, threshold)


class AtMean(DecisionTree):
    """Each feature is split at its mean alone."""

    def splits(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        means = x.mean(axis=0)
        of = np.eye(y.max() + 1)[y]  # (N, C)
        gains = self.gain((x < means).T @ of, np.tile(of.sum(axis=0), (x.shape[1], 1)))
        return gains, np.arange(x.shape[1]), means


class OneLevelMore(DecisionTree):
    """One split more than was asked for."""

    def fit(self, x: Array, y: Array) -> None:
        self.root = self.grown(x, y, self.depth + 1)


class OneSplitOnly(DecisionTree):
    """The sides of the first split are not split again."""

    def fit(self, x: Array, y: Array) -> None:
        self.root = self.grown(x, y, 1)
