"""The lines of a submission in which its shared fingerprints stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from graders.batch.similarity.winnowing import Prints

MAX_LINES = 60
_LONGEST = 160


@dataclass(frozen=True)
class Part:
    """Lines of one cell: its index in the notebook, the first line's number, the lines."""

    cell: int
    line: int
    lines: tuple[str, ...]


def shared_parts(
    prints: Prints, shared: Collection[int], code: list[tuple[int, str]]
) -> list[Part]:
    """The longest shared parts, in the order of the text; at most `MAX_LINES` lines in all.

    `code`: (index of the cell, source) by place.
    """
    ranges: dict[int, list[tuple[int, int]]] = {}
    for hash_, (place, first, last) in zip(
        prints.hashes.tolist(), prints.places.tolist(), strict=True
    ):
        if hash_ in shared and place < len(code):
            ranges.setdefault(place, []).append((first, last))
    spans = [(p, *span) for p, found in ranges.items() for span in _merged(found)]
    spans.sort(key=lambda s: s[1] - s[2])
    kept, left = [], MAX_LINES
    for place, first, last in spans:
        if left <= 0:
            break
        last = min(last, first + left - 1)
        left -= last - first + 1
        kept.append((place, first, last))
    parts = []
    for place, first, last in sorted(kept):
        index, source = code[place]
        lines = source.split("\n")[first - 1 : last]
        parts.append(Part(index, first, tuple(map(_printable, lines))))
    return parts


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _printable(line: str) -> str:
    """A line of code as it can be shown: no characters that hide or turn what stands there."""
    line = line.expandtabs(4)[:_LONGEST]
    return "".join(
        c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in line
    )
