"""The verdict on one item, and how facets make its status."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TypeVar

from graders.binding.idioms import Searched
from graders.binding.plans import LayerPlan
from graders.checks import model
from graders.checks.model import CheckResult
from graders.checks.training import Record
from graders.costs.model import ItemCost
from graders.edits.model import Repair
from graders.messages import Bilingual, M, Message
from graders.misconceptions import Diagnosis
from graders.sandbox.session import OutOfBudget
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
class Answered:
    """The layer that answers an item, by the spec and the plan that it was checked with."""

    spec: ItemSpec
    plan: LayerPlan
    own: tuple[LayerPlan, ...] = ()  # with the student's own optimisers
    others: tuple[LayerPlan, ...] = ()  # by which it could be meant as well: no plan was right
    checks: tuple[CheckResult, ...] = ()  # as they were made, before what a course lets pass


@dataclass(frozen=True)
class ItemResult:
    """The verdict on one item."""

    spec: ItemSpec
    status: str
    message: Message
    checks: tuple[CheckResult, ...] = ()
    binding: Binding | None = None
    diagnoses: tuple[Diagnosis, ...] = ()  # what explains the failed checks; it decides nothing
    explain: Callable[[], Sequence[Diagnosis]] | None = field(
        default=None, compare=False, repr=False
    )  # what would find them: of several candidates only the one that answers is explained
    trace: tuple[
        Bilingual | str, ...
    ] = ()  # evidence and plans, for an instructor who doubts the verdict
    training: Record | None = None  # of a classifier
    waits_for: tuple[str, ...] = ()  # prerequisites that are not right, for which it was skipped
    uncounted: frozenset[str] = frozenset()  # facets that came out right and earn nothing
    answered: Answered | None = None  # of a layer
    cost: ItemCost | None = None  # what was counted, where it was asked for
    unwritten: bool = False  # a template that nobody filled in
    repairs: tuple[Repair, ...] = ()  # edits that would mend wrong facets; they decide nothing
    plan: object = None  # by which it was checked, of the kinds whose searches make plans
    searched: Searched = field(default_factory=Searched)

    @property
    def score(self) -> float:
        """Points of the facets of which every check passed."""
        return float(sum(self.spec.facets[f] for f in right_facets(self.spec, self.checks)))

    @property
    def wrong_facets(self) -> frozenset[str]:
        """The facets that did not come out right."""
        right = right_facets(self.spec, self.checks)
        return frozenset(self.spec.facets) - set(right) - self.uncounted


def right_facets(spec: ItemSpec, checks: Sequence[CheckResult]) -> list[str]:
    """Facets that earn their points: checked, right throughout, and computed.

    What was not checked is not right: the check that has the facet's own name must have been made.
    A documented pair that can't be put to the answer costs nothing, and by itself earns nothing.
    What only accompanies an answer (`ItemSpec.accompanying`) is earned where something that is
    computed is right: zeros have the right shape, too, and come out the same twice.
    """
    right = [facet for facet in spec.facets if _came_out_right(facet, checks)]
    if set(right) <= spec.accompanying:
        return []
    return right


def _came_out_right(facet: str, checks: Sequence[CheckResult]) -> bool:
    mine = [c.status for c in checks if c.facet == facet and c.status != model.SKIPPED]
    main = [c.status for c in checks if c.id == facet]
    return bool(mine) and all(s == model.PASSED for s in mine) and model.SKIPPED not in main


def counted(result: ItemResult) -> ItemResult:
    """The verdict with what earns nothing shown as such: a shape or a repetition that is right
    where nothing that is computed is. For every kind of item, when all its checks are made.
    """
    spec, checks = result.spec, result.checks
    computed = [facet for facet in spec.facets if facet not in spec.accompanying]
    if any(_came_out_right(facet, checks) for facet in computed):
        return result
    idle = frozenset(f for f in spec.accompanying if _came_out_right(f, checks))
    if not idle:
        return result
    why = M(
        "Not counted: nothing of what is computed ({facets}) is right.", facets=", ".join(computed)
    )
    kept = tuple(
        model.skipped(c.id, c.facet, why) if c.facet in idle and c.status == model.PASSED else c
        for c in checks
    )
    return replace(result, checks=kept, status=status_of(spec, checks), uncounted=idle)


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


def finished(
    spec: ItemSpec, checks: list[CheckResult], binding: Binding, plan: object = None
) -> ItemResult:
    """The verdict that the checks give; `plan`: by which they were made, if it is one."""
    status = status_of(spec, checks)
    wrong = [c for c in checks if c.status in (model.FAILED, model.ERROR)]
    if not wrong and status != "passed":  # what was not checked costs its points
        wrong = [c for c in checks if c.status == model.SKIPPED and c.id == c.facet]
    message = wrong[0].message if wrong else M("Everything that was checked is right.")
    return ItemResult(spec, status, message, tuple(checks), binding, plan=plan)


def noted(result: ItemResult, notes: Sequence[Bilingual]) -> ItemResult:
    """The result with more notes on how it was bound."""
    if result.binding is None or not notes:
        return result
    binding = replace(result.binding, notes=(*result.binding.notes, *notes))
    return replace(result, binding=binding)


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
    """The result with what will explain it, if it turns out to be the verdict; see `with_explanation`."""
    if not any(c.status in (model.FAILED, model.ERROR) for c in result.checks):
        return result
    return replace(result, explain=diagnose)


def with_explanation(result: ItemResult) -> ItemResult:
    """The verdict with what explains it; a fault in the explaining costs the explanation only."""
    if (explain := result.explain) is None:
        return result
    diagnoses = explanation(lambda: tuple(explain()), result.diagnoses)
    return replace(result, diagnoses=diagnoses, explain=None)


def explanation(explain: Callable[[], T], otherwise: T) -> T:
    """What explains a verdict; a fault in it costs the explanation only."""
    if not _explains.get():
        return otherwise
    try:
        return explain()
    except OutOfBudget:
        return otherwise
    except Exception:
        if os.environ.get("SCRATCHGRADE_DEBUG"):
            raise
        return otherwise
