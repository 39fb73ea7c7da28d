"""Candidates in turn: what one of them costs is not taken from the next.

While others are left, the first may use half of what its item may still use, and of the rest each as much as
those after it. Whoever needs more comes again after them, with all that is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from graders.sandbox.session import OutOfBudget, Session

Candidate = TypeVar("Candidate")
Found = TypeVar("Found")

_FIRST = 0.5


def in_turn(
    session: Session,
    candidates: Sequence[Candidate],
    judge: Callable[[Candidate], Found],
    enough: Callable[[Found], bool],
) -> Iterator[tuple[Candidate, Found, list[Candidate]]]:
    """Each candidate with what `judge` found of it, and those that are left.

    Raises:
        OutOfBudget: there was not enough for one of them, and none was `enough` to answer.
    """
    count = len(candidates)
    shares = [_FIRST, *(1 / left for left in range(count - 1, 0, -1))] if count > 1 else [1.0]
    waiting = deque(zip(candidates, shares, strict=False))
    answered = False
    while waiting:
        candidate, share = waiting.popleft()
        try:
            with session.share_of_item(share):
                found = judge(candidate)
        except OutOfBudget:
            if share < 1.0:
                waiting.append((candidate, 1.0))
            elif not answered:
                raise
            continue
        answered = answered or enough(found)
        yield candidate, found, [other for other, _ in waiting]
