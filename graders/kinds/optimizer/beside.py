"""What an optimiser is handed whose step goes through layers or parameters and, beside them, their gradients.

``step(grads, layers)`` with ``layer.update_params(lr * grad)``, ``layer.W -= lr * grad["dW"]`` or ``param.data -= lr * grad``:
objects that have what the step reads, of the notebook's own class where it calls a method.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
from graders.kinds.optimizer.handing import Handed, Make, array_of, dict_of, handle_of, list_of
from graders.kinds.optimizer.objects import SECOND, Door, Taking, gradients_beside
from graders.kinds.optimizer.reading import Node, reading
from graders.kinds.optimizer.roles import role_by_name, sides
from graders.kinds.optimizer.standins import OTHER, as_second, instance_with
from graders.submission.parsing import every_node

_UPDATES = re.compile(r"_?(updates?|changes?)$", re.IGNORECASE)
FIRST = "layer"  # the handle of the one beside SECOND
_SIDES = {"W": "W", "b": "B"}  # handle of an object with one array -> the array's role


def beside_gradients(
    definition: Definition, update: Callable_, everything: Sequence[Definition]
) -> Handed | None:
    """What the step is handed; None if it is made otherwise, or its code doesn't show what it needs."""
    names = gradients_beside(update)
    if names is None:
        return None
    moved, given = (reading(definition, update, Taking(Door.STEP, name)) for name in names)
    each, gradient = moved.entry or moved.item, given.entry or given.item
    if each is None or gradient is None:
        return None
    kept = _kept_by(each, everything)
    if kept is None:
        return None
    way = Handed(["opt"], ", ".join(names), False, names=list(names))
    gradients = _of_layers(way, kept, gradient) if len(kept.names) == 2 else _of_arrays(way, kept)
    if gradients is None:
        return None
    objects: dict[str, Make] = {handle: handle_of(handle) for handle in gradients}
    keyed = moved.entry is not None  # then the gradients are found by the same keys
    way.calls.append(
        [_collected(objects, keyed), _collected(gradients, keyed or given.entry is not None)]
    )
    return way


def lists_of_sides(definition: Definition, update: Callable_, taking: Taking) -> Iterator[Handed]:
    """What a step is handed of layers that the optimiser has taken before: their gradients in a list for each array,
    ``step(w_grads, b_grads)``, in the layers' order, or backwards as backward meets them.
    """
    roles = {_gradient_by_name(p.name): p.name for p in update.required}
    node = reading(definition, update, taking)
    if roles.keys() != {"dW", "dB"} or node.item is None or taking.door is Door.STEP:
        return
    kept = _kept_by(node.item, ())
    if kept is None or len(kept.names) != 2:
        return
    for step in (1, -1):
        way = Handed(["opt"], ", ".join(roles.values()), False, taking=taking)
        layers = [_layer(way, kept, handle) for handle in (FIRST, SECOND)]
        way.made["thing"] = list_of(layers)
        way.names = list(roles.values())
        way.calls.append(
            [list_of([array_of(role), as_second(array_of(role))][::step]) for role in roles]
        )
        yield way


def _gradient_by_name(name: str) -> str:
    """dW or dB; what a weight is updated by is its gradient where it is handed over: ``w_updates``."""
    plain = _UPDATES.sub("", name)
    role = role_by_name(plain)
    return {"W": "dW", "B": "dB"}.get(role, role) if plain != name else role_by_name(name)


def _collected(made: dict[str, Make], keyed: bool) -> Make:
    return dict_of(made) if keyed else list_of(list(made.values()))


@dataclass(frozen=True)
class _Kept:
    """Under which name an object keeps each array, by the array's role; one name for whichever it keeps."""

    names: Mapping[str, str]
    definition: Definition | None = None  # of the notebook, where a method of it is called
    keyed: bool = False  # a dict: ``layer["W"]``

    def made(self, arrays: Mapping[str, Make]) -> Make:
        return dict_of(arrays) if self.keyed else instance_with(arrays, self.definition)


