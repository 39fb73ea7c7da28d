"""Operators, signs, terms, assignments and comparisons."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.repair.spots import (
    Change,
    Spot,
    is_module,
    is_own,
    owner_of,
)
from graders.submission.trees import last_name

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Mult: (ast.Div, ast.Pow, ast.Add, ast.MatMult, ast.Sub, ast.FloorDiv),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.FloorDiv: (ast.Mod, ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
_ONE_SIDED = (ast.Sub, ast.Div, ast.FloorDiv, ast.MatMult, ast.Pow, ast.Mod)


def operator(spot: Spot) -> Iterator[Change]:
    """`*` for `/`, `+` for `-`, and the two sides of a product or difference exchanged."""
    node = spot.node
    if not isinstance(node, ast.BinOp):
        return
    for other in _OPERATORS.get(type(node.op), ()):
        yield Change(
            ast.BinOp(node.left, other(), node.right), f"{type(node.op).__name__}->{other.__name__}"
        )
    if isinstance(node.op, _ONE_SIDED):
        yield Change(ast.BinOp(node.right, node.op, node.left), "sides")


_ASSIGNING: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("=", "-="), ast.Sub: ("+=", "="), ast.Mult: ("/=", "="), ast.Div: ("*=", "="),
}  # fmt: skip


def assignment(spot: Spot) -> Iterator[Change]:
    """`=` for `+=`, `-=` for `+=`."""
    node = spot.node
    if isinstance(node, ast.AugAssign):
        target, value = ast.unparse(node.target), ast.unparse(node.value)
        for sign in _ASSIGNING.get(type(node.op), ()):
            yield Change(f"{target} {sign} {value}", f"{type(node.op).__name__}->{sign}")
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        only = node.targets[0]
        if isinstance(only, ast.Subscript | ast.Attribute | ast.Name):
            for sign in ("+=", "*="):
                yield Change(f"{ast.unparse(only)} {sign} {ast.unparse(node.value)}", f"=->{sign}")


def growing(spot: Spot) -> Iterator[Change]:
    """An attribute that grows from call to call, for a fresh one in each."""
    node, function = spot.node, spot.function
    if not function.this or function.node.name == "__init__":
        return
    target = _grown(node)
    while isinstance(target, ast.Subscript):
        target = target.value
    if isinstance(target, ast.Attribute) and is_own(target.value, function):
        name = ast.unparse(target)
        fresh = f"{name} = []" if isinstance(node, ast.Expr) else f"{name} = np.zeros_like({name})"
        yield Change("", "fresh", before=fresh)


def _grown(node: ast.AST) -> ast.expr | None:
    """What a statement adds something to."""
    if isinstance(node, ast.AugAssign):
        return node.target
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        if isinstance(called, ast.Attribute) and called.attr in ("append", "extend"):
            return called.value
    return None


def sign_or_call_removed(spot: Spot) -> Iterator[Change]:
    """A minus too much, a `not` too much, a call around a value too much."""
    node = spot.node
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield Change(node.operand, f"-{type(node.op).__name__}")
    if isinstance(node, ast.Call) and node.args and not isinstance(spot.parent, ast.Expr):
        inner = node.args[-1]
        if not isinstance(inner, ast.Starred) and last_name(node.func) not in ("range", "zip"):
            yield Change(inner, f"-{last_name(node.func)}")
    if not isinstance(node, ast.Call) or isinstance(spot.parent, ast.Expr):
        return
    if owner_of(node) is not node.func and not is_module(owner_of(node)):
        yield Change(owner_of(node), f"-.{last_name(node.func)}")


def term_removed(spot: Spot) -> Iterator[Change]:
    """A term or a factor too much."""
    node = spot.node
    if isinstance(node, ast.BinOp):
        yield Change(node.left, f"-right {type(node.op).__name__}")
        if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
            yield Change(node.right, f"-left {type(node.op).__name__}")


_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE), ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE), ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip


def comparison(spot: Spot) -> Iterator[Change]:
    """`<` for `<=`, `and` for `or`, a condition the wrong way round."""
    node = spot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED.get(type(node.ops[0]), ()):
            new = ast.Compare(node.left, [other()], node.comparators)
            yield Change(new, f"{type(node.ops[0]).__name__}->{other.__name__}")
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Change(ast.BoolOp(other_op, node.values), "and/or")
    elif isinstance(node, ast.IfExp):
        yield Change(ast.IfExp(node.test, node.orelse, node.body), "branches")
    tested = spot.parent.test if isinstance(spot.parent, ast.If | ast.While) else None
    if tested is node and not isinstance(tested, ast.UnaryOp | None):
        yield Change(ast.UnaryOp(ast.Not(), tested), "not", rank=1)
