"""The loop of every search: ways to call something are tried in their order until one proves itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Tried = TypeVar("Tried")


def best_of(
    tried: Iterable[Tried],
    shows: Callable[[Tried], tuple[float, ...]],
    proven: Callable[[Tried], bool] = lambda one: False,
) -> Tried | None:
    """What shows the most, of those that show as much the first; None where nothing was tried.

    `tried` makes each when it is asked for it: none is made after one that is proven, which is taken. `shows` is
    compared place by place.
    """
    best: tuple[tuple[float, ...], Tried] | None = None
    for one in tried:
        if proven(one):
            return one
        shown = shows(one)
        if best is None or shown > best[0]:
            best = shown, one
    return None if best is None else best[1]
