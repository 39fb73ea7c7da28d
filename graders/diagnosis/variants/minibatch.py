"""GetMiniBatch as students get it wrong."""

import numpy as np

from reference import GetMiniBatch


class LastBatchDropped(GetMiniBatch):
    """Samples that fill no whole batch are left out."""

    def __len__(self):
        return len(self.X) // self.batch_size

    def __iter__(self):
        return (self[i] for i in range(len(self)))


class AnswersNotShuffled(GetMiniBatch):
    """X is shuffled and y is not."""

    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        start = i * self.batch_size
        return x, self.y[start : start + len(y)]


class ShuffledApart(GetMiniBatch):
    """X and y are each shuffled in an order of their own."""

    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        other = np.random.default_rng(len(self.X)).permutation(len(self.X))
        start = i * self.batch_size
        return x, self.y[other[start : start + len(y)]]


class WithReplacement(GetMiniBatch):
    """Samples are drawn anew for each batch: some come twice and others never."""

    def __init__(self, X, y, batch_size=20, seed=0):
        super().__init__(X, y, batch_size, seed)
        self._order = np.random.default_rng(seed).integers(0, len(self.X), len(self.X))


class SeedIgnored(GetMiniBatch):
    """The order differs between two objects of the same seed."""

    def __init__(self, X, y, batch_size=20, seed=0):
        super().__init__(X, y, batch_size, seed)
        self._order = np.random.default_rng().permutation(len(self.X))
