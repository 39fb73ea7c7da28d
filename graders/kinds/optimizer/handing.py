"""What an optimiser is handed: a stand-in for a layer, arrays, dicts or lists, step after step."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.binding.arguments import method_named
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Wire
from graders.binding.rates import is_rate
from graders.cases import LayerCase
from graders.kinds.optimizer.objects import Taking, step_of
from graders.kinds.optimizer.roles import (
    UPDATE_METHODS,
    Evidence,
    Read,
    attributes_of,
    held_layer,
    is_key,
    role_by_name,
    sides,
    uses_as_dict,
    uses_as_list,
)
from graders.kinds.optimizer.settings import Settings
from graders.submission.parsing import every_node

Value = dict[str, Any]
Make = Callable[[LayerCase, Wire], Value]  # makes a described value for a step
_LOSS, _SOME_LOSS = re.compile(r"\w*(loss|cost)", re.IGNORECASE), 0.75  # told to what plans by it


def update_of(definition: Definition) -> Callable_ | None:
    """The method (or the function itself) that makes a step."""
    if definition.kind == "function":
        return definition.function
    found = method_named(definition, UPDATE_METHODS)
    if found is not None and (found.parameters or held_layer(definition) is not None):
        return found
    taken = step_of(definition)
    if taken is not None:
        return taken
    others = [m for n, m in definition.methods.items() if n != "__init__" and m.parameters]
    return others[0] if len(others) == 1 else None


@dataclass(frozen=True)
class State:
    """What a function or a method is handed in each step, and returns beside the weight: a dict, or an array of its own."""

    name: str
    default: str | None
    place: int  # in what is returned
    keyed: bool = False
    keys: tuple[str, ...] = ()  # of the dict, as they are written out
    sides: Mapping[str, str] = field(default_factory=dict)  # its keys that are arrays of a side


def states_of(update: Callable_) -> list[State]:
    """``w, config = sgd(w, dw, config)``, ``w, v, s = adam(w, dw, v, s)``: what is returned so."""
    returned = {
        part.id: place
        for node in every_node(update.node)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)
        for place, part in enumerate(node.value.elts)
        if place and isinstance(part, ast.Name)
    }
    found = []
    for parameter in update.parameters[2:]:
        name = parameter.name
        if name not in returned or parameter.default not in (None, "None"):
            continue
        use = uses_as_dict(update, name)
        arrays = sides([f"{k}1" for k in use.numbered])
        if use.used and not (use.keys or arrays):
            arrays = {"W": "W", "B": "B"}
        found.append(
            State(name, parameter.default, returned[name], use.used, use.keys, arrays)
        )  # fmt: skip
    return found


def counter_of(update: Callable_) -> str | None:
    """The parameter that is told the number of the step, beside what is moved and its gradient."""
    states = {state.name for state in states_of(update)}
    left = [p.name for p in update.required if not is_rate(p.name) and p.name not in states]
    found = [name for name in left[2:] if lexicon().is_a(name, "counter")]
    return found[0] if found else None


def around(
    definition: Definition, update: Callable_, steps: Sequence[Value], handle: str
) -> list[Value]:
    """A step (a call for each array, if it is made so) with the calls before and after it, of methods
    that the class has for that.
    """
    calls = {
        role: [
            {"do": "call", "on": handle, "method": name, "out": "around"}
            for name, method in definition.methods.items()
            if name != update.name and not method.required and lexicon().is_a(name, role)
        ]
        for role in ("before_step", "after_step")
    }
    return [*calls["before_step"], *steps, *calls["after_step"]]


_OF_A_SIDE = re.compile(
    r"_?(update|step|apply|move|optimi[sz]e)_?(\w+)|(\w+?)_?(update|step)", re.I
)


def methods_of_sides(definition: Definition) -> tuple[Callable_, Callable_] | None:
    """The methods of an optimiser that has one for each array, ``update_w(w, dw)`` and ``update_b(b, db)``."""
    found: dict[str, Callable_] = {}
    for name, method in definition.methods.items():
        said = _OF_A_SIDE.fullmatch(name)
        if said is not None and method.parameters:
            found.setdefault(role_by_name(said[2] or said[3]), method)
    return (found["W"], found["B"]) if {"W", "B"} <= found.keys() else None


def may_optimize(definition: Definition) -> bool:
    """True if it could be an optimiser: it has a step to make and is neither layer nor model. Its
    backward may be that of the model that it is bound to.
    """
    if {"fit", "forward", "predict"} & definition.methods.keys():
        return False
    constructor = definition.constructor
    bound = constructor is not None and any(lexicon().is_a(n, "moved") for n in constructor.names)
    return update_of(definition) is not None and (bound or "backward" not in definition.methods)


@dataclass
class Handed:
    """What an optimiser is handed: made once, set anew in each step, and where the weights are."""

    optimizers: list[str]  # the handle of each, or of each call of the first where it is one
    text: str
    bias_row: bool
    made: dict[str, Make] = field(default_factory=dict)
    each: list[tuple[str, list[str | int], Make]] = field(default_factory=list)
    places: dict[str, tuple[str, list[str | int]]] = field(default_factory=dict)
    calls: list[list[Make]] = field(default_factory=list)
    classes: dict[str, Definition] = field(default_factory=dict)  # that make what is made
    second: float = (
        0.0  # how many times as large the arrays of a second layer are; 0: there is none
    )
    one: bool = False  # a single optimiser, which is called for each array
    change: int = 0  # what is returned is to be added (1) or taken away (-1); 0: it is the array
    methods: list[str] = field(default_factory=list)  # of each call, where it is not the update's
    taking: Taking | None = None  # how the optimiser takes what is held as "thing"
    names: list[str] = field(
        default_factory=list
    )  # of the parameters that get what `calls` has, in its order
    placed: set[str] = field(
        default_factory=set
    )  # parameters for numbers that `calls` has in their places

    def hold(self, side: str, make: Make) -> None:
        """An array of its own, which the optimiser may change in place."""
        self.made[side] = make
        self.places[side] = (side, [])


def _made_if_missing(definition: Definition) -> set[str]:
    """The attributes of a layer that the optimiser makes where there are none: ``if not hasattr(layer, "gW"): layer.gW = 0``."""
    found = set()
    for method in definition.methods.values():
        for node in every_node(method.node):
            match node:
                case ast.UnaryOp(
                    op=ast.Not(),
                    operand=ast.Call(
                        func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=str(name))]
                    ),
                ):
                    found.add(name)
    return found


def array_of(role: str, per_sample: bool = False, row: bool = False) -> Make:
    def make(case: LayerCase, wire: Wire) -> Value:
        if role == "N":
            return {"v": case.sizes["N"]}
        array = {
            "W": case.weights["W"],
            "B": case.weights["b"],
            "dW": case.gradients["dW"],
            "dB": case.upstream if per_sample else case.gradients["dB"],
            "x": case.x,
            "dA": case.upstream,
        }[role]
        if row and role in ("B", "dB") and array.ndim == 1:
            array = array[None]
        return {"a": wire.array(array)}

    return make


def dict_of(made: Mapping[str, Make]) -> Make:
    return lambda case, wire: {"dict": {k: make(case, wire) for k, make in made.items()}}


def list_of(made: Sequence[Make]) -> Make:
    return lambda case, wire: {"list": [make(case, wire) for make in made]}


def constant(value: float | str) -> Make:
    return lambda case, wire: {"v": value}


def handle_of(name: str) -> Make:
    return lambda case, wire: {"h": name}


class Handing:
    """The ways to hand things to one optimiser."""

    def __init__(self, definition: Definition, evidence: Evidence, settings: Settings) -> None:
        self._definition, self._evidence, self._settings = definition, evidence, settings

    def layers(self, update: Callable_) -> Iterator[Handed]:
        reads = attributes_of(self._definition, update)
        main = next((p for p in update.parameters if p.name in reads), None)
        held = held_layer(self._definition)
        if main is not None:
            read = reads[main.name]
        elif held is not None:  # SGD(layer, lr), then step()
            main, read = Parameter(held[0]), held[1]
        else:
            return
        for other in reads.values():
            read = Read(
                read.loaded | other.loaded, read.stored | other.stored, read.dicts | other.dicts
            )
        for per_sample, row in itertools.product((False, True), (False, True)):
            way = self._stand_in(update, main, read, per_sample, row)
            if way is not None:
                yield way

    def by_sides(self) -> Iterator[Handed]:
        """A method for each array: it is handed the layer and a gradient, or an array and its gradient."""
        methods = methods_of_sides(self._definition)
        if methods is None:
            return
        reads = attributes_of(self._definition, methods[0])
        mains = [next((p for p in m.parameters if p.name in reads), None) for m in methods]
        for row in (False, True):
            way = Handed(["opt", "opt2"], "...", row, one=True, methods=[m.name for m in methods])
            if mains[0] is not None and mains[1] is not None:
                pair = [
                    self._stand_in(method, main, reads[main.name], False, row)
                    for method, main in zip(methods, mains, strict=True)
                    if main is not None
                ]
                if pair[0] is None or pair[1] is None:
                    continue
                way.made, way.places = pair[0].made, pair[0].places
                way.each, way.placed = pair[0].each, pair[0].placed
                way.calls = [one.calls[0] for one in pair if one is not None]
            elif all(len(m.required) == 2 for m in methods):
                for side, role, method in zip(("W", "b"), ("W", "B"), methods, strict=True):
                    way.hold(side, array_of(role, row=row))
                    call = [handle_of(side), array_of("d" + role, row=row)]
                    first = role_by_name(method.required[0].name)
                    way.calls.append(call[::-1] if first in ("dW", "dB", "grads") else call)
            else:
                return
            yield way

    def _stand_in(
        self, update: Callable_, main: Parameter, read: Read, per_sample: bool, row: bool
    ) -> Handed | None:
        attributes: dict[str, Make] = {}
        way = Handed(["opt"], f"{main.name}", row)
        for name in sorted((read.loaded | read.stored) - _made_if_missing(self._definition)):
            role = self._evidence.roles.get(name) or role_by_name(name)
            if name in read.dicts or role in ("params", "grads"):
                keys = sides(self._evidence.keys.get(name, ())) or {"W": "W", "B": "B"}
                grads = role in ("grads", "dW", "dB", "dA")
                made = {
                    k: array_of("d" + s if grads else s, per_sample, row) for k, s in keys.items()
                }
                attributes[name] = dict_of(made)
                for key, side in keys.items():
                    if grads:
                        way.each.append(("layer", [name, key], made[key]))
                    else:
                        way.places.setdefault("b" if side == "B" else "W", ("layer", [name, key]))
            elif role in ("W", "B"):
                attributes[name] = array_of(role, per_sample, row)
                way.places.setdefault("b" if role == "B" else "W", ("layer", [name]))
            elif role in ("dW", "dB", "dA", "x", "N"):
                made_each = array_of(role, per_sample, row)
                attributes[name] = made_each
                way.each.append(("layer", [name], made_each))
            elif role == "lr":
                attributes[name] = constant(LR)
            elif name in self._evidence.state:
                attributes[name] = constant(self._evidence.state[name])
        if not {"W", "b"} <= way.places.keys():
            return None
        way.made["layer"] = lambda case, wire: {
            "layer": {k: make(case, wire) for k, make in attributes.items()}
        }
        call: list[Make] = []
        numbers = self._settings.needed(p.name for p in update.required)
        for parameter in update.parameters:
            role = role_by_name(parameter.name)
            if parameter is main:
                call.append(handle_of("layer"))
            elif parameter.name in numbers:
                call.append(constant(numbers[parameter.name]))
                way.placed.add(parameter.name)
            elif role in ("dA", "x", "N", "dW", "dB") and parameter.default is None:
                call.append(array_of(role, per_sample, row))
            elif parameter.default is not None:
                break
            elif is_rate(parameter.name):
                call.append(constant(LR))
                way.placed.add(parameter.name)
            else:
                call.append(array_of("dA", per_sample, row))
        way.calls.append(call)
        return way

    def plain(self, update: Callable_) -> Iterator[Handed]:
        """Arrays or dicts: ``update(params, grads)``, ``update(W, dW, B, dB)``, one by one."""
        wanted = [p for p in update.parameters if p.default is None]
        told = {s.name for s in states_of(update)} | {counter_of(update)}
        told |= self._settings.needed(p.name for p in wanted).keys()
        told |= {p.name for p in wanted if is_rate(p.name)}
        losses = [p.name for p in wanted if _LOSS.fullmatch(p.name)]
        keys = [
            p.name for p in wanted
            if p.name not in (*told, *losses) and is_key(update, p.name)
        ]  # fmt: skip
        plain = [p for p in wanted if p.name not in (*told, *losses, *keys)]
        for way in self._ways(update, plain, bool(keys)):
            way.names = [*(p.name for p in plain), *losses, *keys]
            for side, makes in zip(way.places, way.calls, strict=False):
                makes += [constant(_SOME_LOSS) for _ in losses]
                makes += [constant(side) for _ in keys]
            yield way

    def _ways(self, update: Callable_, plain: Sequence[Parameter], one: bool) -> Iterator[Handed]:
        """The ways to hand over the arrays alone; `one`: a single optimiser for all of them."""
        names, roles = [p.name for p in plain], [role_by_name(p.name) for p in plain]
        text = ", ".join(names)
        for row, per_sample in itertools.product((False, True), (False, True)):
            if {"W", "dW", "B", "dB"} == set(roles):
                way = Handed(["opt"], text, row)
                way.hold("W", array_of("W", per_sample, row))
                way.hold("b", array_of("B", per_sample, row))
                held = {"W": handle_of("W"), "B": handle_of("b")}
                way.calls.append([held.get(r) or array_of(r, per_sample, row) for r in roles])
                yield way
            if len(plain) != 2:
                continue
            second = roles[1] in ("grads", "dW", "dB", "dA")
            orders = [(0, 1), (1, 0)] if second or not roles[0] else [(1, 0), (0, 1)]
            if any(uses_as_dict(update, p.name).used for p in plain):
                for order in orders:
                    yield self._dicts(update, names, order, per_sample, row)
            if uses_as_list(update, {p.name for p in plain}):
                for order in orders:
                    yield self._lists(names, order, per_sample, row)
            for order in orders:
                way = Handed(["opt", "opt2"], text, row, one=one)
                for side, role in (("W", "W"), ("b", "B")):
                    way.hold(side, array_of(role, per_sample, row))
                    pair = [handle_of(side), array_of("d" + role, per_sample, row)]
                    way.calls.append([pair[i] for i in order])
                yield way

    def _lists(
        self, names: list[str], order: tuple[int, int], per_sample: bool, row: bool
    ) -> Handed:
        """``update([W, b], [dW, db])``."""
        way = Handed(["opt"], ", ".join(names), row)
        way.made["params"] = list_of([array_of(s, per_sample, row) for s in ("W", "B")])
        way.places |= {"W": ("params", [0]), "b": ("params", [1])}
        given = list_of([array_of("d" + s, per_sample, row) for s in ("W", "B")])
        pair = [handle_of("params"), given]
        way.calls.append([pair[i] for i in order])
        return way

    def _dicts(
        self,
        update: Callable_,
        names: list[str],
        order: tuple[int, int],
        per_sample: bool,
        row: bool,
    ) -> Handed:
        way = Handed(["opt"], ", ".join(names), row)
        uses = [uses_as_dict(update, names[order.index(i)]) for i in (0, 1)]
        own = [sides((*use.keys, *(f"{k}1" for k in use.numbered))) for use in uses]
        kept = own[0] or own[1] or {"W": "W", "B": "B"}
        grads = own[1] or {uses[1].prefix + key: side for key, side in kept.items()}
        made = {k: array_of(s, per_sample, row) for k, s in kept.items()}
        way.made["params"] = dict_of(made)
        for key, side in kept.items():
            way.places.setdefault("b" if side == "B" else "W", ("params", [key]))
        given = dict_of({k: array_of("d" + s, per_sample, row) for k, s in grads.items()})
        pair = [handle_of("params"), given]
        way.calls.append([pair[i] for i in order])
        return way
