"""Binds the classes of one submission as layers, within what a search may cost, and remembers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graders import cases
from graders.binding.attempts import BoundLayer
from graders.binding.callsites import CallSites
from graders.binding.definitions import Definition
from graders.binding.layer_search import LayerSearch
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, upstream_for
from graders.errors import SpecError
from graders.sandbox.session import Session
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
        ``dZ = self.optimizer.update(self, dA)``.
        """
        own = self.own_optimizer(plan)
        if own is None or plan.backward is None:
            return plan
        try:
            case = cases.draw(spec, self._rng, plan.fixed, plan.ties)
        except SpecError:
            return plan
        for one in (plan, own):
            programmer = Programmer(one, case).make().forward(optional=True)
            outcome = programmer.backward(upstream_for(one, case)).run(self._session)
            if outcome.ok:
                return one
        return plan

    def own_optimizer(self, plan: LayerPlan) -> LayerPlan | None:
        """The plan with the student's own optimiser instead of the stub, if there is one."""
        construct = list(plan.construct)
        for i, argument in enumerate(construct):
            if argument.kind != "optimizer":
                continue
            source = self._plain_descent() or self._sites.expression(
                plan.definition, plan.definition.constructor, argument.parameter
            )
            if source is None:
                return None
            construct[i] = Argument(argument.parameter, "expression", source, argument.keyword)
            return plan.with_(construct=tuple(construct))
        return None

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
