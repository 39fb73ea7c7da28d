"""What the notebook shows of the arrays that a layer is given: in which shape it has its bias.

What is put into a student's object is what could have been there: a bias is a row, (1, O), only
where an initialiser of the notebook makes one, or its own call passes one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.binding.arguments import method_named
from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition
from graders.binding.initializer_roles import BIAS_METHODS, BOTH_METHODS
from graders.binding.initializer_roles import role_of as meaning_of
from graders.binding.keeping import bias_layouts, spread_biases
from graders.binding.plans import Argument, LayerPlan, Programmer, role_of
from graders.binding.reached import Reached
from graders.cases import LayerCase
from graders.sandbox.session import Session
from graders.submission.parsing import every_node

MAX_SOURCES = 4  # initialisers that are looked at


def initializers_of(definitions: Sequence[Definition]) -> list[Definition]:
    """Classes that make biases, the latest first."""
    none = {"forward", "backward", "fit", "update"}
    return [
        d
        for d in reversed(definitions)
        if d.kind == "class"
        and not none & d.methods.keys()
        and (method_named(d, BIAS_METHODS) or method_named(d, BOTH_METHODS[:3]))
    ]


def attributes_kept(reached: Reached) -> frozenset[str]:
    """Attributes that the notebook's own objects have: those that a method or the class sets."""
    found = set()
    for node in (n for nodes in reached.classes.values() for c in nodes for n in every_node(c)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                targets = field.targets if isinstance(field, ast.Assign) else []
                targets += [field.target] if isinstance(field, ast.AnnAssign) else []
                found |= {t.id for t in targets if isinstance(t, ast.Name)}
    return frozenset(found)


def hands_itself(definition: Definition) -> bool:
    """True if a method passes its own object on, as a layer does that asks for its weights."""
    return any(
        isinstance(call, ast.Call)
        and any(isinstance(a, ast.Name) and a.id == "self" for a in call.args)
        for method in definition.methods.values()
        for call in ast.walk(method.node)
    )


class Shown:
    """What one submission shows, found by running its own initialisers and its own arguments."""

    def __init__(
        self, session: Session, sites: CallSites, initializers: Sequence[Definition] = ()
    ) -> None:
        self._session, self._sites = session, sites
        self._initializers = initializers
        self._known: dict[tuple[Definition, tuple[Argument, ...], str], list[Layout] | None] = {}

    def made(self, plan: LayerPlan, case: LayerCase, name: str) -> list[Layout] | None:
        """The layouts in which the notebook's initialisers make a weight that the layer keeps;
        None if there is no initialiser that does.
        """
        key = plan.definition, plan.construct, name
        if key not in self._known:
            self._known[key] = self._made(plan, case, name)
        return self._known[key]

    def _made(self, plan: LayerPlan, case: LayerCase, name: str) -> list[Layout] | None:
        place = plan.places.get(name)
        stubs = [i for i, a in enumerate(plan.construct) if a.kind == "initializer"]
        if place is None or not stubs:
            return None
        found: list[Layout] = []
        constructor = plan.definition.constructor
        for source in self._sources(plan.definition, constructor, plan.construct[stubs[0]]):
            construct = list(plan.construct)
            for i in stubs:
                construct[i] = replace(construct[i], kind="expression", text=source)
            own = plan.with_(construct=tuple(construct), overwrite=False, lazy=False)
            outcome = Programmer(own, case).make().harvest("", "self").run(self._session)
            kept = [e.array.shape for e in outcome.found if e.path == ("self", *place.path)]
            for shape in kept:
                found += _laid(shape, case, name)
        return list(dict.fromkeys(found)) or None

    def _sources(
        self, layer: Definition, constructor: Callable_ | None, argument: Argument
    ) -> list[str]:
        called = self._sites.expression(layer, constructor, argument.parameter, live=True)
        each = [self._constructed(d) for d in self._initializers]
        return list(dict.fromkeys([*([called] if called else []), *each]))[:MAX_SOURCES]

    def _constructed(self, definition: Definition) -> str:
        constructor = definition.constructor
        arguments = []
        for parameter in constructor.required if constructor else ():
            source = self._sites.expression(definition, constructor, parameter.name)
            if source is None and meaning_of(parameter.name) == "sigma":
                source = "0.01"
            arguments.append(f"{parameter.name}={source or None}")
        return f"{definition.name}({', '.join(arguments)})"

    def passed(self, plan: LayerPlan, case: LayerCase, name: str) -> list[Layout] | None:
        """The layouts in which the notebook's own calls pass a weight; None if no call shows it."""
        found: list[Layout] = []
        sources = list(dict.fromkeys(self._passed(plan, role_of(name))))
        for cell, source in sources[:MAX_SOURCES]:  # by the names as they stood there
            steps: list[dict[str, Any]] = [
                {"do": "hold", "out": "shown", "value": {"expr": source}, "optional": True},
                {"do": "harvest", "of": ["shown"]},
            ]
            outcome = self._session.run(steps, [], cell)
            arrays = [e for e in outcome.found if len(e.path) == 1 and e.kind != "scalar"]
            found += [layout for e in arrays for layout in _like(e.array.shape, case, name)]
        return list(dict.fromkeys(found)) or None

    def _passed(self, plan: LayerPlan, kind: str) -> Iterator[tuple[int, str]]:
        definition, sites = plan.definition, self._sites
        method = definition.methods.get(plan.forward.name)
        calls = [(plan.construct, sites.of(definition, definition.constructor))]
        if definition.function is not None:
            calls.append((plan.forward.arguments, sites.of(definition, definition.function)))
        elif method is not None:
            calls.append((plan.forward.arguments, sites.of_method(method)))
        for arguments, made in calls:
            for argument in (a for a in arguments if a.kind == kind):
                for site in made:
                    source = site.source(argument.parameter)
                    if source is not None and site.live:
                        yield site.cell, source


def _laid(shape: tuple[int, ...], case: LayerCase, name: str) -> list[Layout]:
    axes = case.spec.weights[name].axes
    found = layouts.possible(shape, axes, {a: case.sizes[a] for a in axes})
    return list(found[:1])


def _like(shape: tuple[int, ...], case: LayerCase, name: str) -> list[Layout]:
    """The layouts that an array of other sizes may be in: along each axis that is longer than one
    the bias has an axis, too; for each input channel, it has two.
    """
    known = (*bias_layouts(case.spec, name), *spread_biases(case.spec, name))
    return [
        layout
        for layout in known
        if len(layout) == len(shape)
        and all(g or n == 1 for g, n in zip(layout, shape, strict=True))
    ]
