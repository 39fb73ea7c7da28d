"""Arguments, functions and pairs."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from graders.repair.spots import (
    Change,
    Spot,
    like,
)
from graders.submission.trees import last_name

_MOST_PERMUTED = 4


def arguments(spot: Spot) -> Iterator[Change]:
    """The arguments of a call in another order: of an own helper first."""
    node, function = spot.node, spot.function
    if not isinstance(node, ast.Call) or len(node.args) < 2 or last_name(node.func) == "reshape":
        return
    if any(isinstance(a, ast.Starred) for a in node.args):
        return
    own = (isinstance(node.func, ast.Name) and node.func.id in function.world.functions) or (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == function.this != ""
    )
    many = len(node.args)
    every = list(itertools.permutations(range(many))) if many <= _MOST_PERMUTED else []
    pairs = [o for o in every if sum(a != b for a, b in enumerate(o)) == 2]
    if not every:
        for one, other in itertools.combinations(range(many), 2):
            turned = list(range(many))
            turned[one], turned[other] = other, one
            pairs.append(tuple(turned))
    further = [o for o in every[1:] if o not in pairs] if own else []
    for order in [*pairs, *further]:
        shown = [node.args[n] for n in order]
        if list(map(ast.dump, shown)) != list(map(ast.dump, node.args)):
            yield Change(like(node, args=shown), f"arguments {order}", rank=0 if own else 1)


_FUNCTIONS = (
    ("sum", "mean"), ("max", "min"), ("argmax", "argmin"), ("maximum", "minimum"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("exp", "log"), ("floor", "ceil"), ("std", "var"), ("add", "subtract"),
    ("multiply", "divide"), ("dot", "multiply"), ("hstack", "vstack"), ("cosh", "cos"), ("tanh", "cosh"),
    ("square", "sqrt"), ("max", "mean"), ("max", "sum"), ("flip", "fliplr"),
    ("flip", "flipud"), ("repeat", "tile"), ("empty", "zeros"),
)  # fmt: skip
_TURNS = {
    one: [b if one == a else a for a, b in _FUNCTIONS if one in (a, b)]
    for one in dict.fromkeys(name for pair in _FUNCTIONS for name in pair)
}


def other_function(spot: Spot) -> Iterator[Change]:
    """A function for its neighbour: `sum` for `mean`, `zeros` for `ones`."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    for name in _TURNS.get(last_name(node.func), ()):
        if isinstance(node.func, ast.Attribute):
            yield Change(like(node, func=like(node.func, attr=name)), f"->{name}")
        elif name in ("sum", "max", "min"):
            yield Change(like(node, func=ast.Name(name)), f"->{name}")


def order_of_a_pair(spot: Spot) -> Iterator[Change]:
    """The two of a pair exchanged: (rows, columns) for (columns, rows)."""
    node = spot.node
    inside = isinstance(spot.parent, ast.Subscript)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and not inside:
        for turned, sign in _turned(node.elts):
            yield Change(ast.Tuple(turned, ast.Load()), sign)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        for turned, sign in _turned(node.slice.elts):
            yield Change(like(node, slice=ast.Tuple(turned, ast.Load())), sign, rank=1)


def _turned(nodes: Sequence[ast.expr]) -> Iterator[tuple[list[ast.expr], str]]:
    """The same with two of them exchanged."""
    for one, other in itertools.combinations(range(len(nodes)), 2):
        if ast.dump(nodes[one]) != ast.dump(nodes[other]):
            turned = list(nodes)
            turned[one], turned[other] = turned[other], turned[one]
            yield turned, f"pair {one}{other}"
