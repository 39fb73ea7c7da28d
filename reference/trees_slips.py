"""Decision trees with one mistake each."""

import numpy as np

from .layer import Array
from .trees import DecisionTree


class Unweighted(DecisionTree):
    """Both sides count alike, however many rows they have."""

    def gain(self, y: Array, low: Array) -> float:
        return self.impurity(y) - self.impurity(y[low]) - self.impurity(y[~low])


class OneSide(DecisionTree):
    """The impurity of the low side alone is looked at."""

    def gain(self, y: Array, low: Array) -> float:
        return self.impurity(y) - float(low.mean()) * self.impurity(y[low])


class OneSideWhole(DecisionTree):
    """The impurity of the high side is not weighted."""

    def gain(self, y: Array, low: Array) -> float:
        return super().gain(y, low) - float(low.mean()) * self.impurity(y[~low])


class Entropy(DecisionTree):
    """Entropy in the place of Gini's impurity."""

    def impurity(self, y: Array) -> float:
        shares = np.bincount(y) / len(y)
        return float(-(shares * np.log2(np.where(shares > 0, shares, 1.0))).sum())


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

    def reached(self, row: Array) -> int:
        node = self.root
        while isinstance(node, tuple):
            feature, threshold, low, high = node
            node = high if row[feature] < threshold else low
        return node


class AtMean(DecisionTree):
    """Each feature is split at its mean alone."""

    def splits(self, feature: Array, y: Array) -> tuple[Array, Array]:
        mean = feature.mean()
        return np.array([self.gain(y, feature < mean)]), np.array([mean])


class OneLevelMore(DecisionTree):
    """One split more than was asked for."""

    def fit(self, x: Array, y: Array) -> None:
        self.root = self.grown(x, y, self.depth + 1)


class OneSplitOnly(DecisionTree):
    """The sides of the first split are not split again."""

    def fit(self, x: Array, y: Array) -> None:
        self.root = self.grown(x, y, 1)
