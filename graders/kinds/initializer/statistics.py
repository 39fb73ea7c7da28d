"""Whether drawn weights are what an initialiser should draw: shape, mean, spread, Gaussian or not.

Each bound lies so far out that a right implementation fails it less than once in ten million
draws, while the mistakes that students make are far beyond it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from graders.checks import model
from graders.messages import M, Message

MEAN_BOUND = 5.7  # standard errors; two-sided 1.2e-8
SPREAD_BOUND = 6.0  # the same for the standard deviation
SHAPE_BOUND = 2.6  # Kolmogorov's distance times sqrt(n); with fitted moments far below 1e-9
FAMILY_BOUND = 2.0  # the same for the name of another distribution
PLACES = 4000  # at which distributions are compared for a name
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
            "{what} should have the standard deviation {expected}, but it is {actual} ({ratio} times as much){kind}.",
            what=what,
            expected=model.number(sample.std),
            actual=model.number(spread),
            ratio=model.number(round(spread / sample.std, 4)),
            kind=_likely(values),
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
    return np.asarray(np.interp(z, *_normal_table()))


@functools.cache
def _normal_table() -> tuple[np.ndarray, np.ndarray]:
    grid = np.linspace(-8.0, 8.0, 4001)
    return grid, np.array([0.5 * math.erfc(-g / math.sqrt(2)) for g in grid])


class Family(Enum):
    """Distributions that weights are drawn from, by mistake or not."""

    GAUSSIAN = auto()
    UNIFORM = auto()
    TRUNCATED = auto()  # Gaussian, cut off on both sides
    TRIANGULAR = auto()
    LAPLACE = auto()
    ABSOLUTE = auto()  # of a Gaussian
    EXPONENTIAL = auto()


def family(values: np.ndarray) -> Family | None:
    """The distribution that values were drawn from, its mean and spread aside; None if it is none
    of those that are known.
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    spread = float(np.std(values)) if values.size and np.all(np.isfinite(values)) else 0.0
    if spread == 0:
        return None
    ordered = np.sort((values - np.mean(values)) / spread)
    bound = FAMILY_BOUND / math.sqrt(ordered.size)
    places = np.linspace(0, ordered.size - 1, min(ordered.size, PLACES)).astype(int)
    seen, share = ordered[places], (places + 0.5) / ordered.size
    far = {kind: float(np.max(np.abs(cdf(seen) - share))) for kind, cdf in _CDFS.items()}
    if far[Family.GAUSSIAN] <= bound:  # a cut that is far out changes nothing
        return Family.GAUSSIAN
    cut = float(np.max(np.abs(ordered)))
    far[Family.TRUNCATED] = float(np.max(np.abs(_truncated(seen, cut) - share)))
    if far[Family.UNIFORM] <= bound:  # which is the limit of one that is cut off nearer and nearer
        return Family.UNIFORM
    nearest = min(far, key=lambda kind: far[kind])
    return nearest if far[nearest] <= bound else None


def _uniform_cdf(z: np.ndarray) -> np.ndarray:
    return np.clip((z / math.sqrt(3) + 1) / 2, 0, 1)


def _triangular_cdf(z: np.ndarray) -> np.ndarray:
    tail = np.clip(1 - np.abs(z) / math.sqrt(6), 0, 1) ** 2 / 2
    return np.asarray(np.where(z < 0, tail, 1 - tail))


def _laplace_cdf(z: np.ndarray) -> np.ndarray:
    tail = np.exp(-math.sqrt(2) * np.abs(z)) / 2
    return np.asarray(np.where(z < 0, tail, 1 - tail))


def _absolute_cdf(z: np.ndarray) -> np.ndarray:
    mean, spread = math.sqrt(2 / math.pi), math.sqrt(1 - 2 / math.pi)
    return np.clip(2 * _normal_cdf(z * spread + mean) - 1, 0, 1)


def _exponential_cdf(z: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(z > -1, 1 - np.exp(-(z + 1)), 0.0))


def _truncated(z: np.ndarray, cut: float) -> np.ndarray:
    """The distribution function of a Gaussian cut off on both sides, whose values reach as far as
    `cut` once their spread is 1.
    """
    low, high = 1e-3, 8.0  # where it was cut, in spreads of the whole Gaussian
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if middle / _left(middle) < cut else (low, middle)
    inside = _normal_cdf(np.array([high]))[0] * 2 - 1
    return np.asarray(np.clip((_normal_cdf(z * _left(high)) - 0.5) / inside + 0.5, 0, 1))


def _left(cut: float) -> float:
    """The spread of a Gaussian that is cut off there on both sides."""
    density = math.exp(-cut * cut / 2) / math.sqrt(2 * math.pi)
    inside = math.erf(cut / math.sqrt(2))
    return math.sqrt(max(1 - 2 * cut * density / inside, 1e-12))


_CDFS: Mapping[Family, Callable[[np.ndarray], np.ndarray]] = {
    Family.GAUSSIAN: _normal_cdf,
    Family.UNIFORM: _uniform_cdf,
    Family.TRIANGULAR: _triangular_cdf,
    Family.LAPLACE: _laplace_cdf,
    Family.ABSOLUTE: _absolute_cdf,
    Family.EXPONENTIAL: _exponential_cdf,
}


def _likely(values: np.ndarray) -> Message:
    """What it is instead of Gaussian."""
    low, high = (model.number(round(float(end(values)), 4)) for end in (np.min, np.max))
    match family(values):
        case Family.UNIFORM:
            return M(": it is uniform from {low} to {high}", low=low, high=high)
        case Family.TRUNCATED:
            return M(": it is cut off at {low} and {high}", low=low, high=high)
        case Family.TRIANGULAR:
            return M(": it is a triangular distribution")
        case Family.LAPLACE:
            return M(": it is a Laplace distribution")
        case Family.ABSOLUTE:
            return M(": its values have lost their signs")
        case Family.EXPONENTIAL:
            return M(": it is an exponential distribution")
    return Message("")
