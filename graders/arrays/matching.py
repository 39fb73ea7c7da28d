"""Looking for a true array among what a call left behind, up to layout and known factors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.rounding import ONE, Sums, explained, relative_error
from graders.sandbox.session import Found

Path = tuple[str | int, ...]
FILLED = "→"  # in a path, before the name of what a call was handed to fill
EXACT = 1e-9  # below it the array itself is looked for, not a result that was computed


@dataclass(frozen=True)
class Truth:
    """An array as it should be, with named axes."""

    array: np.ndarray
    axes: tuple[str, ...]
    whole: bool = False  # axes merged into one don't count: to tell them apart is the task
    order: Layout = ()  # the only order of the axes that counts; empty: any
    sums: Sums = ONE  # what may be lost by rounding

    @property
    def sizes(self) -> dict[str, int]:
        """Size of each axis."""
        return dict(zip(self.axes, self.array.shape, strict=True))


@dataclass(frozen=True)
class Match:
    """An array that is the true one: where it was, its layout, its factor, its relative error."""

    path: Path
    layout: Layout
    factor: float
    error: float


def layouts_of(array: np.ndarray, truth: Truth) -> list[Layout]:
    """The layouts in which an array of this shape may be the true one."""
    sizes = truth.sizes
    found = layouts.possible(array.shape, truth.axes, sizes)
    if truth.whole:
        found = tuple(f for f in found if all(len(group) < 2 for group in f))
    if truth.order:
        wanted = layouts.order_of(truth.order, sizes)
        found = tuple(f for f in found if layouts.order_of(f, sizes) == wanted)
    return list(found)


def match(
    array: np.ndarray, truth: Truth, tolerance: float, factors: Sequence[float] = (1.0,)
) -> tuple[Layout, float, float] | None:
    """(layout, factor, error) under which `array` is `truth * factor`, or None."""
    if array.dtype.kind not in "fiub" or array.size != truth.array.size:
        return None
    for layout in layouts_of(array, truth):
        expected = layouts.apply(layout, truth.array, truth.axes)
        for factor in factors:
            right, sums = expected * factor, truth.sums.times(factor)
            if tolerance < EXACT:
                error = relative_error(array, right)
                found = error if error <= tolerance else None
            else:
                found = explained(array, right, tolerance, sums)
            if found is not None:
                return layout, factor, found
    return None


def find(
    entries: Iterable[Found],
    truth: Truth,
    tolerance: float,
    factors: Sequence[float] = (1.0,),
) -> Match | None:
    """The first entry that is the true array."""
    for entry in entries:
        hit = match(entry.array, truth, tolerance, factors)
        if hit:
            return Match(entry.path, *hit)
    return None


def share_right(array: np.ndarray, expected: np.ndarray, tolerance: float) -> float:
    """The share of elements that are right; 0 for another shape."""
    if array.shape != expected.shape or array.size == 0:
        return 0.0
    scale = max(float(np.max(np.abs(expected))), 1e-12)
    with np.errstate(all="ignore"):
        good = np.abs(array.astype(np.float64) - expected) <= tolerance * scale * 10
    return float(np.mean(good))


def describe(path: Path, owner: str = "") -> str:
    """The way to an array as a student would write it: ``.grad['W']``, ``backward(...)[1]``."""
    if not path:
        return ""
    head, *rest = path
    if isinstance(head, str):
        head = head.split(":")[-1]
    text = {
        "self": owner,
        "ret": "backward(...)",
        "y": "forward(...)",
        "optimizer": "optimizer",
    }.get(str(head), str(head))
    if rest[:1] == [FILLED]:  # a dict that backward was handed: it has a name of its own
        text, *rest = str(rest[1]), *rest[2:]
        head = "ret"
    for i, part in enumerate(rest):
        if part == "_sg_calls":
            text += ".update"
        elif isinstance(part, str) and part.startswith("["):
            text += part  # a row of an array
        elif isinstance(part, int):
            text += f"[{part}]"
        elif i == 0 and head != "ret":
            text += f".{part}"
        else:  # below the instance itself, names are keys of dicts far oftener than attributes
            text += f"[{part!r}]"
    return text