def _kept_by(each: Node, everything: Sequence[Definition]) -> _Kept | None:
    if (
        (keys := _both(each)) is not None
        and not each.attributes
        and all(isinstance(k, str) for k in keys)
    ):
        return _Kept({role: str(key) for key, role in keys.items()}, keyed=True)
    called = [name for name, node in each.attributes.items() if node.result is not None]
    if not called:
        names = _roles(each.attributes)
        return None if names is None else _Kept(names)
    for definition in reversed(everything):
        methods = [definition.methods.get(name) for name in called]
        if definition.kind != "class" or not all(methods):
            continue
        stored, read = set[str](), set[str]()
        for method in methods:
            assert method is not None
            for node in every_node(method.node):
                match node:
                    case ast.Attribute(value=ast.Name(id="self"), attr=attribute, ctx=context):
                        (stored if isinstance(context, ast.Store) else read).add(attribute)
        names = _roles(sorted(stored))
        if names is not None and read <= stored:
            return _Kept(names, definition)
    return None


def _roles(attributes: Iterable[str]) -> dict[str, str] | None:
    """W and B under names that say so, or one name for an array."""
    listed = list(attributes)
    known = {role: n for n in listed if (role := role_by_name(n)) in ("W", "B")}
    if known.keys() == {"W", "B"}:
        return known
    values = [n for n in listed if n in known.values() or lexicon().is_a(n, "held_value")]
    return {"W": values[0]} if len(values) == 1 else None


def _of_arrays(way: Handed, kept: _Kept) -> dict[str, Make]:
    """An object for each array; the gradient of each."""
    (name,) = kept.names.values()
    for handle, role in _SIDES.items():
        way.made[handle] = kept.made({name: array_of(role)})
        way.places[handle] = (handle, [name])
    return {handle: array_of("d" + role) for handle, role in _SIDES.items()}


def _of_layers(way: Handed, kept: _Kept, gradient: Node) -> dict[str, Make] | None:
    """Two layers with both arrays; the gradients of each, as the step takes them apart."""
    both = _both(gradient)
    if both is None and kept.keyed and gradient.item is not None:  # by the keys of the layer
        both = {key: role for role, key in kept.names.items()}
    if both is None:
        return None
    found: dict[str, Make] = {}
    for handle in (FIRST, SECOND):
        _layer(way, kept, handle)
        make = as_second if handle == SECOND else _plain
        arrays = {key: make(array_of("d" + role)) for key, role in both.items()}
        text = all(isinstance(key, str) for key in arrays)
        found[handle] = (
            dict_of({str(k): a for k, a in arrays.items()})
            if text
            else list_of(list(arrays.values()))
        )
    return found


def _layer(way: Handed, kept: _Kept, handle: str) -> Make:
    """A layer with both arrays under its handle; the second one has other numbers."""
    second = handle == SECOND
    make = as_second if second else _plain
    way.second = OTHER
    way.made[handle] = kept.made({n: make(array_of(r)) for r, n in kept.names.items()})
    for side, role in _SIDES.items():
        way.places[side + (SECOND if second else "")] = (handle, [kept.names[role]])
    return handle_of(handle)


def _plain(make: Make) -> Make:
    return make


def _both(gradient: Node) -> Mapping[str, str] | Mapping[int, str] | None:
    """The role of each part of a layer's gradients, by its key or place: ``for layer, (dW, db) in zip(...)``."""
    if len(gradient.parts) == 2:
        roles = [role_by_name(name)[-1:] for name in gradient.parts]
        return dict(enumerate(roles)) if {*roles} == {"W", "B"} else {0: "W", 1: "B"}
    keys = [k for k in gradient.keys if isinstance(k, str)]
    named = sides(keys)
    if {*named.values()} == {"W", "B"}:
        return named
    if (
        gradient.entry is not None and not gradient.keys
    ):  # ``for key in layer: layer[key] -= lr * grad[key]``
        return {role: role for role in _SIDES.values()}
    return {0: "W", 1: "B"} if {0, 1} <= gradient.keys.keys() else None
