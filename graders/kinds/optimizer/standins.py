"""Stand-ins for what an optimiser takes, where no layer of the notebook can drive it.

They have what the optimiser's own code reads, and no more: parameter objects (of the notebook's own class,
if it has one), a layer with W, B and their gradients, arrays; in lists or dicts, and in the attributes and
methods of a network.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from graders.binding.candidates import forward_of
from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
from graders.binding.plans import Path, Wire
from graders.cases import LayerCase
from graders.kinds.optimizer.handing import (
    Handed,
    Make,
    Value,
    array_of,
    dict_of,
    handle_of,
    list_of,
)
from graders.kinds.optimizer.objects import (
    LAYERS,
    SECOND,
    Door,
    Taking,
    Thing,
    takes_gradients,
)
from graders.kinds.optimizer.reading import Node, reading
from graders.kinds.optimizer.roles import role_by_name

OTHER = -2.5  # how many times as large the arrays of a second layer are
_SIDES = (("W", "W", "dW"), ("b", "B", "dB"))  # handle, its array, its gradient


def stand_in(
    definition: Definition, update: Callable_, taking: Taking, everything: Sequence[Definition]
) -> Handed | None:
    """What the optimiser is handed by that way; None if its code doesn't show what it needs."""
    way = Handed(["opt"], taking.name if taking.door is Door.STEP else "", False, taking=taking)
    node = reading(definition, update, taking)
    if taking.door is Door.STEP and _is_layer(node):
        return None  # a layer alone: see `Handing.layers`
    thing = _Building(way, everything, _asked_for(definition)).made(node, (), taking.name)
    if thing is None or not {"W", "b"} <= way.places.keys():
        return None
    way.made["thing"] = thing
    given: list[Make] = [handle_of("thing")] if taking.door is Door.STEP else []
    paired = bool(given and node.item is not None and node.item.parts)
    if paired:
        given = [thing]  # with gradients that are new in each step
    if takes_gradients(update):
        gradients = {handle: array_of(gradient) for handle, _, gradient in _SIDES}
        given = [dict_of(gradients) if node.entry else list_of(list(gradients.values()))]
    elif not (paired or way.each):
        return None  # nothing tells it a gradient
    way.calls.append(given)
    return way


def of_layers_alone(node: Node) -> Iterator[Thing]:
    """What holds the notebook's own layers in a list, where nothing else is read of it: ``model.layers``.

    No stand-in for a layer is of the class that is asked for, ``isinstance(layer, Linear)``, or has the
    methods that are called, ``layer.update(lr)``.
    """
    match list(node.attributes.items()):
        case [(name, held)] if lexicon().is_a(name, "layers") and held.item is not None:
            model: Value = {"layer": {name: {"list": LAYERS}}}
            keep: Value = {"do": "hold", "out": "thing", "value": model}
            text = f"model with {name}=[layer, layer]"
            yield Thing(text, {"h": "thing"}, (keep,), len(LAYERS), frozenset([name]))


