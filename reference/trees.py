"""Classification trees that split one feature at a time.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 9.2.
"""

from __future__ import annotations

import numpy as np

from .layer import Array

Node = int | tuple[int, float, "Node", "Node"]
"""A leaf's class, or a split: rows whose feature is below the threshold go on to the first node, others to the second."""


def shares(counts: Array) -> Array:
    """The classes' shares of rows that were counted, each 0 where there are none; (S, C)."""
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1))


class ByChance:
    """Of equally good splits, and of equally common classes, any is taken: what hangs on a tie shows. It goes before a
    tree in the bases of a class; `ties` decides.
    """

    ties: np.random.Generator

    def best(self, gains: Array) -> int:
        """Any of the best splits, but for rounding."""
        return int(self.ties.choice(np.flatnonzero(gains >= gains.max() - 1e-12)))

    def label(self, counts: Array) -> int:
        """Any of the commonest classes."""
        return int(self.ties.choice(np.flatnonzero(counts == counts.max())))


class DecisionTree:
    """Each node is split where the Gini impurity falls most; a leaf answers with its commonest class.

    Args:
        depth: how many splits there are on the way to a leaf, at most.
    """

    by_chance = ByChance

    def __init__(self, depth: int = 1) -> None:
        self.depth = depth

    def fit(self, x: Array, y: Array) -> None:
        """Grow the tree; x: (N, D), y: (N,), classes from 0."""
        self.root = self.grown(x, y, self.depth)

    def grown(self, x: Array, y: Array, depth: int) -> Node:
        """The subtree of some rows, with so many splits on each way; a leaf where no feature has two values."""
        counts = np.bincount(y)
        if depth == 0 or counts.max() == len(y):
            return self.label(counts)
        gains, features, thresholds = self.splits(x[:, self.features(x)], y)
        if not len(gains):
            return self.label(counts)
        best = self.best(gains)
        feature, threshold = int(features[best]), float(thresholds[best])
        below = x[:, feature] < threshold
        sides = [self.grown(x[side], y[side], depth - 1) for side in (below, ~below)]
        return feature, threshold, sides[0], sides[1]

    def splits(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Each split between two neighbouring values of a feature: its gain, its feature and its threshold, (S,) each.

        Classes are counted along each feature's rows in order, so that a node costs no loop over its splits.
        """
        order = np.argsort(x, axis=0, kind="stable")
        values = np.take_along_axis(x, order, axis=0)
        low = np.cumsum(np.eye(y.max() + 1)[y[order]], axis=0)  # (N, D, C): of the rows up to each
        features, at = np.nonzero((values[:-1] < values[1:]).T)
        gains = self.gain(low[at, features], low[-1, features])
        return gains, features, self.between(values[at, features], values[at + 1, features])

    def gain(self, low: Array, counts: Array) -> Array:
        """By how much the impurity falls where some rows of each class go to the low side, of so many; (S, C), (S,)."""
        share = self.share(low, counts)
        after = share * self.impurity(low) + (1 - share) * self.impurity(counts - low)
        return np.asarray(self.impurity(counts) - after)

    def share(self, low: Array, counts: Array) -> Array:
        """The share of the rows that go to the low side, (S,)."""
        return np.asarray(low.sum(axis=-1) / counts.sum(axis=-1))

    def impurity(self, counts: Array) -> Array:
        """Gini's: one minus the squares of the classes' shares; (S, C), (S,)."""
        return np.asarray(1 - (shares(counts) ** 2).sum(axis=-1))

    def features(self, x: Array) -> range:
        """Which are looked at."""
        return range(x.shape[1])

    def best(self, gains: Array) -> int:
        """Which split is taken."""
        return int(np.argmax(gains))

    def between(self, low: Array, high: Array) -> Array:
        """The thresholds between neighbouring values: half way."""
        return (low + high) / 2

    def label(self, counts: Array) -> int:
        """The answer of a leaf."""
        return int(np.argmax(counts))

    def predict(self, x: Array) -> Array:
        """The class of the leaf that each row comes to, (M,)."""
        return self.reached(self.root, x)

    def reached(self, node: Node, x: Array) -> Array:
        """The class of the leaf that each row comes to from a node, (M,)."""
        if not isinstance(node, tuple):
            return np.full(len(x), node)
        feature, threshold, *sides = node
        answers = np.empty(len(x), dtype=np.int64)
        below = self.below(x[:, feature], threshold)
        for side, rows in zip(sides, (below, ~below), strict=True):
            answers[rows] = self.reached(side, x[rows])
        return answers

    def below(self, values: Array, threshold: float) -> Array:
        """Which rows go on to the first node of a split, (M,)."""
        return values < threshold


class AtLower(DecisionTree):
    """The threshold is the lower value, which goes to the low side."""

    def between(self, low: Array, high: Array) -> Array:
        """The next number above the lower value."""
        return np.asarray(np.nextafter(low, np.inf))


class AtUpper(DecisionTree):
    """The threshold is the upper value, which goes to the high side."""

    def between(self, low: Array, high: Array) -> Array:
        """The upper value."""
        return high
