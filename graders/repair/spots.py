"""A spot of a function's tree at which an edit is tried, and what could stand there instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.edits.places import Function


@dataclass(frozen=True)
class Spot:
    """A node of a statement, with what it stands in and where."""

    node: ast.AST
    parent: ast.AST | None
    statement: ast.stmt
    function: Function


@dataclass(frozen=True)
class Change:
    """What could stand in the place of a spot's node, or of another; `sign` tells twins."""

    new: ast.expr | str
    sign: str
    node: ast.AST | None = None
    rank: int = 0
    before: str = ""  # a line of its own, put in before the function's first statement


Rule = Callable[[Spot], Iterator[Change]]


def like(node: Any, **fields: Any) -> Any:
    """A copy of a node with other fields; the tree itself is shared and never changed."""
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **fields})


def whole_of(node: ast.AST | None) -> int | None:
    """A literal whole number, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = whole_of(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def wholes_of(nodes: Sequence[ast.AST]) -> list[int] | None:
    """Literal whole numbers, or None if not all of them are."""
    found = [whole_of(node) for node in nodes]
    return [n for n in found if n is not None] if found and None not in found else None


def is_module(node: ast.expr) -> bool:
    """True for the usual name of a module of functions over arrays."""
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "cp", "math", "scipy")


def loaded(node: ast.AST) -> str:
    """The plain name that is read there; empty if it is none."""
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else ""


def own_attribute(spot: Spot) -> str:
    """The attribute of the instance that is read there; empty if it is none."""
    node = spot.node
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.attr if is_own(node.value, spot.function) else ""
    return ""


def is_own(node: ast.AST, function: Function) -> bool:
    """True for the instance itself, ``self``."""
    return isinstance(node, ast.Name) and node.id == function.this != ""


def is_value(spot: Spot) -> bool:
    """True for what is assigned, returned, handed over or reckoned with."""
    parent = spot.parent
    if isinstance(parent, ast.Subscript):
        return parent.value is spot.node
    return isinstance(
        parent, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Call | ast.BinOp | ast.Tuple | ast.Dict
    )  # fmt: skip


def is_whole_value(spot: Spot) -> bool:
    """True for all that is assigned, returned or handed over at its place."""
    parent = spot.parent
    if isinstance(parent, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return):
        return parent.value is spot.node
    return isinstance(parent, ast.Call) and spot.node in parent.args


def owner_of(node: ast.Call) -> ast.expr:
    """What a method is called on, or the module of a function."""
    return node.func.value if isinstance(node.func, ast.Attribute) else node.func


def is_called(spot: Spot) -> bool:
    """True for what is called there."""
    return isinstance(spot.parent, ast.Call) and spot.parent.func is spot.node
