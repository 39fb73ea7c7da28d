"""Numbers, bounds of ranges, indices, rounding."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.edits.places import Function
from graders.repair.spots import (
    Change,
    Spot,
    like,
    whole_of,
)
from graders.submission.trees import last_name, number_of


def number(spot: Spot) -> Iterator[Change]:
    """A number that is one too large or too small, an axis of a shape, a factor of two."""
    node = spot.node
    if not isinstance(node, ast.Constant) or isinstance(spot.statement, ast.FunctionDef):
        return
    value = node.value
    if isinstance(value, bool):
        yield Change(ast.Constant(not value), "bool")
    elif isinstance(value, int):
        shape = isinstance(spot.parent, ast.Subscript) and last_name(spot.parent.value) == "shape"
        for other in dict.fromkeys([value - 1, value + 1, *((0, 1, 2, 3) if shape else ())]):
            if other != value:
                yield Change(number_of(other), f"{other - value:+d}")
        if value not in (0, 1):
            yield Change(ast.Constant(1), "->1")
    elif isinstance(value, float):
        for by, other_value in (("/2", value / 2), ("*2", value * 2), ("->1", 1.0), ("->0", 0.0)):
            if other_value != value:
                yield Change(number_of(other_value), by)


def bound(spot: Spot) -> Iterator[Change]:
    """The bound of a `range`: one more, one less, another size in scope."""
    node = spot.node
    if not (isinstance(node, ast.Call) and last_name(node.func) == "range" and node.args):
        return
    last = node.args[min(len(node.args), 2) - 1]
    yield from _by_one(last)
    for size in _sizes(spot.function):
        if ast.dump(size) != ast.dump(last):
            yield Change(size, f"->{ast.unparse(size)}", last)
    if len(node.args) >= 2:
        yield from _by_one(node.args[0])
        turned = [*node.args[:-2], node.args[-1], node.args[-2]]
        yield Change(like(node, args=turned), "turned")


def _by_one(node: ast.expr) -> Iterator[Change]:
    """One more and one less, where it is no number of its own; what was added is left out, too."""
    match node:
        case ast.BinOp(left=rest, op=ast.Add() | ast.Sub(), right=term) if (
            whole_of(term) is not None
        ):
            yield Change(rest, "-term", node)
    if whole_of(node) is None:
        for op, sign in ((ast.Sub(), "-1"), (ast.Add(), "+1")):
            yield Change(ast.BinOp(node, op, ast.Constant(1)), sign, node)


_MOST_SIZES = 8


def _sizes(function: Function) -> list[ast.expr]:
    """What stands for a size in a function: bounds of its other ranges, names taken of a shape."""
    found: dict[str, ast.expr] = {}

    def take(node: ast.expr) -> None:
        found.setdefault(ast.dump(node), node)

    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and last_name(node.func) == "range" and node.args:
            take(node.args[min(len(node.args), 2) - 1])
        elif isinstance(node, ast.Assign) and "shape" in ast.unparse(node.value):
            targets = [t for target in node.targets for t in ast.walk(target)]
            for target in targets:
                if isinstance(target, ast.Name) and target.id != "_":
                    take(ast.Name(target.id))
    return list(found.values())[:_MOST_SIZES]


def index(spot: Spot) -> Iterator[Change]:
    """An index or the bound of a slice: one more, one less, left out; an axis turned round or not."""
    node = spot.node
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            if not isinstance(part, ast.Constant | ast.Tuple | ast.List | ast.UnaryOp):
                for change in _by_one(part):
                    yield Change(change.new, f"{place}{change.sign}", part)
            continue
        if part.lower is None and part.upper is None:
            step = part.step
            if step is not None:
                yield _slice(spot, node, place, ast.Slice(), "unstepped")
            else:
                turned = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
                yield _slice(spot, node, place, turned, f"turned {place}")
        for name in ("lower", "upper"):
            value = getattr(part, name)
            if value is None:
                continue
            yield _slice(spot, node, place, like(part, **{name: None}), f"-{name}")
            if whole_of(value) is None:
                for change in _by_one(value):
                    yield Change(change.new, f"{name}{change.sign}", value)
        if part.step is None and (part.lower is not None) != (part.upper is not None):
            if part.lower is not None:
                yield _slice(spot, node, place, ast.Slice(upper=part.lower), "lower->upper")
            else:
                yield _slice(spot, node, place, ast.Slice(lower=part.upper), "upper->lower")


def _slice(spot: Spot, node: ast.Subscript, place: int, new: ast.Slice, sign: str) -> Change:
    if isinstance(node.slice, ast.Tuple):
        parts: list[ast.expr] = list(node.slice.elts)
        parts[place] = new
        return Change(like(node, slice=ast.Tuple(parts, ast.Load())), sign)
    return Change(like(node, slice=new), sign)


def rounding(spot: Spot) -> Iterator[Change]:
    """Rounded down where up is meant, and the other way."""
    node = spot.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        inner = ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right)
        if not isinstance(spot.parent, ast.UnaryOp):
            yield Change(ast.UnaryOp(ast.USub(), inner), "up")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        match node.operand:
            case ast.BinOp(
                left=ast.UnaryOp(op=ast.USub(), operand=whole), op=ast.FloorDiv(), right=by
            ):
                yield Change(ast.BinOp(whole, ast.FloorDiv(), by), "down")
