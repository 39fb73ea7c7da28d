"""Judges losses."""

from __future__ import annotations

from typing import Any

from graders.binding.candidates import Candidate, Reason, loss_candidates
from graders.binding.definitions import Definition
from graders.binding.moments import section_end
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.loss.checks import LossChecks
from graders.kinds.loss.explanation import diagnose_loss
from graders.kinds.loss.search import LossSearch
from graders.specs import ItemSpec

_MOST = 6  # candidates


class LossJudge:
    """Judges the losses of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the class or function that answers; see `binding.choice`. What gives nothing that could be
        a loss is told as not called, never as wrong.
        """
        context = self._context
        candidates = loss_candidates(spec, context.definitions)[:_MOST]
        result = contended(context, spec, candidates, lambda d: self._judged(spec, d))
        if result is not None:
            return result
        return context.absent(spec, [(Candidate(d, 0.0, Reason.NAME), None) for d in candidates])

    def _judged(self, spec: ItemSpec, definition: Definition) -> ItemResult | None:
        context = self._context
        constructor = definition.constructor if definition.kind == "class" else None
        arguments: list[dict[str, Any]] = []
        for parameter in constructor.required if constructor else ():
            assert constructor is not None
            source = context.sites.expression(definition, constructor, parameter.name)
            arguments.append({"expr": source} if source else {"v": None})
        search = LossSearch(
            context.session, spec, definition, tuple(arguments),
            section_end(context.session, definition), context.rng(f"{spec.id}/{definition.order}"),
        )  # fmt: skip
        plan = search.best()
        context.tried += search.tried
        if plan is None:
            return None
        checks = LossChecks(spec, search, plan)
        results = list(checks.run())
        forward, backward = search.call(plan)
        construct = f"{definition.name}()" if definition.kind == "class" else ""
        binding = Binding(
            definition.name, definition.cell, construct, forward, backward, tuple(checks.notes)
        )
        result = finished(spec, results, binding, plan)
        return explained(result, lambda: diagnose_loss(spec, checks.ran, results))
