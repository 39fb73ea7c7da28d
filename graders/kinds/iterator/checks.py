"""Whether mini-batches cover the data: every sample once, with its own answer, none left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from graders.checks import model
from graders.messages import M, Message

Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Data:
    """Samples that can be told apart, with answers that name them."""

    x: np.ndarray
    y: np.ndarray
    batch_size: int

    @property
    def sizes(self) -> list[int]:
        """Sizes of the batches, the smaller last one included."""
        n, size = len(self.x), self.batch_size
        return [min(size, n - start) for start in range(0, n, size)]


@dataclass
class Pass:
    """What came of going through the data."""

    data: Data
    batches: list[Batch] = field(default_factory=list)
    again: list[Batch] | None = None  # a second pass over the same object
    twin: list[Batch] | None = None  # another object
    seeded: bool = False  # both have the same seed
    length: float | None = None
    items: dict[int, Batch] = field(default_factory=dict)


def make_data(rng: np.random.Generator, n: int, batch_size: int, columns: int) -> Data:
    """Distinct rows; `columns` of y: 0 for (n,), else one-hot like rows of (n, columns)."""
    x = rng.permutation(n * 3).reshape(n, 3) + 0.5
    if columns == 0:
        return Data(x, np.asarray(x[:, 0] * 2 + 1), batch_size)
    return Data(x, x[:, :1] * 2 + np.arange(columns), batch_size)


def coverage(one: Pass) -> Message | None:
    """What is wrong with a single pass; None if nothing is."""
    data = one.data
    at = _at(data)
    if not one.batches:
        return M("{at}, no batch of X and y comes out.", at=at)
    if any(x.ndim != data.x.ndim or len(x) != len(y) for x, y in one.batches):
        return M("{at}, a batch has different numbers of samples in X and y.", at=at)
    rows = np.concatenate([_rows(x) for x, _ in one.batches])
    if rows.shape[1] != data.x.shape[1]:
        return M("{at}, a batch of X has another shape than the samples.", at=at)
    answers = np.concatenate([_rows(y) for _, y in one.batches])
    place = {tuple(r): i for i, r in enumerate(data.x.tolist())}
    order = [place.get(tuple(r)) for r in rows.tolist()]
    if any(i is None for i in order):
        return M("{at}, a batch holds rows that are not in X.", at=at)
    known = [i for i in order if i is not None]
    lost = len(data.x) - len(set(known))
    if lost and len(known) == len(set(known)):
        return (
            M("{at}, {n} samples never come: the last batch is left out.", at=at, n=lost)
            if (lost == len(data.x) % data.batch_size)
            else M("{at}, {n} samples never come.", at=at, n=lost)
        )
    if len(known) != len(set(known)):
        n = len(known) - len(set(known))
        return M("{at}, {n} samples come more than once in a pass.", at=at, n=n)
    wanted = _rows(data.y)[known]
    if answers.shape != wanted.shape or not np.array_equal(answers, wanted):
        return M("{at}, X and y are not shuffled together: answers belong to other samples.", at=at)
    return None


def batch_sizes(one: Pass) -> Message | None:
    """Sizes of the batches, ``len`` and ``[i]``."""
    at, wanted = _at(one.data), one.data.sizes
    sizes = _lengths(one)
    if sizes != wanted:
        return M(
            "{at}, the batches have the sizes {actual} instead of {expected}.",
            at=at,
            actual=_list(sizes),
            expected=_list(wanted),
        )
    if one.length is not None and one.length != len(wanted):
        return M(
            "{at}, len(...) is {actual} instead of {expected}.",
            at=at,
            actual=model.number(one.length),
            expected=len(wanted),
        )
    for i, batch in one.items.items():
        if i < len(one.batches) and not _same([batch], [one.batches[i]]):
            return M("{at}, [{i}] is not the batch that comes at that place.", at=at, i=i)
    return None


def repeated(one: Pass) -> Message | None:
    """A second pass, and another object: in the same order if it has the same seed.

    A fault of the first pass is told of that pass; the second one has to do no better, but its
    batches must be as large.
    """
    at = _at(one.data)
    if one.again is not None:
        if one.batches and not one.again:
            return M("{at}, a second pass over the same object gives nothing.", at=at)
        wrong = _worse(one, one.again)
        if wrong is not None:
            return M("In a second pass: {reason}", reason=wrong)
    if one.twin is None:
        return None
    if not one.seeded:
        wrong = _worse(one, one.twin)
        return None if wrong is None else M("In a second pass: {reason}", reason=wrong)
    if not _same(one.twin, one.batches):
        return M("{at}, the order differs between two objects with the same seed.", at=at)
    return None


def _worse(one: Pass, batches: list[Batch]) -> Message | None:
    """What is wrong with further batches, unless it was wrong with the first in the same way."""
    second = Pass(one.data, batches)
    wrong = coverage(second)
    as_before = coverage(one) is not None and _lengths(second) == _lengths(one)
    return None if as_before else wrong


def shuffled(one: Pass) -> bool:
    """True if the samples come in another order than they were given."""
    rows = np.concatenate([x for x, _ in one.batches]) if one.batches else one.data.x
    return not np.array_equal(rows, one.data.x)


def _lengths(one: Pass) -> list[int]:
    return [len(x) for x, _ in one.batches]


def _rows(array: np.ndarray) -> np.ndarray:
    return array.reshape(len(array), int(np.prod(array.shape[1:])))


def _same(a: Sequence[Batch], b: Sequence[Batch]) -> bool:
    return len(a) == len(b) and all(
        np.array_equal(xa, xb) and np.array_equal(ya, yb)
        for (xa, ya), (xb, yb) in zip(a, b, strict=True)
    )


def _at(data: Data) -> Message:
    return M("For {n} samples and batches of {size}", n=len(data.x), size=data.batch_size)


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:12]))
