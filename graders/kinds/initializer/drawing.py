"""Whether numbers were drawn: no order among them, not too even, and others in another draw.

Each bound lies so far out that independent draws miss it less than once in ten million times;
what is computed from the index, or taken from one list of values, is far beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from graders.kinds.initializer import statistics
from graders.messages import M, Message

ORDER_BOUND = 6.0  # standard errors of a correlation; two-sided 2e-9
EVEN_BOUND = 0.1  # distance of two distributions, times sqrt(n)
SHARED = 0.5  # share of values that two draws may have in common; float32 draws share 0.01

MOST_REPEATED = 1e-3  # share of values that stand there twice; draws of 53 bits share next to none


def drawn(values: np.ndarray, again: Sequence[np.ndarray], what: Message) -> Message | None:
    """What shows that values are no draws; None if nothing does.

    Args:
        again: what other calls gave, with seeds ignored.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    if not np.all(np.isfinite(flat)) or np.ptp(flat) == 0:
        return M("{what} is not random: its values are all the same or not finite.", what=what)
    if any(abs(r) * math.sqrt(flat.size) > ORDER_BOUND for r in _orders(values)):
        return M("{what} is not random: its values are in order.", what=what)
    if values.dtype != np.float16 and _unevenness(flat) < EVEN_BOUND:
        return M(
            "{what} is not random: its values are spread more evenly than draws ever are.",
            what=what,
        )
    if _repeated(values) > (MOST_REPEATED if values.dtype == np.float64 else SHARED):
        return M(
            "{what} is not random: the same values stand in it more than once, their sign aside.",
            what=what,
        )
    if len(again) < 2:
        return None
    one, two = (np.asarray(a, dtype=np.float64).ravel() for a in again[:2])
    if np.array_equal(one, two):
        return M("{what} is not random: every call gives the same values.", what=what)
    coarse = values.dtype == np.float16
    first, second = np.sort(one), np.sort(two)
    for other in (second, -second[::-1]):
        if _like(first, other) < EVEN_BOUND or (not coarse and _shared(first, other) > SHARED):
            return M(
                "{what} is not random: two calls give the same values, changed in order or size.",
                what=what,
            )
    if abs(_correlation(one, two)) * math.sqrt(one.size) > ORDER_BOUND:
        return M("{what} is not random: what a call gives follows from an earlier one.", what=what)
    return None


def _orders(values: np.ndarray) -> Iterator[float]:
    """Correlations that are zero for draws: of a value with its place, and of neighbours."""
    for turned in (values, values.T):
        flat = turned.astype(np.float64).ravel()
        yield _correlation(flat, np.arange(flat.size, dtype=np.float64))
        yield _correlation(flat[1:], flat[:-1])
        yield _correlation(np.abs(flat[1:]), np.abs(flat[:-1]))


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    a, b = one - one.mean(), two - two.mean()
    length = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / length if length > 0 else 0.0


def _unevenness(values: np.ndarray) -> float:
    """Kolmogorov's distance from the Gaussian with these moments, times sqrt(n)."""
    return statistics.distance(values, float(values.mean()), float(values.std())) * math.sqrt(
        values.size
    )


def _repeated(values: np.ndarray) -> float:
    """The share of values whose size another one has, too."""
    sizes = np.sort(np.abs(values), axis=None)
    return float(np.mean(sizes[1:] == sizes[:-1]))


def _shared(one: np.ndarray, two: np.ndarray) -> float:
    """The share of values of one that are in the other."""
    places = np.minimum(np.searchsorted(two, one), two.size - 1)
    return float(np.mean(two[places] == one))


def _like(one: np.ndarray, two: np.ndarray) -> float:
    """The mean distance of the sorted values, mean and spread aside, times sqrt(n / 2)."""
    a, b = ((v - v.mean()) / max(float(v.std()), 1e-300) for v in (one, two))
    return float(np.mean(np.abs(a - b))) * math.sqrt(a.size / 2)
