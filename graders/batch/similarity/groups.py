"""Groups of submissions whose code is nearly the same, from an index of their fingerprints.

What most submissions share is the course's own code and counts for nothing; so do the fingerprints
of the starter code, if it is given. The index is sorted once, and each fingerprint pairs a
submission with its next few neighbours only: the cost grows with the number of fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graders.batch.similarity.winnowing import Prints

THRESHOLD = 0.6  # of the smaller one's fingerprints; other people's notebooks share 0.0 to 0.3
MIN_SHARED = 12  # fingerprints: about a hundred nodes of the syntax tree, eight lines
_NEIGHBOURS = 8
_TEXTBOOK = 200  # more submissions than that have it from the same book
_FEW = 5


@dataclass(frozen=True)
class Pair:
    """Two submissions: how much of the smaller one's fingerprints the other has, too."""

    one: str
    other: str
    overlap: float
    shared: frozenset[int]


@dataclass(frozen=True)
class Similar:
    """Submissions that are linked by pairs that are alike, the strongest pair first."""

    members: tuple[str, ...]
    pairs: tuple[Pair, ...]


def similar_groups(
    prints: Iterable[tuple[str, Prints]], starter: Prints | None = None
) -> list[Similar]:
    """The groups, largest overlap first. `prints`: (id, fingerprints) of each submission."""
    ids: list[str] = []
    own: list[np.ndarray] = []
    for id_, found in prints:
        ids.append(id_)
        own.append(np.sort(found.hashes.astype(np.uint64)))
    discounted = _discounted(own, starter)
    left = [h[~np.isin(h, discounted, assume_unique=True)] for h in own]
    pairs = []
    for one, other in _candidates(left):
        shared = np.intersect1d(left[one], left[other], assume_unique=True)
        smaller = min(len(left[one]), len(left[other]))
        if len(shared) >= MIN_SHARED and len(shared) >= THRESHOLD * smaller:
            overlap = len(shared) / smaller
            pairs.append(Pair(ids[one], ids[other], overlap, frozenset(map(int, shared))))
    return _linked(pairs)


def _discounted(own: Sequence[np.ndarray], starter: Prints | None) -> np.ndarray:
    """Fingerprints that say nothing, sorted."""
    known = np.zeros(0, np.uint64) if starter is None else starter.hashes.astype(np.uint64)
    if not own:
        return np.unique(known)
    hashes, counts = np.unique(np.concatenate(own), return_counts=True)
    n = len(own)
    common = (counts > max(n / 2, _FEW)) | (counts > _TEXTBOOK)
    if n >= 3:
        common |= counts == n
    return np.union1d(known, hashes[common])


def _candidates(left: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    """Pairs that are neighbours in the lists of several fingerprints."""
    if not left:
        return []
    n = np.int64(len(left))
    hashes = np.concatenate(left)
    owners = np.repeat(np.arange(n), [len(h) for h in left])
    order = np.argsort(hashes, kind="stable")  # of equal hashes, owners stay in order
    hashes, owners = hashes[order], owners[order]
    found = []
    for offset in range(1, _NEIGHBOURS + 1):
        same = hashes[offset:] == hashes[:-offset]
        found.append(owners[:-offset][same] * n + owners[offset:][same])
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    keys = keys[counts >= MIN_SHARED // _NEIGHBOURS + 1]
    return [(int(k // n), int(k % n)) for k in keys]


def _linked(pairs: list[Pair]) -> list[Similar]:
    """Pairs that have a submission in common are one group."""
    pairs.sort(key=lambda p: (-p.overlap, -len(p.shared), p.one, p.other))
    root: dict[str, str] = {}

    def find(id_: str) -> str:
        root.setdefault(id_, id_)
        while root[id_] != id_:
            root[id_] = root[root[id_]]
            id_ = root[id_]
        return id_

    for pair in pairs:
        root[find(pair.other)] = find(pair.one)
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(find(pair.one), []).append(pair)
    return [
        Similar(tuple(sorted({m for p in inside for m in (p.one, p.other)})), tuple(inside))
        for inside in groups.values()
    ]
