"""The reference: Lloyd's algorithm, the best of several starts.

Source: S. P. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28 (1982).
"""

import numpy as np


def distances(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances, (N, K), of N points to K centres."""
    squares: np.ndarray = ((x[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return squares


class KMeans:
    """K centres such that each is the mean of the points that are nearest to it.

    Args:
        clusters: K.
        starts: how often to start, each time from other points; the best solution is kept.
        steps: at most so many steps a start.
    """

    centres: np.ndarray  # (K, D), after fit
    sse: float  # the sum of squared distances to them

    def __init__(self, clusters: int, starts: int = 10, steps: int = 300, seed: int = 0) -> None:
        self.clusters, self.starts, self.steps = clusters, starts, steps
        self._rng = np.random.default_rng(seed)

    def fit(self, x: np.ndarray) -> None:
        """Find the centres, (K, D), of N points, (N, D)."""
        self.sse = np.inf
        for _ in range(self.starts):
            centres = self.settled(x, self.first(x))
            sse = float(distances(x, centres).min(axis=1).sum())
            if sse < self.sse:
                self.sse, self.centres = sse, centres

    def first(self, x: np.ndarray) -> np.ndarray:
        """Different points of the data as the first centres."""
        return x[self._rng.permutation(len(x))[: self.clusters]]

    def settled(self, x: np.ndarray, centres: np.ndarray) -> np.ndarray:
        """The centres after as many steps as it takes until nothing moves."""
        for _ in range(self.steps):
            moved = self.moved(x, centres)
            if np.array_equal(moved, centres):
                break
            centres = moved
        return centres

    def moved(self, x: np.ndarray, centres: np.ndarray) -> np.ndarray:
        """Each centre at the mean of its points; one without points stays where it is."""
        nearest = distances(x, centres).argmin(axis=1)
        new = centres.copy()
        for k in range(len(centres)):
            own = x[nearest == k]
            if len(own):
                new[k] = own.mean(axis=0)
        return new

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The number of the nearest centre, (N,), for each point."""
        nearest: np.ndarray = distances(x, self.centres).argmin(axis=1)
        return nearest
