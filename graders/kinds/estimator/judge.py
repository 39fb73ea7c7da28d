"""Judges estimators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graders.binding.best import best_of
from graders.binding.candidates import Candidate, Reason, name_rank
from graders.binding.definitions import Definition
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.estimator.centres import CentreChecks
from graders.kinds.estimator.checks import EstimatorChecks
from graders.kinds.estimator.components import ComponentChecks
from graders.kinds.estimator.descent import DescentChecks
from graders.kinds.estimator.explanation import diagnose_estimator
from graders.kinds.estimator.margins import MarginChecks
from graders.kinds.estimator.predictions import PredictionChecks
from graders.kinds.estimator.search import EstimatorPlan, EstimatorSearch, estimator_candidates
from graders.messages import Bilingual
from graders.specs import ItemSpec
from graders.specs.model import Manner

_ROOMS: dict[Manner, type[EstimatorChecks]] = {
    Manner.DESCENT: DescentChecks,
    Manner.ANSWERS: PredictionChecks,
    Manner.CENTRES: CentreChecks,
    Manner.MARGIN: MarginChecks,
    Manner.COMPONENTS: ComponentChecks,
}


class EstimatorJudge:
    """Judges the estimators of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the class that answers; see `binding.choice`. One that is not called like the item answers it
        only if what its first facet asks for is right.
        """
        context = self._context
        candidates = estimator_candidates(spec, context.definitions)
        result = contended(context, spec, candidates, lambda d: self._judged(spec, d))
        return result or context.absent(
            spec, [(Candidate(d, 0.0, Reason.NAME), None) for d in candidates]
        )

    def _judged(self, spec: ItemSpec, definition: Definition) -> ItemResult | None:
        search = EstimatorSearch(self._context.session, self._context.sites, spec, definition)
        named = name_rank(spec, definition.name) is not None
        best = self._best(spec, search, definition)
        if not (named or best.right):
            return None  # its first facet is wrong, whatever else is drawn
        result = self._checked(spec, best.checks)
        return result if named or next(iter(spec.facets)) not in result.wrong_facets else None

    def _checked(self, spec: ItemSpec, checks: EstimatorChecks) -> ItemResult:
        results = list(checks.run())
        result = finished(spec, results, _binding(checks.plan, checks.notes), checks.plan)
        return explained(result, lambda: diagnose_estimator(spec, checks, results))

    def _best(self, spec: ItemSpec, search: EstimatorSearch, definition: Definition) -> _Tried:
        """The first way in which one fit is right, and all is learnt (an intercept, where one is asked for); else the first
        that learns it, else the first that gives anything to judge, else the first.

        What is called bias may say that there is none: a way with that meaning follows each in which it is one.
        """
        name = f"{spec.id}/{definition.order}"
        assert spec.manner is not None
        room = _ROOMS[spec.manner]

        def tried() -> Iterator[_Tried]:
            for plan in search.plans():
                ways = [way for way in (plan, plan.other_way) if way is not None]
                for way in ways:
                    checks = room(spec, search, way, self._context.rng(name))
                    right = checks.fits()
                    learnt, answered = checks.standing()
                    self._context.tried.append(way)
                    yield _Tried(checks, (learnt, right, answered), len(ways) == 1)

        best = best_of(tried(), lambda one: one.rank, lambda one: one.proven)
        assert best is not None  # a candidate has a way to be fitted
        return best


class _Tried(NamedTuple):
    """`rank`: all is learnt, one fit is right, there is something to judge. A step that is right where it leaves the
    intercept out says nothing of the one that learns it.
    """

    checks: EstimatorChecks
    rank: tuple[bool, bool, bool]
    alone: bool

    @property
    def right(self) -> bool:
        return self.rank[1]

    @property
    def proven(self) -> bool:
        return self.right and (self.rank[0] or self.alone)


def _binding(plan: EstimatorPlan, notes: list[Bilingual]) -> Binding:
    answers = ", ".join(f"{m.name}(X)" for m in plan.answers.values())
    return Binding(
        plan.definition.name, plan.definition.cell, plan.call, f"{plan.fit.name}(X, y)", answers,
        tuple(notes),
    )  # fmt: skip
