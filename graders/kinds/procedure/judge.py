"""Judges plain functions over arrays."""

from __future__ import annotations

from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.judging.searching import SearchBudget
from graders.kinds.procedure.checks import check_procedure
from graders.kinds.procedure.explanation import diagnose_procedure
from graders.kinds.procedure.search import ProcedureBinder, ProcedureTrial, procedure_candidates
from graders.messages import Bilingual, M
from graders.specs import ItemSpec


class ProcedureJudge:
    """Judges the procedure items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on a function."""
        context = self._context
        binder = ProcedureBinder(
            context.session, context.sites, context.definitions, context.rng(spec.id),
            lambda: context.once_an_item(SearchBudget).exhausted,
        )  # fmt: skip
        answer = binder.bind(spec, context.choice(spec))
        context.tried += binder.tried
        if answer is None:
            near = procedure_candidates(spec, context.definitions)[:5]
            return context.absent(spec, [(c, None) for c in near])
        trial = answer.contender.found
        definition = trial.way.definition
        notes = (*_notes(trial), *context.told(answer))
        binding = Binding(definition.name, definition.cell, "", trial.way.call, notes=notes)
        result = finished(spec, list(check_procedure(trial)), binding, trial.way)
        return explained(result, lambda: diagnose_procedure(spec, trial))


def _notes(trial: ProcedureTrial) -> list[Bilingual]:
    way = trial.way
    notes: list[Bilingual] = []
    if trial.meaning.note is not None:
        notes.append(trial.meaning.note)
    for name, role in way.globals.items():
        notes.append(M("reads {role} from the module-level name {name}", role=role, name=name))
    if any(way.fixed.get(name) == size != 1 for name, size in trial.spec.natural.items()):
        sizes = ", ".join(f"{name} = {size}" for name, size in trial.spec.natural.items())
        notes.append(M("works for these sizes alone: {sizes}", sizes=sizes))
    elif len(way.ties) > 1:
        notes.append(M("works for square images and filters alone"))
    return notes
