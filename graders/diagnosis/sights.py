"""What one case showed of a facet, and whether a predicted array is what came out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.arrays.matching import Truth
from graders.cases import LayerCase
from graders.sandbox.session import Found

Path = tuple[str | int, ...]
Tokens = frozenset[Hashable]
"""Ways in which an array was explained; the same way must hold in every case."""

NEAR = 1e-6  # relative; right float64 code is below 1e-12, other mistakes are above 1e-3
NEAR_SINGLE = 1e-4
NOTHING: Tokens = frozenset()


@dataclass(frozen=True)
class Sight:
    """One case of one facet: what it should have been, and what was found instead.

    `suspect` is the array that was meant; `others` are further ones that may have been.
    `before` is the call on other data that went before, on the same instance.
    """

    case: LayerCase
    before: LayerCase | None
    facet: str
    right: bool
    suspect: Found | None
    others: tuple[Found, ...]
    wanted: Layout | None

    @property
    def truth(self) -> Truth:
        """The true array of the facet."""
        return self.case.truth("forward" if self.facet in ("shape", "repeat") else self.facet)

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]:
        """What tells inputs of different sizes apart."""
        return tuple(sorted(self.case.sizes.items()))


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """True if two arrays of one shape agree, NaN for NaN, in relation to the largest value."""
    if a.shape != b.shape or not a.size:
        return False
    limit = NEAR_SINGLE if a.dtype in (np.float32, np.float16) else NEAR
    a, b = a.astype(np.float64), b.astype(np.float64)
    holes = np.isnan(b)
    if not np.array_equal(np.isnan(a), holes):
        return False
    a, b = np.where(holes, 0.0, a), np.where(holes, 0.0, b)
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        return False
    scale = float(np.max(np.abs(b)))
    return bool(np.max(np.abs(a - b)) <= limit * max(scale, 1e-12))


def fits(
    array: np.ndarray,
    predicted: Truth,
    wanted: Layout | None,
    factors: Sequence[tuple[str, float]] = (("1", 1.0),),
) -> Tokens:
    """The layouts and factors under which an array is the predicted one.

    With `wanted`, only layouts with its order of axes count.
    """
    if array.dtype.kind not in "fiub" or array.size != predicted.array.size:
        return NOTHING
    sizes = predicted.sizes
    order = None
    if wanted is not None and set(layouts.letters(wanted)) >= set(predicted.axes):
        order = "".join(a for a in layouts.letters(wanted) if sizes.get(a, 1) != 1)
    tokens: set[Hashable] = set()
    for layout in layouts.possible(array.shape, predicted.axes, sizes):
        if order is not None and layouts.order_of(layout, sizes) != order:
            continue
        laid = layouts.apply(layout, predicted.array, predicted.axes)
        tokens |= {name for name, factor in factors if close(array, laid * factor)}
    return frozenset(tokens)


def aligned(sight: Sight, array: np.ndarray) -> np.ndarray | None:
    """The array with the axes of the true one, if it can be laid out so."""
    truth = sight.truth
    found = layouts.possible(array.shape, truth.axes, truth.sizes)
    if not found:
        return None
    if sight.wanted is not None:
        order = layouts.order_of(sight.wanted, truth.sizes)
        same = [x for x in found if layouts.order_of(x, truth.sizes) == order]
        if not same:
            return None
        found = tuple(same)
    return layouts.canonical(found[0], array, truth.axes, truth.sizes)
