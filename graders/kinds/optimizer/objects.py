"""Optimisers that keep what they move: by which way they take it, and what a notebook's own layer
can be handed over as.

``SGD(params, lr)`` and ``step()``, ``step(net)``, ``setup(model)``, ``optim.net = net``: the thing is the
layer, a list of it, its parameter objects or a network of the notebook's own that holds it.
"""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.binding.arguments import takes_any_number
from graders.binding.candidates import forward_of
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import role_of
from graders.binding.lexicon import lexicon
from graders.binding.plans import LayerPlan
from graders.binding.rates import is_rate
from graders.kinds.optimizer.roles import role_by_name

Value = dict[str, Any]
_STEP = re.compile(r"_?(step|update|apply|optimi[sz]e)\w*", re.IGNORECASE)
MAX_NETWORKS = 2
SECOND = "second"  # the handle of another layer beside "self"
LAYERS: list[Value] = [{"h": "self"}, {"h": SECOND}]


class Door(enum.Enum):
    """By which way an optimiser takes what it moves."""

    CONSTRUCTOR = enum.auto()
    STEP = enum.auto()
    SETUP = enum.auto()
    ATTRIBUTE = enum.auto()


@dataclass(frozen=True)
class Taking:
    """A door, and the name of the parameter, method or attribute that it is."""

    door: Door
    name: str


def takings(definition: Definition, update: Callable_) -> Iterator[Taking]:
    """The ways in which an optimiser can take what it moves, the likeliest first."""
    wanted = _things(update)
    handed = takes_gradients(update)
    if len(wanted) == 1 and not handed:
        yield Taking(Door.STEP, wanted[0].name)
    if (wanted and not handed) or definition.kind != "class":
        return
    yield from takings_before(definition)


def takings_before(definition: Definition) -> Iterator[Taking]:
    """The ways in which an instance can take what it moves before its first step."""
    constructor = definition.constructor
    if constructor is not None:
        yield from (Taking(Door.CONSTRUCTOR, p.name) for p in _things(constructor)[:1])
    for name, method in definition.methods.items():
        if lexicon().is_a(name, "taking") and len(method.required) == 1:
            yield Taking(Door.SETUP, name)
    own = constructor.names if constructor is not None else ()
    yield from (Taking(Door.ATTRIBUTE, name) for name in _never_set(definition) if name not in own)


def takes_gradients(update: Callable_) -> bool:
    """True if the step is handed the gradients alone, of what the optimiser has taken before."""
    wanted = _things(update)
    return len(wanted) == 1 and role_by_name(wanted[0].name) == "grads"


def gradients_beside(update: Callable_) -> tuple[str, str] | None:
    """The parameters of a step that is handed what is moved and, apart from it, the gradients, ``step(grads, layers)``:
    (what is moved, the gradients).
    """
    names = [p.name for p in _things(update)]
    gradients = [n for n in names if role_by_name(n) == "grads"]
    if len(names) != 2 or len(gradients) != 1:
        return None
    return names[names[0] == gradients[0]], gradients[0]


def step_of(definition: Definition) -> Callable_ | None:
    """The method that makes a step with what the optimiser has taken before."""
    for name, method in definition.methods.items():
        if _STEP.fullmatch(name) and not _things(method) and any(takings(definition, method)):
            return method
    return None


def _things(target: Callable_) -> list[Parameter]:
    """The parameters that can be what is moved: required, neither rate nor size."""
    return [p for p in target.required if not is_rate(p.name) and not role_of(p.name)]


def _never_set(definition: Definition) -> Iterator[str]:
    """Attributes of the instance that its methods read and nothing in the class sets."""
    read: dict[str, None] = {}
    known = set(definition.methods)
    for method in definition.methods.values():
        for node in ast.walk(method.node):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                if isinstance(node.ctx, ast.Load):
                    read.setdefault(node.attr)
                else:
                    known.add(node.attr)
    for node in definition.tree.body[:1]:
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            targets = part.targets if isinstance(part, ast.Assign) else []
            known |= {t.id for t in targets if isinstance(t, ast.Name)}
    yield from (n for n in read if n not in known and lexicon().is_a(n, "moved"))


