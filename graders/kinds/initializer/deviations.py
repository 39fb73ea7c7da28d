"""Classes and functions that give only the standard deviation of a scheme, with which the
notebook's plain initialiser then draws: ``SimpleInitializer(He(n_nodes).std())``, or
``SimpleInitializer(He().std(n_nodes))``. A class of several schemes is told which one by a word:
``SimpleInitializer(Spread(n_nodes, "tanh").value)``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from graders.binding.array_use import compared_with, kept_by
from graders.binding.candidates import name_rank
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import role_of
from graders.specs import ItemSpec

_OF_NODES = ("in", "size")


def deviations(
    spec: ItemSpec, definitions: Sequence[Definition], fan_in: int
) -> Iterator[tuple[Definition, str]]:
    """Expressions for the standard deviation by the scheme of `spec`, with `fan_in` nodes before:
    of definitions with an accepted name that take this number alone, and of classes that take it with a
    word for the scheme or for the activation that it goes with, the latest first.
    """
    for definition in reversed(definitions):
        if name_rank(spec, definition.name) is None:
            yield from _by_word(spec, definition, fan_in)
            continue
        if definition.kind == "function":
            if _takes_nodes(definition.function):
                yield definition, f"{definition.name}({fan_in})"
        elif definition.kind == "class":
            constructor = definition.constructor
            if _takes_nodes(constructor):
                for member in _members(definition):
                    yield definition, f"{definition.name}({fan_in}).{member}"
            if constructor is None or not constructor.required:
                for name, method in definition.methods.items():  # ``Xavier().sigma(n_nodes)``
                    if not name.startswith("__") and _takes_nodes(method):
                        yield definition, f"{definition.name}().{name}({fan_in})"


_ACTIVATIONS = {1.0: re.compile("tanh|sigmoid", re.I), 2.0: re.compile("relu", re.I)}
"""What the schemes go with, by the variance times the number of nodes."""


def _by_word(
    spec: ItemSpec, definition: Definition, fan_in: int
) -> Iterator[tuple[Definition, str]]:
    """``Spread(n, how)`` where it compares `how` with the scheme's name, or with "tanh" or "relu"."""
    constructor = definition.constructor
    required = constructor.required if constructor is not None else ()
    nodes = [p for p in required if role_of(p.name) in _OF_NODES]
    others = [p for p in required if p not in nodes]
    if definition.kind != "class" or len(nodes) != 1 or len(others) != 1:
        return
    goes_with = _ACTIVATIONS.get(spec.gain or 0.0)
    for word in compared_with(definition, others[0].name):
        if name_rank(spec, word) is None and not (goes_with and goes_with.fullmatch(word)):
            continue
        call = f"{definition.name}({nodes[0].name}={fan_in}, {others[0].name}={word!r})"
        for member in dict.fromkeys(_members(definition)):
            yield definition, f"{call}.{member}"


def takes_deviation(definition: Definition) -> bool:
    """True for a class that is constructed with a standard deviation alone."""
    only = _only(definition.constructor)
    return definition.kind == "class" and only is not None and role_of(only.name) == "sigma"


def _takes_nodes(target: Callable_ | None) -> bool:
    only = _only(target)
    return only is not None and role_of(only.name) in _OF_NODES


def _only(target: Callable_ | None) -> Parameter | None:
    """The one parameter that has to be given, or else the one that there is."""
    if target is None:
        return None
    wanted = target.required or target.parameters
    return wanted[0] if len(wanted) == 1 else None


def _members(definition: Definition) -> Iterator[str]:
    """What may be the number: methods that need nothing, then attributes."""
    for name, method in definition.methods.items():
        if not name.startswith("__") and not method.required:
            yield f"{name}()"
    constructor = definition.constructor
    assert constructor is not None
    given = {a for p in constructor.parameters for a in kept_by(constructor, p.name)}
    for node in ast.walk(constructor.node):
        if not isinstance(node, ast.Attribute) or node.attr in given:
            continue
        if isinstance(node.ctx, ast.Store):
            yield node.attr
