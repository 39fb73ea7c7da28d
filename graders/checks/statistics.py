"""Whether drawn weights are what an initialiser should draw: shape, mean, spread, Gaussian or not.

Each bound lies so far out that a right implementation fails it less than once in ten million
draws, while the mistakes that students make are far beyond it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from graders.checks import model
from graders.messages import M, Message

MEAN_BOUND = 5.7  # standard errors; two-sided 1.2e-8
SPREAD_BOUND = 6.0  # the same for the standard deviation
SHAPE_BOUND = 2.6  # Kolmogorov's distance times sqrt(n); with fitted moments far below 1e-9
DISTINCT = 0.5  # share of values that must differ; float32 draws keep 0.99 of them


@dataclass(frozen=True)
class Sample:
    """What was drawn, and what its spread should be."""

    values: np.ndarray
    std: float


def gaussian(sample: Sample, what: Message) -> Message | None:
    """What is wrong with values that should be Gaussian of mean 0 and that spread; None if nothing.

    Spread first: a wrong factor says more than anything that follows from it.
    """
    values = np.asarray(sample.values, dtype=np.float64).ravel()
    n = values.size
    if not np.all(np.isfinite(values)):
        return M("{what} has values that are not finite.", what=what)
    mean, spread = float(np.mean(values)), float(np.std(values))
    if spread == 0:
        return M(
            "{what} should be random, but every value is {value}.",
            what=what,
            value=model.number(values[0]),
        )
    coarse = sample.values.dtype == np.float16
    if len(np.unique(values)) < DISTINCT * n and not coarse:
        return M("{what} should be {n} independent draws, but values repeat.", what=what, n=n)
    if abs(mean) * math.sqrt(n) / spread > MEAN_BOUND:
        kind = _likely(values)
        return M(
            "{what} should be Gaussian with mean 0, but its mean is {mean} (standard deviation {spread}){kind}.",
            what=what,
            mean=model.number(mean),
            spread=model.number(spread),
            kind=kind,
        )
    if abs(spread / sample.std - 1) * math.sqrt(2 * n) > SPREAD_BOUND:
        return M(
            "{what} should have the standard deviation {expected}, but it is {actual} ({ratio} times as much).",
            what=what,
            expected=model.number(sample.std),
            actual=model.number(spread),
            ratio=model.number(round(spread / sample.std, 4)),
        )
    if distance(values, mean, spread) * math.sqrt(n) > SHAPE_BOUND:
        return M(
            "{what} has the right mean and standard deviation but is not Gaussian{kind}.",
            what=what,
            kind=_likely(values),
        )
    return None


def plausible_bias(values: np.ndarray, what: Message) -> Message | None:
    """What is wrong with a bias at its start; zeros, constants and any zero-mean noise are right."""
    values = np.asarray(values, dtype=np.float64).ravel()
    if not np.all(np.isfinite(values)):
        return M("{what} has values that are not finite.", what=what)
    if np.max(np.abs(values), initial=0.0) > 10:
        return M(
            "{what} starts with values as large as {value}.", what=what, value=_largest(values)
        )
    return None


def _largest(values: np.ndarray) -> str:
    return model.number(values[int(np.argmax(np.abs(values)))])


def distance(values: np.ndarray, mean: float, spread: float) -> float:
    """Kolmogorov's distance from the Gaussian with these moments."""
    ordered = np.sort((values - mean) / spread)
    truth = _normal_cdf(ordered)
    n = ordered.size
    above = np.arange(1, n + 1) / n - truth
    below = truth - np.arange(n) / n
    return float(max(np.max(above), np.max(below)))


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    grid = np.linspace(-8.0, 8.0, 4001)
    table = np.array([0.5 * math.erfc(-g / math.sqrt(2)) for g in grid])
    return np.asarray(np.interp(z, grid, table))


def _likely(values: np.ndarray) -> Message:
    """What else it looks like: uniform from its kurtosis."""
    centred = values - np.mean(values)
    kurtosis = float(np.mean(centred**4) / np.mean(centred**2) ** 2)
    if abs(kurtosis - 1.8) < 0.1:
        return M(
            ": it is uniform from {low} to {high}",
            low=model.number(round(float(np.min(values)), 4)),
            high=model.number(round(float(np.max(values)), 4)),
        )
    return Message("")
