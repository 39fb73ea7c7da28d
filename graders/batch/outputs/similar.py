"""Groups of near-identical code, as a table and as the page shows them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from graders.batch.outputs.gradebook import cell
from graders.batch.similarity.groups import Pair, Similar, similar_groups
from graders.batch.similarity.showing import Part, shared_parts
from graders.batch.similarity.winnowing import Prints, fingerprints
from graders.batch.store import Store
from graders.submission import read_submission

_GROUPS = 50
_PAIRS = 20


@dataclass(frozen=True)
class Shown:
    """A group with what the strongest pair of it shares, on both sides."""

    members: tuple[str, ...]
    pairs: tuple[Pair, ...]
    left: list[Part]
    right: list[Part]


def found(store: Store, starter: Path | None) -> list[Similar]:
    """The groups of a class; what `starter` has in it counts for nothing.

    Raises:
        SubmissionError: the starter code can't be read.
    """
    given = None if starter is None else fingerprints(read_submission(starter))
    return similar_groups(((i, Prints.unpacked(p)) for i, p in store.prints()), given)


def write_table(groups: Sequence[Similar], file: TextIO) -> None:
    """One row a pair."""
    table = csv.writer(file)
    table.writerow(["group", "submission", "other", "overlap_percent", "shared_fingerprints"])
    for number, group in enumerate(groups, 1):
        for pair in group.pairs:
            table.writerow(
                map(
                    cell,
                    [number, pair.one, pair.other, f"{100 * pair.overlap:.0f}", len(pair.shared)],
                )
            )


def shown(store: Store, groups: Sequence[Similar]) -> Iterator[Shown]:
    """The first groups, with their evidence."""
    for group in groups[:_GROUPS]:
        first = group.pairs[0]
        sides = []
        for id_ in (first.one, first.other):
            packed, code = store.code(id_)
            sides.append(shared_parts(Prints.unpacked(packed), first.shared, code))
        yield Shown(group.members, group.pairs[:_PAIRS], *sides)
