"""Binds the classes of one submission as layers, within what a search may cost, and remembers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from graders import cases
from graders.binding.attempts import BoundLayer
from graders.binding.callsites import CallSites
from graders.binding.definitions import Definition
from graders.binding.layer_search import LayerSearch
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, upstream_for
from graders.errors import SpecError
from graders.sandbox.session import Found, Session
from graders.specs import ItemSpec

SEARCH_CALLS = 220  # for one item; the checks then need up to 80
SEARCH_SECONDS = 7.0


class LayerBinder:
    """Binds classes of one submission; remembers what it found."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        rng: np.random.Generator,
        optimizers: Sequence[Definition] = (),
    ) -> None:
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
            search = LayerSearch(self._session, self._sites, self._rng, spec, definition, wanted)
            found = search.run(lambda: self.exhausted)
            if self.exhausted and not found.exact:
                return found  # cut short: another item may search again
            self._known[key] = found
        return self._known[key]

    def answered(self, spec: ItemSpec, plan: LayerPlan) -> LayerPlan:
        """The plan with the student's own optimiser where backward can't do without its answer:
        ``dZ = self.optimizer.update(self, dA)``, or ``return self.dZ``, which only update sets.
        """
        own = self.own_optimizers(plan)
        if not own or plan.backward is None:
            return plan
        try:
            case = cases.draw(spec, self._rng, plan.fixed, plan.ties)
        except SpecError:
            return plan
        runs: list[LayerPlan] = []  # those that raise nothing
        for one in (plan, *own):
            programmer = Programmer(one, case).make().forward(optional=True)
            outcome = programmer.backward(upstream_for(one, case), "ret").run(self._session)
            if outcome.ok:
                runs.append(one)
                if any(_given_back(entry) for entry in outcome.found):
                    return one
        return runs[0] if runs else plan

    def own_optimizers(self, plan: LayerPlan) -> list[LayerPlan]:
        """The plan with the student's own optimiser instead of the stub, if there is one: with the
        bias as the plan keeps it and as a row, (1, O), for it may be updated in place by a
        gradient that is one.
        """
        construct = list(plan.construct)
        for i, argument in enumerate(construct):
            if argument.kind != "optimizer":
                continue
            source = self._plain_descent() or self._sites.expression(
                plan.definition, plan.definition.constructor, argument.parameter
            )
            if source is None:
                return []
            construct[i] = Argument(argument.parameter, "expression", source, argument.keyword)
            own = plan.with_(construct=tuple(construct))
            return [own, *_with_row(own)]
        return []

    def _plain_descent(self) -> str | None:
        """An expression for an instance of the notebook's own gradient descent."""
        for definition in self._optimizers:
            constructor = definition.constructor
            arguments = []
            for parameter in constructor.parameters if constructor else ():
                if lexicon().is_a(parameter.name, "lr"):
                    arguments.append(f"{parameter.name}={LR}")
                elif parameter.default is None:
                    source = self._sites.expression(definition, constructor, parameter.name)
                    arguments.append(f"{parameter.name}={source or None}")
            return f"{definition.name}({', '.join(arguments)})"
        return None


def _given_back(entry: Found) -> bool:
    """True for an array that a call returned, by itself or in a tuple."""
    path = entry.path
    alone = path[:1] == ("ret",) and all(isinstance(part, int) for part in path[1:])
    return alone and entry.kind == "array"


def _with_row(plan: LayerPlan) -> Iterator[LayerPlan]:
    """The plan with a bias that it keeps as (O,) written to its place as (1, O)."""
    place = plan.places.get("b")
    if place is not None and place.layout is not None and len(place.layout) == 1:
        row = replace(place, layout=("", *place.layout))
        yield plan.with_(places={**plan.places, "b": row}, overwrite=True)