@dataclass(frozen=True)
class Thing:
    """What an optimiser is handed: how it is made, once the layer is there, and its value."""

    text: str
    value: Value
    steps: tuple[Value, ...] = ()
    layers: int = 1  # how many it holds: all are to be moved
    attributes: frozenset[str] | None = None  # that it has; None: it is gone through


def things(plan: LayerPlan, everything: Sequence[Definition]) -> Iterator[Thing]:
    """What the notebook's own layer can be handed over as, the plainest first."""
    layer = plan.definition
    held = _parameter_objects(plan)
    if held:
        yield Thing(
            "[" + ", ".join(f"layer.{'.'.join(map(str, p))}" for p in held) + "]",
            {"list": [{"h": "self", "path": p} for p in held]},
        )
        yield Thing("layer", {"h": "self"}, attributes=_attributes(layer))
    for name in _listings(layer):
        step = {"do": "call", "on": "self", "method": name, "out": "thing"}
        yield Thing(f"layer.{name}()", {"h": "thing"}, (step,))
    yield Thing("[layer, layer]", {"list": LAYERS}, (), len(LAYERS))
    networks = [d for d in reversed(everything) if _is_network(d) and d.name != layer.name]
    for network in networks[:MAX_NETWORKS]:
        made = _network(network)
        text = f"{network.name}([layer, layer])"
        yield Thing(text, {"h": "net"}, made, len(LAYERS), _attributes(network))
        for name in _listings(network):
            step = {"do": "call", "on": "net", "method": name, "out": "thing"}
            yield Thing(f"{text}.{name}()", {"h": "thing"}, (*made, step), len(LAYERS))


def _attributes(definition: Definition) -> frozenset[str]:
    """What an instance has: methods, and what they set."""
    nodes = (n for method in definition.methods.values() for n in ast.walk(method.node))
    stored = {
        n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
    }
    return frozenset(stored | definition.methods.keys())


def _parameter_objects(plan: LayerPlan) -> list[list[str | int]]:
    """Where the layer keeps the objects that hold W and b, each with its gradient."""
    found = []
    for name in ("W", "b"):
        place = plan.places.get(name)
        if place is None or len(place.path) < 2:
            return []
        *holder, value = place.path
        if not lexicon().is_a(str(value), "held_value"):
            return []
        found.append(holder)
    return found


def _listings(definition: Definition) -> list[str]:
    """Methods that give what the object has to learn: ``parameters()``."""
    methods = definition.methods.items()
    return [n for n, m in methods if lexicon().is_a(n, "listing") and not m.required][:2]


def _is_network(definition: Definition) -> bool:
    """True for a class that is made of layers: ``Net(layers)``, ``Net(*layers)``, ``net.add(layer)``."""
    return definition.kind == "class" and bool(_network(definition))


def _network(definition: Definition) -> tuple[Value, ...]:
    """The steps that make a network of the layer; () if it is none that can be made so."""
    make: Value = {"do": "make", "name": definition.name, "cell": definition.cell, "out": "net"}
    constructor = definition.constructor
    if constructor is not None and len(constructor.required) == 1:
        if lexicon().is_a(constructor.required[0].name, "layers"):
            return ({**make, "args": [{"list": LAYERS}]},)
        return ()
    if constructor is not None and constructor.required:
        return ()
    if constructor is not None and takes_any_number(constructor):
        return ({**make, "args": LAYERS},)
    adding = [
        n for n, m in definition.methods.items()
        if re.fullmatch(r"add(_?layer)?|append", n) and len(m.required) == 1
    ]  # fmt: skip
    if adding and forward_of(definition) is not None:
        add = {"do": "call", "on": "net", "method": adding[0]}
        return (make, *({**add, "args": [layer]} for layer in LAYERS))
    return ()
