"""Groups of rows by their nearest centre.

Source: S. Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28 (1982).
"""

import numpy as np

from .layer import Array


class KMeans:
    """Centres that move to the mean of the rows that are nearest to them, until none moves.

    Args:
        clusters: how many centres.
        iterations: how often they move.
    """

    centres: Array  # (K, D)

    def __init__(self, clusters: int = 3, iterations: int = 100) -> None:
        self.clusters, self.iterations = clusters, iterations

    def fit(self, x: Array) -> None:
        """Find the centres from a drawn start; x: (N, D)."""
        self.centres = self.start(x)
        for _ in range(self.iterations):
            self.centres = self.step(self.centres, x)

    def start(self, x: Array) -> Array:
        """Different rows as centres, drawn."""
        return np.asarray(x[np.random.choice(len(x), self.clusters, replace=False)])

    def step(self, centres: Array, x: Array) -> Array:
        """The centres after one move; one without rows stays."""
        labels = self.nearest(centres, x)
        mine = [x[labels == k] for k in range(len(centres))]
        return np.array(
            [self.middle(m, x) if len(m) else c for m, c in zip(mine, centres, strict=True)]
        )

    def middle(self, mine: Array, x: Array) -> Array:
        """Where a centre moves to, from its own rows and all rows: their mean, (D,)."""
        return np.asarray(mine.mean(axis=0))

    def nearest(self, centres: Array, x: Array) -> Array:
        """The number of the nearest centre, (N,)."""
        return np.asarray(np.argmin(self.distances(centres, x), axis=1))

    def distances(self, centres: Array, x: Array) -> Array:
        """Squared, from each row to each centre, (N, K)."""
        return np.asarray(((x[:, None, :] - centres) ** 2).sum(axis=2))

    def predict(self, x: Array) -> Array:
        """The number of the nearest centre, (M,)."""
        return self.nearest(self.centres, x)
