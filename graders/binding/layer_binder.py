"""Binds the classes of one submission as layers, within what a search may cost, and remembers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from graders.binding import matching
from graders.binding.attempts import BoundLayer
from graders.binding.callsites import CallSites
from graders.binding.definitions import Definition
from graders.binding.layer_search import LayerSearch
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, upstream_for
from graders.binding.shown import Shown
from graders.binding.tensors import tensor_forms
from graders.cases import LayerCase
from graders.errors import SpecError
from graders.sandbox.session import Session
from graders.specs import ItemSpec

SEARCH_CALLS = 220  # for one item; the checks then need up to 80
SEARCH_SECONDS = 7.0
LEAST_CALLS, LEAST_SECONDS = 24, 0.7  # that one of the item's name may cost whatever others did
MAX_OPTIMIZERS = 4  # of a notebook's own, tried in the place of the stub
_ALL = 3


class LayerBinder:
    """Binds classes of one submission; remembers what it found."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        rng: Callable[[str], np.random.Generator],
        optimizers: Sequence[Definition] = (),
        initializers: Sequence[Definition] = (),
        definitions: Sequence[Definition] = (),
    ) -> None:
        """`rng`: a generator for each purpose, so that no item's draws depend on another's."""
        self.tensors = functools.cache(lambda: tensor_forms(session, definitions, rng("tensors")))
        self._notebook = Shown(session, sites, initializers)
        self._session = session
        self._optimizers = optimizers
        self._sites = sites
        self._rng = rng
        self._known: dict[tuple[Definition, str, tuple[str, ...]], BoundLayer] = {}
        self._last_call, self._last_second = 0, 0.0
        self.begin_item()

    def begin_item(self) -> None:
        """A new item: its search may cost so many calls and seconds, and no more."""
        self._last_call = self._session.calls + SEARCH_CALLS
        self._last_second = self._session.call_seconds + SEARCH_SECONDS

    def may_begin(self, named: bool) -> bool:
        """Whether another definition may be looked at: whatever the others before it have cost, one of
        the item's name may cost a little.
        """
        if named and self.exhausted:
            session = self._session
            self._last_call = session.calls + LEAST_CALLS
            self._last_second = session.call_seconds + LEAST_SECONDS
        return not self.exhausted

    @property
    def exhausted(self) -> bool:
        """True if the item's search has cost what it may cost."""
        session = self._session
        return session.calls >= self._last_call or session.call_seconds >= self._last_second

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
            found = search.run(lambda: self.exhausted)
            if self.exhausted and not found.exact:
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
