"""Judges dropout."""

from __future__ import annotations

from graders.binding.candidates import Candidate, Reason, dropout_candidates
from graders.binding.definitions import Definition
from graders.binding.plans import arguments_text, call_text
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.dropout.checks import DropoutChecks
from graders.kinds.dropout.explanation import diagnose_dropout
from graders.kinds.dropout.passed_by import passed_by
from graders.kinds.dropout.search import DropoutSearch
from graders.sandbox.session import CellError
from graders.specs import ItemSpec

_MOST = 6  # candidates


class DropoutJudge:
    """Judges the dropout of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on the class, or on the functions, that answer; see `binding.choice`."""
        context = self._context
        candidates = dropout_candidates(spec, context.definitions)[:_MOST]
        errors: dict[Definition, CellError | None] = {}

        def judge(definition: Definition) -> ItemResult | None:
            result, errors[definition] = self._judged(spec, definition)
            return result

        result = contended(context, spec, candidates, judge)
        if result is not None:
            return result
        return context.absent(
            spec, [(Candidate(d, 0.0, Reason.NAME), errors.get(d)) for d in candidates]
        )

    def _judged(
        self, spec: ItemSpec, definition: Definition
    ) -> tuple[ItemResult | None, CellError | None]:
        context = self._context
        rng = context.rng(f"{spec.id}/{definition.order}")
        search = DropoutSearch(context.session, context.sites, spec, definition)
        plan = search.best(rng)
        context.tried += search.tried
        if plan is None:
            return None, search.error
        left_out = passed_by(context.reached, definition, plan.layer.forward.name)
        checks = DropoutChecks(spec, search, plan, rng, left_out)
        results = list(checks.run())
        layer = plan.layer
        construct = ""
        if definition.kind == "class":
            construct = f"{definition.name}({arguments_text(layer.construct)})"
        binding = Binding(
            definition.name,
            definition.cell,
            construct,
            call_text(layer.forward),
            call_text(layer.backward),
            tuple(checks.notes),
        )
        result = finished(spec, results, binding, plan)
        draws = context.rng(f"{spec.id}/diagnosis")
        return explained(result, lambda: diagnose_dropout(spec, checks, results, draws)), None
