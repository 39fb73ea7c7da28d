"""Repairs of wrong layers: looked for when every verdict of the submission has been come to.

They change no verdict and no points. What the student's process answers here says what an edit of the
student's own code would come to, and could tell anything: it earns nothing, and shows nothing but the
student's own line.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from graders.edits.model import Edit
from graders.edits.places import functions_of
from graders.judging.results import ItemResult, right_facets
from graders.repair.saying import repairs_of
from graders.repair.search import Answer, Bounds, Search
from graders.sandbox.session import Session

MENDED = ("partial", "failed", "error")
"""What is looked at: an item that nothing answers has no call that could be tried."""
_FOR_ALL = 10.0  # seconds for all items of a submission, by their processes' own time


def repaired(
    session: Session, results: Mapping[str, ItemResult], seed: int
) -> Iterator[ItemResult]:
    """The results, those of wrong layers with what would repair them."""
    left = _FOR_ALL
    functions = None
    known: dict[str, list[Edit]] = {}
    for result in results.values():
        if left <= 0 or not _may_be_repaired(result):
            yield result
            continue
        if functions is None:
            functions = functions_of(session.submission)
        assert result.answered is not None
        spec = result.answered.spec
        wrong, right = _facets(result)
        answer = Answer(
            spec, result.answered.plan, result.answered.own, result.answered.others, wrong, right
        )
        own = zlib.crc32(f"{seed}/repair/{spec.id}".encode())
        within = Bounds(seconds=min(Bounds.seconds, left))
        session.begin_item()
        try:
            mine = known.setdefault(answer.plan.definition.name, [])
            found = Search(session, answer, functions, right_facets, own, within).run(mine)
            mine += [p.edit for p in found.proved if p.edit not in mine]
            left = 0.0 if found.over else left - found.seconds
            repairs = repairs_of(session.submission, spec, found.proved)
        except Exception:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            left -= within.seconds  # it may have used them all
            repairs = []  # it costs this explanation only
        yield replace(result, repairs=tuple(repairs))


def _may_be_repaired(result: ItemResult) -> bool:
    if result.status not in MENDED or result.answered is None:
        return False
    return bool(_facets(result)[0])


def _facets(result: ItemResult) -> tuple[frozenset[str], frozenset[str]]:
    """The facets that the layer's own checks found wrong, what a course accepts left out; and those that
    they found right.
    """
    answered = result.answered
    assert answered is not None
    facets = answered.spec.facets
    right = frozenset(right_facets(answered.spec, answered.checks))
    wrong = {c.facet for c in answered.checks if c.status in ("failed", "error")}
    return frozenset(wrong & facets.keys() & result.wrong_facets) - right, right
