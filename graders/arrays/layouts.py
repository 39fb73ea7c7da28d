"""Orders, merges and added axes: how a student's array relates to the canonical one.

A layout is a tuple of groups of axis letters: ``("O", "C", "F")`` is (O, C, F),
``("CF", "O")`` is (C*F, O), ``("", "O")`` is (1, O), ``()`` a scalar. Axes that are left out
have size 1.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

Layout = tuple[str, ...]


def parse(text: str) -> Layout:
    """The layout that a spec writes as ``NCL``."""
    return tuple(text)


def letters(layout: Layout) -> str:
    """The axes in their order."""
    return "".join(layout)


def apply(layout: Layout, canonical: np.ndarray, axes: Sequence[str]) -> np.ndarray:
    """The canonical array, laid out. Raises ValueError if a left-out axis is larger than 1."""
    order = letters(layout)
    size = dict(zip(axes, canonical.shape, strict=True))
    rest = [a for a in axes if a not in order]
    if any(size[a] != 1 for a in rest):
        raise ValueError(f"layout {layout} leaves out an axis larger than 1")
    moved = canonical.transpose([axes.index(a) for a in [*rest, *order]])
    return np.ascontiguousarray(moved).reshape(shape_of(layout, size))


def spread(
    layout: Layout, array: np.ndarray, axes: Sequence[str], sizes: Mapping[str, int]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The canonical array, repeated along the axes of the layout that are not its own (a bias for
    each input channel, too), with all its axes.
    """
    more = [a for a in letters(layout) if a not in axes]
    return np.broadcast_to(array, (*(sizes[a] for a in more), *array.shape)), (*more, *axes)


def shape_of(layout: Layout, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape that the layout gives with these sizes."""
    return tuple(math.prod(sizes[a] for a in group) for group in layout)


def canonical(
    layout: Layout, array: np.ndarray, axes: Sequence[str], sizes: Mapping[str, int]
) -> np.ndarray:
    """The inverse of `apply`."""
    order = letters(layout)
    rest = [a for a in axes if a not in order]
    split = array.reshape([*(1 for _ in rest), *(sizes[a] for a in order)])
    place = [*rest, *order]
    return split.transpose([place.index(a) for a in axes])


def possible(
    shape: Sequence[int], axes: Sequence[str], sizes: Mapping[str, int]
) -> tuple[Layout, ...]:
    """All layouts of the axes that have this shape; those that keep the order first."""
    return _possible(tuple(shape), tuple(axes), tuple(sizes[a] for a in axes))


@functools.lru_cache(4096)
def _possible(
    shape: tuple[int, ...], axes: tuple[str, ...], sizes: tuple[int, ...]
) -> tuple[Layout, ...]:
    if math.prod(shape) != math.prod(sizes):
        return ()
    size = dict(zip(axes, sizes, strict=True))
    large = [a for a in axes if size[a] != 1]
    found: list[Layout] = []
    for order in itertools.permutations(large):
        groups = _grouped(order, shape, size)
        if groups is not None:
            found.append(groups)
    return tuple(found)


def _grouped(order: Sequence[str], shape: Sequence[int], size: Mapping[str, int]) -> Layout | None:
    groups, place = [], 0
    for n in shape:
        group, product = "", 1
        while product < n and place < len(order):
            group += order[place]
            product *= size[order[place]]
            place += 1
        if product != n:
            return None
        groups.append(group)
    if place != len(order):
        return None
    ones = [a for a in size if size[a] == 1]
    if groups.count("") == len(ones):  # an axis for each: it can be named
        groups = [g or ones.pop(0) for g in groups]
    return tuple(groups)


def order_of(layout: Layout, sizes: Mapping[str, int]) -> str:
    """The axes larger than 1 in their order: what is left of a layout when ones don't count."""
    return "".join(a for a in letters(layout) if sizes[a] != 1)
