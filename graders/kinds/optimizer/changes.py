"""Optimisers that are handed a gradient and return the change alone: ``return -self.lr * grad``.

The network adds it, ``W += opt.update(dW)``; where the submission takes it away, ``W -= opt.delta(dW)``, its sign is the
other one. A step that takes the weight, too, and never reads it, returns the change if the submission does so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.binding.definitions import Callable_
from graders.binding.filled import unread
from graders.binding.rates import is_rate
from graders.kinds.optimizer.handing import Handed, Make, array_of, list_of
from graders.kinds.optimizer.roles import role_by_name, uses_as_list
from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

_GRADIENTS = ("grads", "dW", "dB", "dA")


def changes(submission: Submission, update: Callable_) -> Iterator[Handed]:
    """What a step is handed that returns a change: a gradient, or those of both arrays in a list."""
    if not any(isinstance(n, ast.Return) and n.value is not None for n in every_node(update.node)):
        return
    wanted = [p.name for p in update.required if not is_rate(p.name)]
    read = [name for name in wanted if not unread(update, name)]
    if len(read) != 1 or len(wanted) > 2 or role_by_name(read[0]) not in _GRADIENTS:
        return
    shown = {sign for cell in submission.cells for sign in _signs(compiled(cell), update.name)}
    if len(wanted) == 2 and not shown:
        return  # it may have forgotten the weight
    sign = -1 if shown == {-1} else 1
    if uses_as_list(update, set(read)):
        yield _listed(wanted, read[0], sign)
    for row in (False, True):
        way = Handed(["opt", "opt2"], ", ".join(wanted), row, names=wanted, change=sign)
        for side, role in (("W", "W"), ("b", "B")):
            way.hold(side, array_of(role, row=row))
            way.calls.append([array_of("d" + role if n in read else role, row=row) for n in wanted])
        yield way


def _listed(wanted: list[str], gradients: str, sign: int) -> Handed:
    way = Handed(["opt"], ", ".join(wanted), False, names=wanted, change=sign)
    call: list[Make] = []
    for name in wanted:
        call.append(list_of([array_of(("d" if name == gradients else "") + r) for r in ("W", "B")]))
    way.calls.append(call)
    for side, role in (("W", "W"), ("b", "B")):
        way.hold(side, array_of(role))
    return way


def _signs(tree: ast.AST | None, method: str) -> Iterator[int]:
    """How a weight is moved by what a method returns, at once or by a variable that is given it."""
    nodes = every_node(tree) if tree is not None else ()
    given = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _calls(node.value, method)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes:
        match node:
            case ast.AugAssign(op=ast.Add() | ast.Sub() as op, value=value):
                pass
            case ast.BinOp(op=ast.Add() | ast.Sub() as op, right=value):
                pass
            case _:
                continue
        if _calls(value, method) or (isinstance(value, ast.Name) and value.id in given):
            yield -1 if isinstance(op, ast.Sub) else 1


def _calls(node: ast.expr, method: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name == method
    return False
