"""The verdict on one item, and how facets make its status."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TypeVar

from graders.checks import model
from graders.checks.model import CheckResult
from graders.checks.training import Record
from graders.diagnosis.model import Diagnosis
from graders.messages import Bilingual, M, Message
from graders.specs import ItemSpec


@dataclass(frozen=True)
class Binding:
    """How an item was bound, in words for a student."""

    name: str
    cell: int | None
    construct: str = ""
    forward: str = ""
    backward: str = ""
    notes: tuple[Bilingual, ...] = ()
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class ItemResult:
    """The verdict on one item."""

    spec: ItemSpec
    status: str
    message: Message
    checks: tuple[CheckResult, ...] = ()
    binding: Binding | None = None
    diagnoses: tuple[Diagnosis, ...] = ()  # what explains the failed checks; it decides nothing
    trace: tuple[str, ...] = ()  # evidence and plans, for an instructor who doubts the verdict
    training: Record | None = None  # of a classifier
    waits_for: tuple[str, ...] = ()  # prerequisites that are not right, for which it was skipped

    @property
    def score(self) -> float:
        """Points of the facets of which every check passed."""
        return float(sum(self.spec.facets[f] for f in right_facets(self.spec, self.checks)))


def right_facets(spec: ItemSpec, checks: Sequence[CheckResult]) -> list[str]:
    """Facets that were checked and found right throughout."""
    right = []
    for facet in spec.facets:
        mine = [c.status for c in checks if c.facet == facet and c.status != model.SKIPPED]
        main = [c.status for c in checks if c.id == facet]
        if mine and all(s == model.PASSED for s in mine) and model.SKIPPED not in main:
            right.append(facet)
    return right


def status_of(spec: ItemSpec, checks: Sequence[CheckResult]) -> str:
    """passed, partial, failed or error, from the facets."""
    right = right_facets(spec, checks)
    if len(right) == len(spec.facets):
        return "passed"
    if right:
        return "partial"
    made = [c.status for c in checks if c.status != model.SKIPPED]
    if made and all(s == model.ERROR for s in made):
        return "error"
    return "failed"


def finished(spec: ItemSpec, checks: list[CheckResult], binding: Binding) -> ItemResult:
    """The verdict that the checks give."""
    status = status_of(spec, checks)
    wrong = [c for c in checks if c.status in (model.FAILED, model.ERROR)]
    message = wrong[0].message if wrong else M("Everything that was checked is right.")
    return ItemResult(spec, status, message, tuple(checks), binding)


T = TypeVar("T")
_explains: ContextVar[bool] = ContextVar("_explains", default=True)


@contextmanager
def verdicts_only() -> Iterator[None]:
    """Leave out what explains verdicts: an audit makes them by the thousand."""
    token = _explains.set(False)
    try:
        yield
    finally:
        _explains.reset(token)


def explained(result: ItemResult, diagnose: Callable[[], Sequence[Diagnosis]]) -> ItemResult:
    """The result with what explains it; a fault in the explaining costs the explanation only."""
    if result.status == "passed":
        return result
    return replace(result, diagnoses=explanation(lambda: tuple(diagnose()), result.diagnoses))


def explanation(explain: Callable[[], T], otherwise: T) -> T:
    """What explains a verdict; a fault in it costs the explanation only."""
    if not _explains.get():
        return otherwise
    try:
        return explain()
    except Exception:
        if os.environ.get("SCRATCHGRADE_DEBUG"):
            raise
        return otherwise
