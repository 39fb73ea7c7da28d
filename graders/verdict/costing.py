"""What answers cost: counted when every verdict of the submission has been come to.

It changes no other facet. What is counted is told by the student's process, which could tell less:
so it earns nothing of itself, and points for it are a course's own decision.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from graders.binding.definitions import read_definitions
from graders.checks import model
from graders.checks.model import CheckResult
from graders.costs.costing import Uncounted, cost_of_answer
from graders.costs.functions import written_out
from graders.costs.verdict import check_of_cost
from graders.judging.results import ItemResult, right_facets, status_of
from graders.messages import M, Message
from graders.sandbox.session import OutOfBudget, Session
from graders.specs import ItemSpec
from graders.specs.model import COST
from graders.traits import Trait
from graders.verdict.allowances import package_used


class Costing:
    """Counts the answers of one submission."""

    def __init__(self, session: Session, seed: int) -> None:
        self._session, self._seed = session, seed
        self._gone = False  # an answer has ended its process over it: no more are counted

    def counted(self, result: ItemResult, spec: ItemSpec) -> ItemResult:
        """The verdict with what its answer costs. `spec`: the item with the facet, if it has points."""
        result = replace(result, spec=spec)
        if Trait.LAYER not in spec.traits or result.status in ("skipped", "missing"):
            return result
        if result.answered is None or "forward" not in right_facets(spec.judged, result.checks):
            return _with(result, model.skipped(COST, COST, M("Not counted: forward is not right.")))
        return self._of_answer(result, spec)

    def _of_answer(self, result: ItemResult, spec: ItemSpec) -> ItemResult:
        answered = result.answered
        assert answered is not None
        seed = zlib.crc32(f"{self._seed}/cost/{spec.id}".encode())
        self._session.begin_item()
        try:
            if self._gone:
                raise Uncounted("", True)
            cost = cost_of_answer(self._session, answered.spec, answered.plan, seed)
            check = check_of_cost(
                replace(answered.spec, cost=spec.cost), cost, self._written(result, spec)
            )
        except Uncounted as error:
            self._gone = self._gone or error.gone
            return _with(result, model.skipped(COST, COST, _why(error)))
        except OutOfBudget as spent:
            return _with(result, model.skipped(COST, COST, spent.reason))
        except Exception:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            text = M("Not counted: the grader itself failed at it. It says nothing about the code.")
            return _with(result, model.skipped(COST, COST, text))
        if check.status == model.PASSED and result.status != "passed":
            text = M("Not counted: what it computes has to be right first.")
            check = model.skipped(COST, COST, text)
        return replace(_with(result, check), cost=cost)

    def _written(self, result: ItemResult, spec: ItemSpec) -> Mapping[str, int]:
        """What the answer's source names of what may not be called: a branch that did not run, too."""
        assert result.answered is not None
        submission = self._session.submission
        names = [written_out(name) for name in spec.cost.forbidden]
        definitions = read_definitions(submission)[0] if names else []
        source = result.answered.plan.definition.source
        used = package_used(submission, definitions, source, names)
        return {} if used is None else {used: 0}


def _why(error: Uncounted) -> Message:
    if error.gone:
        return M("Not counted: the process ended, or did not answer in time.")
    return M(
        "Not counted: it can't be called with inputs of other sizes, or counting was ended by it."
    )


def _with(result: ItemResult, check: CheckResult) -> ItemResult:
    """The verdict with that check; its status is another one only if the facet has points."""
    checks = (*result.checks, check)
    if COST not in result.spec.facets:
        return replace(result, checks=checks)
    status = status_of(result.spec, checks)
    if result.status == "passed" and status != "passed":
        return replace(result, checks=checks, status=status, message=check.message)
    return replace(result, checks=checks, status=status if status == "passed" else result.status)


def costed(
    session: Session, results: Mapping[str, ItemResult], specs: Mapping[str, ItemSpec], seed: int
) -> Iterator[ItemResult]:
    """The verdicts with what their answers cost, one after the other."""
    costing = Costing(session, seed)
    for name, result in results.items():
        yield costing.counted(result, specs[name])
