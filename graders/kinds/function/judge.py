"""Judges functions that compute a size."""

from __future__ import annotations

from graders.binding.candidates import function_candidates, layer_candidates
from graders.binding.definitions import Definition
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.kinds.function.checks import check_function
from graders.kinds.function.explanation import diagnose_function
from graders.kinds.function.search import FunctionBinder
from graders.kinds.layer.attempts import BoundLayer
from graders.kinds.layer.binder import LayerBinder
from graders.specs import ItemSpec
from graders.traits import Trait


class FunctionJudge:
    """Judges the function items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on a function."""
        context = self._context
        rng = context.rng(spec.id)
        binder = FunctionBinder(context.session, context.sites, context.definitions, rng)
        answer = binder.bind(spec, self._layers_of, context.choice(spec))
        if answer is None:
            near = function_candidates(spec, context.definitions)
            return context.absent(spec, [(c, None) for c in near])
        trial = answer.contender.found
        notes = tuple(context.told(answer))
        binding = Binding(trial.definition.name, trial.definition.cell, "", trial.call, notes=notes)
        result = finished(spec, list(check_function(spec, trial)), binding)
        return explained(result, lambda: diagnose_function(spec, trial))

    def _layers_of(self, definition: Definition) -> list[tuple[ItemSpec, BoundLayer]]:
        """The class bound as each layer that it may be, the best first."""
        context = self._context
        bound = [
            (item, context.once(LayerBinder).bind(item, definition))
            for item in context.sprint.items
            if Trait.LAYER in item.traits
            and not item.ability
            and any(c.definition == definition for c in layer_candidates(item, context.definitions))
        ]
        return sorted(bound, key=lambda entry: -entry[1].score)
