"""Binds the classes of one submission as layers, within what a search may cost, and remembers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from graders.arrays import matching
from graders.binding.candidates import optimizers_of
from graders.binding.definitions import Definition
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, upstream_for
from graders.binding.shown import Shown, initializers_of
from graders.binding.tensors import tensor_forms
from graders.cases import LayerCase
from graders.errors import SpecError
from graders.judging.context import Context
from graders.judging.searching import SearchBudget
from graders.kinds.layer.attempts import BoundLayer
from graders.kinds.layer.search import LayerSearch
from graders.specs import ItemSpec

MAX_OPTIMIZERS = 4  # of a notebook's own, tried in the place of the stub
_ALL = 3


class LayerBinder:
    """Binds classes of one submission; remembers what it found. One is made for each (`Context.once`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        session, sites, everything = context.session, context.sites, context.everything
        # A generator for each purpose, so that no item's draws depend on another's.
        rng = context.rng
        self.tensors = functools.cache(lambda: tensor_forms(session, everything, rng("tensors")))
        self._notebook = Shown(session, sites, initializers_of(everything))
        self._session = session
        self._optimizers = optimizers_of(everything)
        self._sites = sites
        self._rng = rng
        self._known: dict[tuple[Definition, str, tuple[str, ...]], BoundLayer] = {}

    def bind(
        self, spec: ItemSpec, definition: Definition, layouts_: Sequence[str] = ()
    ) -> BoundLayer:
        """The best plan for the class as the layer of the item."""
        wanted = tuple(layouts_ or spec.layouts)
        key = (definition, spec.base or spec.id, wanted)
        if spec.ability or key not in self._known:
            search = LayerSearch(
                self._session, self._sites, self._draws(spec, definition, *wanted), spec,
                definition, wanted, self._notebook, self.tensors,
            )  # fmt: skip
            budget = self._context.once_an_item(SearchBudget)
            found = search.run(lambda: budget.exhausted)
            if budget.exhausted and not found.exact:
                return found  # cut short: another item may search again
            self._known[key] = found
        return self._known[key]

    def _draws(self, spec: ItemSpec, definition: Definition, *purpose: str) -> np.random.Generator:
        shared = spec.id if spec.ability else spec.base or spec.id
        return self._rng("/".join(["binding", shared, str(definition.order), *purpose]))

    def answered(self, spec: ItemSpec, plan: LayerPlan) -> LayerPlan:
        """The plan with the student's own optimiser where backward can't do without its answer:
        ``dZ = self.optimizer.update(self, dA)``, or ``return self.dZ``, which only update sets.
        """
        owns = self.own_optimizers(spec, plan)
        if not owns or plan.backward is None:
            return plan
        try:
            rng = self._draws(spec, plan.definition, "answered")
            case = plan.draw(spec, rng)
        except SpecError:
            return plan
        best, most = plan, 0
        for one in (plan, *owns):
            shown = self._shown(one, case)
            if shown > most:
                best, most = one, shown
            if most == _ALL:
                break
        return best

    def _shown(self, plan: LayerPlan, case: LayerCase) -> int:
        """How much of its answer backward gives by a plan: 0 it raises, 1 it runs, 2 it returns an
        array as large as dX, 3 it shows the true dX.
        """
        programmer = Programmer(plan, case).make().forward(optional=True)
        programmer.backward(upstream_for(plan, case), "ret").harvest("", "self")
        outcome = programmer.run(self._session)
        if not outcome.ok:
            return 0
        truth = case.truth(case.spec.gradients[0])
        if matching.find(outcome.found, truth, case.spec.tolerance):
            return _ALL
        returned = [e for e in outcome.found if e.path[0] == "ret" and len(e.path) <= 2]
        return 2 if any(e.array.size == truth.array.size for e in returned) else 1

    def own_optimizers(self, spec: ItemSpec, plan: LayerPlan) -> list[LayerPlan]:
        """The plan with each of the student's own optimisers in the place of the stub, the
        likeliest first, each with the bias as the plan keeps it and, where the notebook's own
        initialisers make one, as a row, (1, O), for it may be updated in place by a gradient that is
        one; none where the layer is given no optimiser.
        """
        for argument in plan.making:
            if argument.kind != "optimizer":
                continue
            called = self._sites.expression(
                plan.definition, plan.definition.constructor, argument.parameter
            )
            sources = [*self._plain_descents(plan.definition), *([called] if called else [])]
            found: list[LayerPlan] = []
            for source in list(dict.fromkeys(sources))[:MAX_OPTIMIZERS]:
                expression = Argument(argument.parameter, "expression", source, argument.keyword)
                own = plan.made_with(argument, expression)
                found += [own, *self._with_row(spec, plan, own)]
            return found
        return []

    def _with_row(self, spec: ItemSpec, plan: LayerPlan, own: LayerPlan) -> Iterator[LayerPlan]:
        """The plan with a bias that it keeps as (O,) written to its place as (1, O)."""
        place = plan.places.get("b")
        if place is None or place.layout is None or len(place.layout) != 1:
            return
        row = replace(place, layout=("", *place.layout))
        try:
            rng = self._draws(spec, plan.definition, "row")
            case = plan.draw(spec, rng)
        except SpecError:
            return
        if row.layout in (self._notebook.made(plan, case, "b") or ()):
            yield own.with_(places={**plan.places, "b": row}, overwrite=True)

    def _plain_descents(self, layer: Definition) -> list[str]:
        """Expressions for instances of the notebook's own gradient descents: those of the layer's
        own section first (``SGDConv`` beside ``Conv1d``), then the later ones.
        """
        problems = set(layer.section.problems)
        ranked = sorted(self._optimizers, key=lambda d: not problems & set(d.section.problems))
        found = []
        for definition in ranked:
            constructor = definition.constructor
            arguments = []
            for parameter in constructor.parameters if constructor else ():
                if lexicon().is_a(parameter.name, "lr"):
                    arguments.append(f"{parameter.name}={LR}")
                elif parameter.default is None:
                    source = self._sites.expression(definition, constructor, parameter.name)
                    arguments.append(f"{parameter.name}={source or None}")
            found.append(f"{definition.name}({', '.join(arguments)})")
        return found
