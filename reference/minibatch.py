"""Mini-batches in shuffled order."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .layer import Array
from .sizes import as_int


class GetMiniBatch:
    """The samples ``X`` (n, ...) and their answers ``y`` (n, ...) in batches, shuffled together.

    Every sample comes once, with its own answer; the last batch may be smaller. ``seed`` is a
    number or a numpy Generator, and the same seed gives the same order. ``len`` is the number of
    batches, and ``batches[i]`` is the pair (X, y) of batch i, of the dtypes that came in; the
    data are gathered then, and never copied as a whole. Raises ValueError when X and y have
    different lengths or batch_size is below 1, IndexError for a batch that is not there.
    """

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        batch_size: int = 20,
        seed: int | np.random.Generator = 0,
    ) -> None:
        self.X, self.y = np.asarray(X), np.asarray(y)
        if not self.X.ndim or not self.y.ndim or len(self.X) != len(self.y):
            raise ValueError(
                f"X and y must have the same length, got {self.X.shape} and {self.y.shape}"
            )
        self.batch_size = as_int(batch_size, "batch_size", 1)
        self._order: np.ndarray[Any, np.dtype[np.int64]] = np.random.default_rng(seed).permutation(
            len(self.X)
        )

    def __len__(self) -> int:
        return -(-len(self.X) // self.batch_size)

    def __getitem__(self, i: int) -> tuple[Array, Array]:
        start = range(0, len(self.X), self.batch_size)[i]
        chosen = self._order[start : start + self.batch_size]
        return self.X[chosen], self.y[chosen]

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        return (self[i] for i in range(len(self)))
