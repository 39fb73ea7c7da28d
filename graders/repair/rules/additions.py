"""What is missing: a sign, a call, a term."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.repair.spots import (
    Change,
    Spot,
    is_module,
    is_whole_value,
    whole_of,
)
from graders.submission.trees import last_name, number_of


def sign_added(spot: Spot) -> Iterator[Change]:
    """A minus that is missing, of what is assigned, returned or handed over."""
    node = spot.node
    none = isinstance(node, ast.UnaryOp | ast.Constant | ast.Tuple | ast.Dict | ast.keyword)
    if isinstance(node, ast.expr) and is_whole_value(spot) and not none:
        yield Change(ast.UnaryOp(ast.USub(), node), "+USub", rank=1)


_WRAPPING = ("exp", "log", "sqrt", "abs", "tanh")


def call_added(spot: Spot) -> Iterator[Change]:
    """A function that is missing around a value."""
    node = spot.node
    if not isinstance(node, ast.expr) or not (
        is_whole_value(spot) or isinstance(spot.parent, ast.BinOp)
    ):
        return
    if isinstance(node, ast.Constant | ast.Tuple | ast.Dict | ast.JoinedStr):
        return
    for name in _WRAPPING:
        called = ast.Call(ast.Attribute(ast.Name("np"), name), [node], [])
        yield Change(called, f"+{name}", rank=2)
    yield Change(ast.Call(ast.Attribute(node, "copy"), [], []), "+copy", rank=2)
    if isinstance(node, ast.Name | ast.Attribute):
        for axis in (0, 1, 2, 3):
            turned = ast.Call(ast.Attribute(ast.Name("np"), "flip"), [node, number_of(axis)], [])
            yield Change(turned, f"+flip {axis}", rank=2)


_MOST_TERMS = 10


def term_added(spot: Spot) -> Iterator[Change]:
    """A term or a factor that is missing, of names in scope."""
    node, function = spot.node, spot.function
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.Tuple | ast.Dict):
        return
    if not (is_whole_value(spot) or isinstance(spot.parent, ast.BinOp)) or is_module(node):
        return
    names: list[ast.expr] = [ast.Name(n) for n in (*function.parameters, *function.stored)]
    names += [ast.Attribute(ast.Name(function.this), a) for a in sorted(function.attributes)]
    there = {last_name(n) for n in ast.walk(spot.statement) if isinstance(n, ast.expr)}
    near = sorted(names, key=lambda n: last_name(n) not in there)[:_MOST_TERMS]
    for other in (*near, ast.Constant(1), ast.Constant(2)):
        if ast.dump(other) == ast.dump(node):
            continue
        for op in (ast.Mult(), ast.Add(), ast.Sub(), ast.Div()):
            if isinstance(op, ast.Mult | ast.Div) and whole_of(other) == 1:
                continue
            sign = f"{type(op).__name__} {ast.unparse(other)}"
            yield Change(ast.BinOp(node, op, other), sign, rank=2)
