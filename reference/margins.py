"""Planes with the widest margin between two classes, -1 and 1.

Source: C. Cortes, V. Vapnik, Support-vector networks, Machine Learning 20 (1995). The exact solution is found as in
C. Lawson, R. Hanson, Solving Least Squares Problems (1974), 23.3.
"""

import numpy as np

from .layer import Array

_NONE = 1e-9  # slopes below it are none
_SHARES = 10.0 ** np.arange(1, 7)  # of ones in a kernel: an intercept costs one over it
_ROUNDING = 1e-9


class WidestMargin:
    """A plane through the origin, found by ascent of the dual: each row's multiplier grows where the row lies inside the
    margin, and none becomes negative.

    Args:
        iterations: how many steps a fit makes.
        rate: the learning rate.
        threshold: the multiplier above which a row is a support vector.
    """

    def __init__(self, iterations: int = 1000, rate: float = 0.01, threshold: float = 1e-5) -> None:
        self.iterations, self.rate, self.threshold = iterations, rate, threshold

    def fit(self, x: Array, y: Array) -> None:
        """Find the multipliers from a drawn start; x: (N, D), y: (N,), -1 or 1."""
        products = self.products(x, y)
        multipliers = self.start(len(y))
        for _ in range(self.iterations):
            multipliers = self.step(multipliers, products)
        self.keep(x, y, multipliers)

    def products(self, x: Array, y: Array) -> Array:
        """Of each row and its class with each, (N, N)."""
        return np.asarray(self.kernel(x, x) * np.outer(y, y))

    def start(self, rows: int) -> Array:
        """Where the multipliers begin, (N,)."""
        return np.random.random(rows)

    def step(self, multipliers: Array, products: Array) -> Array:
        """The multipliers after one step."""
        slopes = 1 - products @ multipliers
        return np.maximum(0, multipliers + self.rate * slopes)

    def keep(self, x: Array, y: Array, multipliers: Array) -> None:
        """Remember the rows that are support vectors: `support`, their numbers."""
        self.support = np.flatnonzero(multipliers > self.threshold)
        self.rows, self.classes = x[self.support], y[self.support]
        self.multipliers = multipliers[self.support]

    def kernel(self, a: Array, b: Array) -> Array:
        """The product of each row with each, (N, M)."""
        return np.asarray(a @ b.T)

    def scores(self, x: Array) -> Array:
        """On which side of the plane rows lie, 1 or -1 on the margin, (M,)."""
        return np.asarray(self.kernel(x, self.rows) @ (self.multipliers * self.classes))

    def predict(self, x: Array) -> Array:
        """The class of that side, (M,)."""
        return np.where(self.scores(x) > 0, 1, -1)

    def settle(self, x: Array, y: Array) -> None:
        """What a fit comes to after endless iterations, exactly."""
        self.keep(x, y, widest(self.products(x, y)))

    def pace(self, x: Array, y: Array) -> dict[str, float]:
        """Settings with which each right way comes to rest."""
        products = self.products(x, y) + np.outer(y, y)
        rate = float(np.round(1.5 / np.linalg.eigvalsh(products)[-1], 6))
        return {"iterations": 1000, "rate": rate, "threshold": 1e-5}


class WidestWithOnes(WidestMargin):
    """Rows have one more feature, which is 1: its weight is an intercept that counts in the margin."""

    def kernel(self, a: Array, b: Array) -> Array:
        """With the products of the ones."""
        return super().kernel(a, b) + 1


class WidestWithIntercept(WidestMargin):
    """A plane anywhere: its intercept does not count in the margin."""

    intercept: float

    def fit(self, x: Array, y: Array) -> None:
        """Find the plane; x: (N, D), y: (N,), -1 or 1."""
        self.settle(x, y)

    def settle(self, x: Array, y: Array) -> None:
        """The support vectors are those of a kernel whose intercept costs little enough; then each lies on the margin."""
        products, pairs = self.products(x, y), np.outer(y, y)
        for share in _SHARES * float(np.diag(products).max()):
            self.keep(x, y, widest(products + share * pairs))
            signs = self.classes[:, None].astype(float)
            inner = products[np.ix_(self.support, self.support)]
            whole = np.block([[inner, signs], [signs.T, np.zeros((1, 1))]])
            wanted = np.append(np.ones(len(inner)), 0.0)
            solved = np.linalg.lstsq(whole, wanted, rcond=None)[0]
            self.multipliers, self.intercept = solved[:-1], float(solved[-1])
            outside = (y * self.scores(x)).min() > 1 - _ROUNDING
            if outside and (self.multipliers > 0).all():
                break

    def scores(self, x: Array) -> Array:
        """With the intercept, (M,)."""
        return super().scores(x) + self.intercept


def widest(products: Array) -> Array:
    """The multipliers of the dual's maximum, (N,): of sum(a) - a @ products @ a / 2 with a >= 0. By least distance
    programming: shares u >= 0 of the least u @ (products + 1) @ u / 2 - sum(u), over what they leave of 1.
    """
    n = len(products)
    whole = products + 1
    shares, active = np.zeros(n), np.zeros(n, dtype=bool)
    for _ in range(5 * n):
        slopes = np.where(active, -np.inf, 1 - whole @ shares)
        if slopes.max() < _NONE:
            break
        active[slopes.argmax()] = True
        for _ in range(n):
            aim = np.zeros(n)
            inner = whole[np.ix_(active, active)]
            aim[active] = np.linalg.lstsq(inner, np.ones(len(inner)), rcond=None)[0]
            low = active & (aim <= 0)
            if not low.any():
                shares = aim
                break
            far = np.full(n, np.inf)
            far[low] = shares[low] / (shares[low] - aim[low])
            shares = shares + far.min() * (aim - shares)
            active[far.argmin()] = False
            shares[~active] = 0.0
    return np.asarray(shares / (1 - shares.sum()))
