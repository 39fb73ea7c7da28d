"""Classes and functions that give only the standard deviation of a scheme, with which the
notebook's plain initialiser then draws: ``SimpleInitializer(He(n_nodes).std())``, or
``SimpleInitializer(He().std(n_nodes))``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from graders.binding.candidates import name_rank
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import role_of
from graders.specs import ItemSpec

_OF_NODES = ("in", "size")


def deviations(
    spec: ItemSpec, definitions: Sequence[Definition], fan_in: int
) -> Iterator[tuple[Definition, str]]:
    """Expressions for the standard deviation by the scheme of `spec`, with `fan_in` nodes before:
    of definitions with an accepted name that take this number alone, the latest first.
    """
    for definition in reversed(definitions):
        if name_rank(spec, definition.name) is None:
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
    assert definition.constructor is not None
    for node in ast.walk(definition.constructor.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
