"""How items went over a class: difficulty and discrimination of classical test theory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graders.batch.store import Row
from graders.ledger.model import ItemMark

FEWEST = 5  # students, below which a correlation says nothing


@dataclass(frozen=True)
class Measure:
    """Of an item. `difficulty`: the mean share of its points, from 0 (nobody has any) to 1;
    `discrimination`: the correlation, over students, of that share with the share of all other points
    (the corrected item-total correlation). None where there is nothing to compute it from.
    """

    students: int
    difficulty: float | None
    discrimination: float | None


def measured(rows: Iterable[Row], items: Sequence[str]) -> dict[str, Measure]:
    """The measures of the items of one sprint, from its rows with the marks that count."""
    shares: dict[str, list[tuple[float, float]]] = {name: [] for name in items}
    for row in rows:
        marks = row.marks
        for name, pairs in shares.items():
            mark = marks.items.get(name)
            if mark is None or not mark.most or mark.waits:
                continue
            pairs.append((mark.points / mark.most, _rest(mark, marks.score, marks.max_score)))
    return {name: _measure(pairs) for name, pairs in shares.items()}


def _rest(mark: ItemMark, score: float, most: float) -> float:
    """The share of the points of all other items; NaN where there are none."""
    if mark.counts:
        score, most = score - mark.points, most - mark.most
    return score / most if most > 0 else float("nan")


def _measure(pairs: Sequence[tuple[float, float]]) -> Measure:
    if not pairs:
        return Measure(0, None, None)
    share, rest = np.array(pairs, dtype=float).T
    known = ~np.isnan(rest)
    correlation = None
    # Shares that differ by no more than rounding don't vary.
    if known.sum() >= FEWEST and min(np.ptp(share[known]), np.ptp(rest[known])) > 1e-9:
        correlation = float(np.corrcoef(share[known], rest[known])[0, 1])
    return Measure(len(pairs), float(share.mean()), correlation)
