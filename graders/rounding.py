"""How far a right result may lie from the exact one: what rounding explains, and no more.

By the precision that the result shows and by the number of terms that are added up for one of its
elements. The longest right computation was measured: sums of 1 to 1,000 products, one after the
other, each rounded, from rounded inputs. Its worst of 3,000 runs lies at (2 + 1.4 sqrt(terms))
unit roundoffs, the projection on the true result at (2 + sqrt(terms)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

HALF, SINGLE = 2.0**-11, 2.0**-24  # unit roundoffs: 4.9e-4, 6.0e-8
_TINY = 1e-12  # the smallest size that an error is laid beside

# Constants that are added to keep a quotient, a logarithm or a root away from zero. They are no
# rounding, and are right: beside numbers of size one they change as much as this.
GUARD = 1e-6


@dataclass(frozen=True)
class Sums:
    """How a result comes about, as far as its rounding depends on it.

    Args:
        terms: how many products are added up for one element.
        scale: how large the sums are where they do not cancel; 0 if the result itself tells.
        free: how many numbers are rounded independently of each other; 0: one an element.
    """

    terms: int = 1
    scale: float = 0.0
    free: int = 0

    def times(self, factor: float) -> Sums:
        """Of the same sums, each multiplied."""
        return replace(self, scale=self.scale * abs(factor))


ONE = Sums()


def unit(dtype: np.dtype[np.generic]) -> float:
    """The unit roundoff of what a result may have gone through.

    Only half precision is coarser than single. What is kept in double precision may have been
    computed in single precision inside, which is right.
    """
    return HALF if dtype == np.float16 else SINGLE


def relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    """Norm-wise: largest difference over the largest expected magnitude (at least 1e-12).

    Infinite where a value is not finite.
    """
    if actual.shape != expected.shape:
        return float("inf")
    if actual.size == 0:
        return 0.0
    with np.errstate(all="ignore"):
        difference = np.max(np.abs(actual.astype(np.float64) - expected))
    if not np.isfinite(difference):
        return float("inf")
    return float(difference / _size(expected))


def explained(
    actual: np.ndarray,
    expected: np.ndarray,
    tolerance: float = 0.0,
    sums: Sums = ONE,
    dtype: np.dtype[np.generic] | None = None,
) -> float | None:
    """The norm-wise error, if rounding (or the tolerance that was asked for) explains it.

    Rounding has no direction. A result that is a factor of the true one, however near, is not
    rounded: the errors, projected on the result, must average out as independent ones do.
    """
    error = relative_error(actual, expected)
    if error <= tolerance:
        return error
    size = _size(expected)
    one = unit(dtype or actual.dtype)
    if error * size > GUARD * size + one * _growth(sums) * max(size, sums.scale):
        return None
    return error if drift(actual, expected, sums, dtype) <= 1.0 else None


def _growth(sums: Sums) -> float:
    return 4.0 + 2.0 * math.sqrt(sums.terms)


def _size(expected: np.ndarray) -> float:
    return max(float(np.max(np.abs(expected), initial=0.0)), _TINY)


def drift(
    actual: np.ndarray,
    expected: np.ndarray,
    sums: Sums = ONE,
    dtype: np.dtype[np.generic] | None = None,
) -> float:
    """How far the result is a multiple of the true one, in units of what rounding explains."""
    truth = np.asarray(expected, dtype=np.float64).ravel()
    length = float(np.linalg.norm(truth))
    if length == 0.0:
        return 0.0
    along = abs(float((actual.astype(np.float64).ravel() - truth) @ truth)) / length
    shared = math.sqrt(truth.size / min(sums.free or truth.size, truth.size))
    rounded = unit(dtype or actual.dtype) * (4.0 + 1.5 * math.sqrt(sums.terms)) * shared
    return along / (rounded * max(_size(truth), sums.scale) + GUARD * length)
