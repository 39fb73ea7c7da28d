"""What the checks of each manner of an estimator have, and what they share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from graders.cases import resolve
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.estimator.search import EstimatorPlan, EstimatorSearch, Fitted
from graders.messages import Bilingual, M
from graders.rounding import explained
from graders.specs import ItemSpec
from graders.specs.tasks.estimator import Rows

_CLOSE = 1e-6
_FEW = 3  # rows that are asked by themselves


class EstimatorChecks(Protocol):
    """Judges one way to use a class."""

    plan: EstimatorPlan
    notes: list[Bilingual]

    def __init__(
        self, spec: ItemSpec, search: EstimatorSearch, plan: EstimatorPlan, rng: np.random.Generator
    ) -> None: ...

    def fits(self) -> bool:
        """True if the first case alone is right: which way to use the class is told by it."""

    def standing(self) -> tuple[bool, bool]:
        """Of the first case: if all was learnt that can be, and if it gave anything to judge."""

    def run(self) -> Iterator[CheckResult]:
        """The verdict on each facet."""

    def explains(self, variant: Any, facet: str) -> bool:
        """True if what went wrong in a facet is what a mistaken variant of the reference does, in every case."""


def rules_of(spec: ItemSpec) -> list[Any]:
    """All that is right: the reference and its other forms."""
    return [resolve(spec.reference), *(resolve(f.reference) for f in spec.forms)]


def notes_of(spec: ItemSpec, place: int | None) -> list[Bilingual]:
    """What is said of the form at a place among all that is right; nothing of the reference, or where there is none."""
    note = spec.forms[place - 1].note if place else None
    return [] if note is None else [note]


def asked(rows: Rows) -> np.ndarray:
    """The rows that were fitted, and new ones."""
    return np.concatenate([rows.x, rows.new])


def questions(rows: Rows) -> list[tuple[str, np.ndarray]]:
    """All of them at once; the last few, and the last, by themselves."""
    everything = asked(rows)
    return [("predict", part) for part in (everything, everything[-_FEW:], everything[-1:])]


def call_of(plan: EstimatorPlan) -> str:
    """How rows are asked about, in words."""
    return f"{plan.definition.name}.{plan.answers['predict'].name}(X)"


def by_rows(facet: str, plan: EstimatorPlan, fit: Fitted, sure: np.ndarray) -> CheckResult | None:
    """A row's answer is its own: the same among fewer others. None if it is; rows that are not `sure` may differ."""
    whole, *parts = (numbers(answers) for answers in fit.answers)
    assert whole is not None
    for part in parts:
        if part is None:
            return unanswered(facet, plan, fit, _FEW)
        expected, clear = whole[-len(part) :], sure[-len(part) :]
        if explained(part[clear], expected[clear], _CLOSE) is None:
            what = M("What {call} answers for the same rows among fewer others", call=call_of(plan))
            return model.compare(facet, facet, what, part, expected)
    return None


def unanswered(facet: str, plan: EstimatorPlan, fit: Fitted, rows: int) -> CheckResult:
    """Why a fit has no answers for so many rows."""
    name = plan.definition.name
    broke = fit.error is not None or fit.timed_out or bool(fit.died)
    method = plan.answers.get("predict")
    if broke or method is None:
        where = plan.fit.name if not fit.ran or method is None else method.name
        call = f"{name}.{where}(X)"
        return model.raised(facet, facet, call, fit.error, fit.timed_out, fit.died)
    return CheckResult(facet, facet, model.FAILED, M(
        "{call} does not give one number for each of {n} rows.", call=f"{name}.{method.name}(X)", n=rows))  # fmt: skip


def numbers(answers: np.ndarray | None) -> np.ndarray | None:
    """Answers as numbers, one a row; None if they are none."""
    if answers is None or answers.ndim != 1 or answers.dtype.kind not in "fiub":
        return None
    return answers.astype(np.float64)
