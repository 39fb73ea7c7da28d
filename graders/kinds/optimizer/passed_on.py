"""An optimiser's step together with what it passes its arguments on to, as one function to be read.

``def sgd(params, grads, lr): return descend(params, grads, lr, 1)`` shows nothing of its dicts: `descend` does.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from graders.binding.definitions import Callable_, Definition
from graders.kinds.optimizer.handing import update_of
from graders.submission.parsing import every_node
from graders.submission.trees import bound_names

_DEPTH, _MOST = 2, 8  # of calls within calls; of calls in all


def with_what_it_calls(definition: Definition, everything: Sequence[Definition]) -> Definition:
    """The optimiser, its step read with the statements of the functions and methods that get its parameters."""
    update = update_of(definition)
    if update is None:
        return definition
    functions = {d.name: d.function for d in everything if d.function is not None}
    added = list(_statements(update, definition.methods, functions, _DEPTH))[:_MOST]
    if not added:
        return definition
    node = copy.copy(update.node)
    node.body = [*node.body, *(statement for body in added for statement in body)]
    whole = replace(update, node=node)
    if definition.function is not None:
        return replace(definition, function=whole)
    return replace(definition, methods={**definition.methods, update.name: whole})


def _statements(
    caller: Callable_,
    methods: Mapping[str, Callable_],
    functions: Mapping[str, Callable_],
    depth: int,
) -> Iterator[list[ast.stmt]]:
    """Of each function that gets a parameter of the caller's: its statements, in the caller's names."""
    returned = {id(n.value) for n in every_node(caller.node) if isinstance(n, ast.Return)}
    for number, call in enumerate(every_node(caller.node)):
        if not isinstance(call, ast.Call):
            continue
        match call.func:
            case ast.Name(id=name):
                called = functions.get(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                called = methods.get(name)
            case _:
                continue
        if (
            called is None
            or called.name == caller.name
            or not isinstance(called.node, ast.FunctionDef)
        ):
            continue
        given = dict(zip(called.names, call.args, strict=False))
        given |= {k.arg: k.value for k in call.keywords if k.arg}
        plain = {p: a for p, a in given.items() if isinstance(a, ast.Name | ast.Constant)}
        if {a.id for a in plain.values() if isinstance(a, ast.Name)} & set(caller.names):
            own = bound_names(called.node) - plain.keys()
            renaming = _Renaming(plain, own, f"_sg{number}_", id(call) in returned)
            body = [renaming.visit(copy.deepcopy(statement)) for statement in called.node.body]
            yield body
            if depth > 1:
                node = copy.copy(caller.node)
                node.body = body
                yield from _statements(replace(caller, node=node), methods, functions, depth - 1)


class _Renaming(ast.NodeTransformer):
    """Parameters become what they are given, the function's own other names get a prefix."""

    def __init__(
        self, given: Mapping[str, ast.expr], own: Set[str], prefix: str, returns: bool
    ) -> None:
        self._given, self._own, self._prefix, self._returns = given, own, prefix, returns

    def visit_Name(self, node: ast.Name) -> ast.expr:
        given = self._given.get(node.id)
        if isinstance(given, ast.Constant) and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(given.value), node)
        if isinstance(given, ast.Name):
            node.id = given.id
        elif node.id in self._own and node.id != "self":
            node.id = self._prefix + node.id
        return node

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        self.generic_visit(node)
        if self._returns or node.value is None:
            return node
        return ast.copy_location(ast.Expr(node.value), node)