class _Building:
    """Builds what a node is read as, and notes where the weights and gradients are in it."""

    def __init__(
        self, way: Handed, everything: Sequence[Definition], asked: frozenset[str]
    ) -> None:
        self._way, self._everything, self._asked = way, everything, asked

    def made(self, node: Node, path: Path | None, name: str) -> Make | None:
        """The value of a node; `path`: from the thing to it, None where a method gives it; None if it
        can't be told.
        """
        if node.result is not None:
            inner = self.made(node.result, None, name)
            if inner is None and node.result.unread:
                inner = _nothing
            return None if inner is None else _returning(inner)
        each = node.entry or node.item
        if each is not None:
            return self._collection(each, node.entry is not None, path, name)
        if not node.attributes:
            return None
        if _is_layer(node):
            return self._layer(node, "layer", False)
        found = {}
        for attribute, child in node.attributes.items():
            way = None if path is None else (*path, attribute)
            make = self.made(child, way, attribute)
            if make is None:
                continue
            found[attribute] = make
            if way is not None and _is_new(child, attribute):
                self._way.each.append(("thing", list(way), make))
        return instance_with(found) if found else None

    def _collection(self, each: Node, keyed: bool, path: Path | None, name: str) -> Make | None:
        if len(each.parts) == 2:
            pairs = self._pairs(*each.parts)
            return dict_of(pairs) if keyed else list_of(list(pairs.values()))
        if _is_layer(each):
            found = {h: self._layer(each, h, h == SECOND) for h in ("layer", SECOND)}
            return dict_of(found) if keyed else list_of(list(found.values()))
        if each.attributes:
            if not all(_parameter(each)):
                return None
            found = {handle: self._parameter(each, *side) for handle, *side in _named_sides()}
        elif each.item is None and each.entry is None and each.result is None:
            found = self._arrays(path, keyed, name)
        else:
            return None
        return dict_of(found) if keyed else list_of(list(found.values()))

    def _arrays(self, path: Path | None, keyed: bool, name: str) -> dict[str, Make]:
        """Plain arrays: the weights; or, by the name, the gradients, which are new in each step. A
        dict, and a list that is a network's, may get others in their place.
        """
        if role_by_name(name) != "grads":
            for number, (handle, array, _) in enumerate(_SIDES):
                self._way.hold(handle, array_of(array))
                if path is not None and (keyed or path):
                    self._way.places[handle] = ("thing", [*path, handle if keyed else number])
            return {handle: handle_of(handle) for handle, *_ in _SIDES}
        return {handle: array_of(gradient) for handle, _, gradient in _SIDES}

    def _pairs(self, first: str, second: str) -> dict[str, Make]:
        """Each weight beside its gradient, in the order in which they are taken apart."""
        grads_first = role_by_name(first) in ("grads", "dW", "dB")
        step = -1 if grads_first and role_by_name(second) not in ("grads", "dW", "dB") else 1
        found = {}
        for handle, array, gradient in _SIDES:
            self._way.hold(handle, array_of(array))
            found[handle] = _pair([handle_of(handle), array_of(gradient)][::step])
        return found

    def _layer(self, node: Node, handle: str, second: bool) -> Make:
        """A layer under its handle; the second one has other numbers."""
        way = self._way
        attributes = {}
        for name in node.attributes:
            role = role_by_name(name)
            if role not in ("W", "B", "dW", "dB"):
                continue
            make = as_second(array_of(role)) if second else array_of(role)
            attributes[name] = make
            if role in ("dW", "dB"):
                way.each.append((handle, [name], make))
            else:
                side = ("b" if role == "B" else "W") + (SECOND if second else "")
                way.places.setdefault(side, (handle, [name]))
        if second:
            way.second = OTHER
        way.made[handle] = instance_with(attributes)
        return handle_of(handle)

    def _parameter(self, node: Node, handle: str, array: str, gradient: str) -> Make:
        """A parameter object under its handle."""
        way = self._way
        value, grad = _parameter(node)
        inner = next((n for n in node.attributes[grad].attributes if _holds(n)), "")
        new = array_of(gradient)
        own = self._own(value, grad)
        if own is not None:
            way.classes[handle] = own
            way.made[handle] = array_of(array)
        else:
            way.made[handle] = instance_with({value: array_of(array), grad: new})
        if inner and own is not None:
            way.classes[f"d{handle}"] = own
        if inner:
            way.made[f"d{handle}"] = new if own is not None else instance_with({inner: new})
            way.each.append((handle, [grad], handle_of(f"d{handle}")))
            way.each.append((f"d{handle}", [inner], new))
        else:
            way.each.append((handle, [grad], new))
        way.places[handle] = (handle, [value])
        return handle_of(handle)

    def _own(self, value: str, gradient: str) -> Definition | None:
        """The notebook's own class of parameters, which is made of an array: the one that is asked for, if one is."""
        for definition in reversed(self._everything):
            constructor = definition.constructor
            made = constructor is not None and len(constructor.required) == 1
            if definition.name in self._asked and made and forward_of(definition) is None:
                return definition
        for definition in reversed(self._everything):
            constructor = definition.constructor
            if definition.kind != "class" or constructor is None or len(constructor.required) != 1:
                continue
            if {value, gradient} <= _stored(constructor):
                return definition
        return None


def _asked_for(definition: Definition) -> frozenset[str]:
    """The classes that the optimiser's own code asks for: ``isinstance(p, Parameter)``."""
    found = set()
    for method in definition.methods.values():
        for node in ast.walk(method.node):
            match node:
                case ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id=name)]):
                    found.add(name)
    return frozenset(found)


def _named_sides() -> Iterator[tuple[str, str, str, str]]:
    return ((handle, handle, array, gradient) for handle, array, gradient in _SIDES)


def _is_layer(node: Node) -> bool:
    return {"W", "B", "dW", "dB"} <= {role_by_name(name) for name in node.attributes}


def _holds(name: str) -> bool:
    return lexicon().is_a(name, "held_value")


def _parameter(node: Node) -> tuple[str, str]:
    """The names under which a parameter object keeps its array and its gradient; "" for none."""
    value = next((n for n in node.attributes if _holds(n)), "")
    gradients = (n for n in node.attributes if lexicon().is_a(n, "held_gradient"))
    return value, next((n for n in gradients if n != value), "")


def _stored(constructor: Callable_) -> set[str]:
    """The attributes that a constructor sets."""
    nodes = ast.walk(constructor.node)
    return {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}


def instance_with(attributes: Mapping[str, Make], of: Definition | None = None) -> Make:
    """An object with these attributes; `of`: of this class of the notebook, for a method that needs no more."""

    def make(case: LayerCase, wire: Wire) -> Value:
        made: Value = {"layer": {name: part(case, wire) for name, part in attributes.items()}}
        return made if of is None else {**made, "of": [of.name, of.cell]}

    return make


def _is_new(node: Node, name: str) -> bool:
    """True if what the attribute holds is made anew in each step: gradients, as arrays."""
    inner = node.result or node
    each = inner.item or inner.entry
    return each is not None and not each.attributes and (
        bool(each.parts) or role_by_name(name) == "grads"
    )  # fmt: skip


def _pair(both: list[Make]) -> Make:
    return lambda case, wire: {"tuple": [make(case, wire) for make in both]}


def as_second(make: Make) -> Make:
    """The array as a second layer has it."""

    def made(case: LayerCase, wire: Wire) -> Value:
        described = make(case, wire)
        return {"a": wire.array(OTHER * wire.arrays[described["a"]])}

    return made


def _nothing(case: LayerCase, wire: Wire) -> Value:
    return {"v": None}


def _returning(inner: Make) -> Make:
    return lambda case, wire: {"returns": inner(case, wire)}
