"""From hypotheses and what was seen to a name: one, two that can't be told apart, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graders.diagnosis.sights import NOTHING, Path, Sight, Tokens
from graders.misconceptions import Name

ENOUGH = 2  # inputs of different sizes that must agree
ENOUGH_ALIKE = 3  # inputs, where a class allows one size only


@dataclass(frozen=True)
class Hypothesis:
    """A mistake that may be behind the arrays.

    `explain` gives the ways in which an array is what this mistake makes of the case.
    `spares` is False if the mistake would have spoilt a case that came out right.
    """

    name: Name
    explain: Callable[[Sight, np.ndarray], Tokens]
    spares: Callable[[Sight], bool] = lambda sight: True
    anywhere: bool = False  # any array that may have been meant counts, not only the suspect


def holding(hypotheses: Iterable[Hypothesis], sights: Sequence[Sight]) -> list[Hypothesis]:
    """The hypotheses that explain every wrong case and contradict no right one."""
    if not enough(sights):
        return []
    right = [s for s in sights if s.right]
    return [h for h in hypotheses if _holds(h, _wrong(sights), right)]


def enough(sights: Sequence[Sight]) -> bool:
    """True if so many inputs went wrong that their agreement is no coincidence."""
    wrong = _wrong(sights)
    return len({s.sizes for s in wrong}) >= ENOUGH or len(wrong) >= ENOUGH_ALIKE


def _wrong(sights: Sequence[Sight]) -> list[Sight]:
    return [s for s in sights if not s.right and (s.suspect is not None or s.others)]


def _holds(hypothesis: Hypothesis, wrong: Sequence[Sight], right: Sequence[Sight]) -> bool:
    for path in _paths(wrong, hypothesis.anywhere):
        tokens: Tokens | None = None
        for sight in wrong:
            array = _at(sight, path)
            found = NOTHING if array is None else hypothesis.explain(sight, array)
            tokens = found if tokens is None else tokens & found
            if not tokens:
                break
        if tokens:
            return all(hypothesis.spares(s) for s in right)
    return False


def _paths(wrong: Sequence[Sight], anywhere: bool) -> list[Path | None]:
    """Where the arrays stand; None for the suspect, wherever it stands."""
    paths: list[Path | None] = [None] if all(s.suspect is not None for s in wrong) else []
    if anywhere:
        paths += [
            e.path for e in wrong[0].others
            if all(any(o.path == e.path for o in s.others) for s in wrong)
        ]  # fmt: skip
    return paths


def _at(sight: Sight, path: Path | None) -> np.ndarray | None:
    if path is None:
        return sight.suspect.array if sight.suspect else None
    return next((e.array for e in sight.others if e.path == path), None)
