"""Names and attributes that are read."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator

from graders.repair.spots import (
    Change,
    Spot,
    is_called,
    like,
    loaded,
    own_attribute,
)


def unknown_name(spot: Spot) -> Iterator[Change]:
    """A name that nothing binds, for the nearest one in scope: `daut` for `dout`."""
    function = spot.function
    name, attribute = loaded(spot.node), own_attribute(spot)
    mine = function.attributes | function.members
    local = [*function.parameters, *function.stored]
    near = [
        n for n in local if n != name and n.lower() == name.lower()
    ]  # X, though some x is known
    if near and name not in local:
        yield from (Change(ast.Name(other), "name") for other in near)
    elif name and name not in function.known:
        near = difflib.get_close_matches(name, local, 4, 0.3)
        near += difflib.get_close_matches(name, sorted(function.world.names), 2)
        for other in near:
            yield Change(ast.Name(other), "name")
    elif attribute and attribute not in mine:
        for other in difflib.get_close_matches(attribute, sorted(mine), 3):
            yield Change(like(spot.node, attr=other), "name")


def missing_self(spot: Spot) -> Iterator[Change]:
    """`W` for `self.W`, and `self.x` for a local `x`."""
    function = spot.function
    name, attribute = loaded(spot.node), own_attribute(spot)
    if function.this and name in function.attributes | function.members:
        yield Change(ast.Attribute(ast.Name(function.this), name), "self")
    if attribute and attribute in (*function.parameters, *function.stored):
        yield Change(ast.Name(attribute), "no self")


def other_name(spot: Spot) -> Iterator[Change]:
    """Another local name or attribute for one of the same sort."""
    function = spot.function
    name, attribute = loaded(spot.node), own_attribute(spot)
    local = [*function.parameters, *function.stored]
    if is_called(spot):
        return
    if name in local:
        for other in _nearest(name, local):
            yield Change(ast.Name(other), f"{name}->{other}", rank=1)
    elif attribute in function.attributes:
        for other in _nearest(attribute, sorted(function.attributes)):
            yield Change(like(spot.node, attr=other), f"{attribute}->{other}", rank=1)


_NEIGHBOURS = 8


def _nearest(name: str, names: Collection[str]) -> list[str]:
    """Other names, the likest first."""
    others = [n for n in dict.fromkeys(names) if n not in (name, "_")]

    def unlike(other: str) -> float:
        return -difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio()

    return sorted(others, key=lambda n: (unlike(n), n))[:_NEIGHBOURS]
