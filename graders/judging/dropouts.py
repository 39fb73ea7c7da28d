"""Judges dropout."""

from __future__ import annotations

from graders.binding.candidates import Candidate, dropout_candidates, name_rank
from graders.binding.choice import Contender
from graders.binding.definitions import Definition
from graders.binding.dropout_search import DropoutSearch
from graders.binding.modes import passed_by
from graders.binding.plans import arguments_text
from graders.checks.dropout import DropoutChecks
from graders.diagnosis.dropout import diagnose_dropout
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished, noted
from graders.judging.turns import in_turn
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
        choice = context.choice(spec)
        found: list[Contender[ItemResult]] = []
        errors: dict[Definition, CellError | None] = {}
        most = float(spec.max_score)
        turns = in_turn(
            context.session,
            candidates,
            lambda d: self._judged(spec, d),
            lambda judged: judged[0] is not None and judged[0].score == most,
        )
        for definition, (result, error), left in turns:
            errors[definition] = error
            if result is None:
                continue
            named = name_rank(spec, definition.name) is not None
            found.append(Contender(definition, result.score, most, result, result.score > 0, named))
            if found[-1].full and choice.settled(definition, left):
                break
        answer = choice.answer(found)
        if answer is not None:
            return noted(answer.contender.found, context.told(answer))
        return context.absent(
            spec, [(Candidate(d, 0.0, "its name"), errors.get(d)) for d in candidates]
        )

    def _judged(
        self, spec: ItemSpec, definition: Definition
    ) -> tuple[ItemResult | None, CellError | None]:
        context = self._context
        rng = context.rng(f"{spec.id}/{definition.order}")
        search = DropoutSearch(context.session, context.sites, spec, definition)
        plan = search.best(rng)
        if plan is None:
            return None, search.error
        checks = DropoutChecks(spec, search, plan, rng, passed_by(context.reached, definition))
        results = list(checks.run())
        layer = plan.layer
        construct = ""
        if definition.kind == "class":
            construct = f"{definition.name}({arguments_text(layer.construct)})"
        backward = ""
        if layer.backward is not None:
            backward = f"{layer.backward.name}({arguments_text(layer.backward.arguments)})"
        forward = f"{layer.forward.name}({arguments_text(layer.forward.arguments)})"
        binding = Binding(
            definition.name, definition.cell, construct, forward, backward, tuple(checks.notes)
        )
        result = finished(spec, results, binding)
        draws = context.rng(f"{spec.id}/diagnosis")
        return explained(result, lambda: diagnose_dropout(spec, checks, results, draws)), None
