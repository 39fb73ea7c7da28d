"""Layers that are completed after their construction, by whoever puts them into a network.

What forward or backward reads, the constructor leaves unset or None, and no call of forward sets, is
set by a method that is called in between: ``initialize(optimizer)`` makes the weights, and
``set_input_shape(shape)`` says before for which input. Where no method does, the constructor's own
parameter is given, ``Dense(units, input_shape=None)``, or the attribute is set as the network sets it,
``layer.input_shape = self.layers[-1].output_shape``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from graders.binding.array_use import kept_by, several_in_class, several_kept
from graders.binding.candidates import methods_for, setter_of
from graders.binding.constructing import Construction
from graders.binding.definitions import Callable_, Definition
from graders.binding.plans import Argument, Call, LayerPlan, role_of
from graders.sandbox.session import Found
from graders.specs import ItemSpec
from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

SHAPES = ("sample_shape", "input_shape")  # of one sample, as most say it; of a batch


@dataclass(frozen=True)
class Attributes:
    """What a method, with all that it calls of its own object, reads of it and sets anew; what it
    reads in the order of its text.
    """

    reads: tuple[str, ...]
    sets: frozenset[str]
    methods: frozenset[str]


def completed(
    submission: Submission,
    spec: ItemSpec,
    definition: Definition,
    construction: Construction,
    plan: LayerPlan,
    found: Sequence[Found],
) -> Iterator[LayerPlan]:
    """The plan with what completes the layer; nothing where the layer that is there, with all that
    was `found` in it, lacks nothing. The shape of an input is that of a sample, then of a batch.
    """
    forward, backward = methods_for(spec, definition)
    if definition.kind != "class" or forward is None:
        return
    there = {str(e.path[1]) for e in found if len(e.path) > 1 and e.path[0] == "self"}
    there |= _constructed(definition, plan)
    ahead = _attributes(definition, forward.name)
    back = _attributes(definition, backward.name) if backward is not None else ahead
    used = ahead.methods | back.methods | {"__init__"}
    later = (a for a in back.reads if a not in back.sets)
    wanted = [a for a in (*ahead.reads, *later) if a not in ahead.sets | there]
    calls: dict[str, Call] = {}
    needs: dict[str, list[str]] = {}  # by method, the attributes that others have to set before
    extra: dict[str, Argument] = {}
    given: list[Argument] = []
    while wanted:
        attribute = wanted.pop(0)
        setting = _setting(definition, attribute, used)
        known = (_call(spec, definition, construction, method) for method in setting)
        call = next((c for c in known if c is not None), None)
        if call is None:
            parameter = {} if setting else _own_parameter(definition, attribute)
            extra |= parameter
            if not parameter and _set_by_others(submission, definition, attribute):
                given.append(Argument(attribute, SHAPES[0]))
        elif call.name not in calls:
            calls[call.name] = call
            own = _attributes(definition, call.name)
            needs[call.name] = [a for a in own.reads if a not in own.sets | there]
            wanted += needs[call.name]
    calls = {name: calls[name] for name in _in_order(definition, needs)}
    if not calls and not extra and not given:
        return
    construct = (*plan.construct, *extra.values())
    arguments = [*construct, *given, *(a for c in calls.values() for a in c.arguments)]
    for shape in SHAPES if any(a.kind in SHAPES for a in arguments) else SHAPES[:1]:
        yield plan.with_(
            construct=tuple(_shaped(a, shape) for a in construct),
            given=tuple(_shaped(a, shape) for a in dict.fromkeys(given)),
            completing=tuple(
                replace(c, arguments=tuple(_shaped(a, shape) for a in c.arguments))
                for c in calls.values()
            ),
        )


def _in_order(definition: Definition, needs: dict[str, list[str]]) -> list[str]:
    """The methods, each after those that set what it needs; as they are defined where two need
    each other.
    """
    order = [name for name in definition.methods if name in needs]
    sets = {name: _attributes(definition, name).sets for name in order}
    before = {n: [o for o in order if o != n and sets[o] & {*needs[n]}] for n in order}
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError:
        return order


def _shaped(argument: Argument, shape: str) -> Argument:
    return replace(argument, kind=shape) if argument.kind in SHAPES else argument


def _own(node: ast.AST) -> str:
    """The attribute of `self` that a node is, or ""."""
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return node.attr if own and node.value.id == "self" else ""  # type: ignore[attr-defined]


def _attributes(definition: Definition, name: str) -> Attributes:
    reads, sets, seen, waiting = dict[str, None](), set[str](), set[str](), [name]
    while waiting:
        method = definition.methods.get(waiting.pop(0))
        if method is None or method.name in seen:
            continue
        seen.add(method.name)
        for attribute, value in _assigned(method).items():
            if attribute not in {_own(n) for n in every_node(value)}:  # an update sets nothing anew
                sets.add(attribute)
        for node in every_node(method.node):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                attribute = _own(node)
                reads[attribute] = None
                waiting.append(attribute)  # a method, or nothing
    reads.pop("", None)
    return Attributes(tuple(reads), frozenset(sets), frozenset(seen))


def _assigned(method: Callable_) -> dict[str, ast.expr]:
    """The attributes that a method assigns, each with what it is given."""
    found = {}
    for node in every_node(method.node):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else []
                for i, part in enumerate(parts):
                    value = values[i] if len(values) == len(parts) > 1 else node.value
                    found[_own(part)] = value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found[_own(node.target)] = node.value
    found.pop("", None)
    return found


def _constructed(definition: Definition, plan: LayerPlan) -> set[str]:
    """The attributes that the class has, or its constructor sets to something: its methods, too."""
    constructor = definition.constructor
    found = set(definition.methods)
    for node in definition.tree.body[:1]:
        body = node.body if isinstance(node, ast.ClassDef) else []
        targets = (t for n in body if isinstance(n, ast.Assign) for t in n.targets)
        found |= {t.id for t in targets if isinstance(t, ast.Name)}
    if constructor is None:
        return found
    given = {a.parameter for a in plan.construct}
    empty = {p.name for p in constructor.parameters if p.default == "None"} - given
    for name in _attributes(definition, "__init__").methods:
        for attribute, value in _assigned(definition.methods[name]).items():
            nothing = isinstance(value, ast.Constant) and value.value is None
            if not nothing and not (isinstance(value, ast.Name) and value.id in empty):
                found.add(attribute)
    return found


def _setting(definition: Definition, attribute: str, used: frozenset[str]) -> list[Callable_]:
    """The methods, none of those that are `used` by others, that set the attribute anew."""
    return [
        method
        for name, method in definition.methods.items()
        if name not in used and attribute in _attributes(definition, name).sets
    ]


def _set_by_others(submission: Submission, definition: Definition, attribute: str) -> bool:
    """True for a shape that another object of the notebook sets: ``layer.input_shape = ...``."""
    if not several_kept(definition, attribute):
        return False
    trees = (tree for cell in submission.cells if (tree := compiled(cell)) is not None)
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr == attribute
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
        for tree in trees
        for node in every_node(tree)
    )


def _own_parameter(definition: Definition, attribute: str) -> dict[str, Argument]:
    """The constructor's parameter that the attribute is, if it is a shape that is left out."""
    constructor = definition.constructor
    for parameter in constructor.parameters if constructor is not None else ():
        assert constructor is not None
        left_out = parameter.default == "None" and attribute in kept_by(constructor, parameter.name)
        if left_out and several_in_class(definition, constructor, parameter.name):
            return {attribute: Argument(parameter.name, SHAPES[0], "", True)}
    return {}


def _call(
    spec: ItemSpec, definition: Definition, construction: Construction, method: Callable_
) -> Call | None:
    """The call of a method that completes a layer; None if it takes weights, which is not to make
    them, or what is not known here. Weights that it can do without it makes: ``build(gamma=None)``.
    """
    found, known = [], construction.known(method)
    arrays = {role_of(name) for name in spec.weights}
    for parameter in method.parameters:
        if several_in_class(definition, method, parameter.name):
            keyword = parameter.keyword_only or parameter.default is not None
            found.append(Argument(parameter.name, SHAPES[0], "", keyword))
        elif parameter.name in known:
            argument = known[parameter.name]
            left_out = parameter.default is not None and argument.kind in arrays
            if not left_out or setter_of(definition) == method:
                found.append(argument)
        elif parameter.default is None:
            return None
    return None if any(a.kind in arrays for a in found) else Call(method.name, tuple(found))
