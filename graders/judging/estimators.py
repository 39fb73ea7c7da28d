"""Judges estimators."""

from __future__ import annotations

from graders.binding.candidates import Candidate, Reason, name_rank
from graders.binding.definitions import Definition
from graders.binding.estimator_search import EstimatorPlan, EstimatorSearch, estimator_candidates
from graders.checks.descent import DescentChecks
from graders.diagnosis.estimators import diagnose_descent
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.messages import Bilingual
from graders.specs import ItemSpec


class EstimatorJudge:
    """Judges the estimators of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the class that answers; see `binding.choice`. One that is not called like the item answers it
        only if its fit is right.
        """
        context = self._context
        candidates = estimator_candidates(spec, context.definitions)
        result = contended(context, spec, candidates, lambda d: self._judged(spec, d))
        return result or context.absent(
            spec, [(Candidate(d, 0.0, Reason.NAME), None) for d in candidates]
        )

    def _judged(self, spec: ItemSpec, definition: Definition) -> ItemResult | None:
        search = EstimatorSearch(self._context.session, self._context.sites, spec, definition)
        result = self._descending(spec, search, definition)
        named = name_rank(spec, definition.name) is not None
        return result if named or "fit" not in result.wrong_facets else None

    def _descending(
        self, spec: ItemSpec, search: EstimatorSearch, definition: Definition
    ) -> ItemResult:
        checks = self._best(spec, search, definition)
        results = list(checks.run())
        result = finished(spec, results, _binding(checks.plan, checks.notes))
        return explained(result, lambda: diagnose_descent(spec, checks, results))

    def _best(
        self, spec: ItemSpec, search: EstimatorSearch, definition: Definition
    ) -> DescentChecks:
        """The first way in which one fit is right, and an intercept is learnt where one is asked for; else the first
        that learns one, else the first whose parameters could be read, else the first.

        What is called bias may say that there is none: a way with that meaning follows each in which it is one.
        """
        name = f"{spec.id}/{definition.order}"
        tried: list[DescentChecks] = []
        ranks: list[tuple[bool, bool, bool]] = []
        for plan in search.plans():
            ways = [way for way in (plan, plan.other_way) if way is not None]
            for way in ways:
                checks = DescentChecks(spec, search, way, self._context.rng(name))
                right = checks.fits()
                tried.append(checks)
                ranks.append((right, checks.has_intercept(), checks.ran_at_all()))
                if right and (ranks[-1][1] or len(ways) == 1):
                    return checks
        return tried[ranks.index(max(ranks))]


def _binding(plan: EstimatorPlan, notes: list[Bilingual]) -> Binding:
    answers = ", ".join(f"{m.name}(X)" for m in plan.answers.values())
    return Binding(
        plan.definition.name, plan.definition.cell, plan.call, f"{plan.fit.name}(X, y)", answers,
        tuple(notes),
    )  # fmt: skip
