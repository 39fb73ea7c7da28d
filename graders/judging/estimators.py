"""Judges estimators."""

from __future__ import annotations

from graders.binding.candidates import Candidate, name_rank
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
        return result or context.absent(spec, [(Candidate(d, 0.0, ""), None) for d in candidates])

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
        """The first way in which one fit is right; else the first whose parameters could be read, else the first.

        Where no intercept is learnt though it is asked for, what is called bias may say the opposite.
        """
        name = f"{spec.id}/{definition.order}"
        tried: list[DescentChecks] = []
        for plan in search.plans():
            tried.append(DescentChecks(spec, search, plan, self._context.rng(name)))
            if tried[-1].fits():
                break
        else:
            tried = [c for c in tried if c.ran_at_all()][:1] or tried[:1]
        best = tried[-1]
        flipped = best.plan.other_way
        if flipped is not None and best.ran_at_all() and not best.has_intercept():
            other = DescentChecks(spec, search, flipped, self._context.rng(name))
            other.fits()
            if other.ran_at_all() and other.has_intercept():
                return other
        if flipped is not None and not best.ran_at_all():
            other = DescentChecks(spec, search, flipped, self._context.rng(name))
            return other if other.fits() else best
        return best


def _binding(plan: EstimatorPlan, notes: list[Bilingual]) -> Binding:
    answers = ", ".join(f"{m.name}(X)" for m in plan.answers.values())
    return Binding(
        plan.definition.name, plan.definition.cell, plan.call, f"{plan.fit.name}(X, y)", answers,
        tuple(notes),
    )  # fmt: skip
