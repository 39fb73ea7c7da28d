"""Classification trees that split one feature at a time.

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 9.2.
"""

from __future__ import annotations

import itertools

import numpy as np

from .layer import Array

Node = int | tuple[int, float, "Node", "Node"]
"""A leaf's class, or a split: rows whose feature is below the threshold go on to the first node, others to the second."""


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
        """The subtree of some rows, with so many splits on each way."""
        counts = np.bincount(y)
        if depth == 0 or counts.max() == len(y):
            return self.label(counts)
        splits = [self.splits(x[:, j], y) for j in self.features(x)]
        gains, thresholds = (np.concatenate(part) for part in zip(*splits, strict=True))
        of = np.repeat(np.arange(len(splits)), [len(part) for part, _ in splits])
        best = self.best(gains)
        feature, threshold = int(of[best]), float(thresholds[best])
        below = x[:, feature] < threshold
        sides = [self.grown(x[side], y[side], depth - 1) for side in (below, ~below)]
        return feature, threshold, sides[0], sides[1]

    def splits(self, feature: Array, y: Array) -> tuple[Array, Array]:
        """The gain of each split between two neighbouring values of a feature, and its threshold, (S,) each."""
        values = np.unique(feature)
        pairs = list(itertools.pairwise(values))
        gains = [self.gain(y, feature <= low) for low, _ in pairs]
        return np.array(gains), np.array([self.between(*pair) for pair in pairs])

    def gain(self, y: Array, low: Array) -> float:
        """By how much the impurity falls where some rows go to the low side."""
        share = float(low.mean())
        after = share * self.impurity(y[low]) + (1 - share) * self.impurity(y[~low])
        return self.impurity(y) - after

    def impurity(self, y: Array) -> float:
        """Gini's: one minus the squares of the classes' shares."""
        return float(1 - ((np.bincount(y) / len(y)) ** 2).sum())

    def features(self, x: Array) -> range:
        """Which are looked at."""
        return range(x.shape[1])

    def best(self, gains: Array) -> int:
        """Which split is taken."""
        return int(np.argmax(gains))

    def between(self, low: float, high: float) -> float:
        """The threshold between neighbouring values: half way."""
        return (low + high) / 2

    def label(self, counts: Array) -> int:
        """The answer of a leaf."""
        return int(np.argmax(counts))

    def predict(self, x: Array) -> Array:
        """The class of the leaf that each row comes to, (M,)."""
        return np.array([self.reached(row) for row in x])

    def reached(self, row: Array) -> int:
        """The class of the leaf that a row comes to."""
        node = self.root
        while isinstance(node, tuple):
            feature, threshold, low, high = node
            node = low if row[feature] < threshold else high
        return node


class AtLower(DecisionTree):
    """The threshold is the lower value, which goes to the low side."""

    def between(self, low: float, high: float) -> float:
        """The next number above the lower value."""
        return float(np.nextafter(low, np.inf))


class AtUpper(DecisionTree):
    """The threshold is the upper value, which goes to the high side."""

    def between(self, low: float, high: float) -> float:
        """The upper value."""
        return high
