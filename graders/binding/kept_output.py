"""Layers that return nothing: the output is kept in an attribute, as the gradients are.

A forward that forgets its return is a mistake. It is a convention where backward returns nothing
either, forward keeps what an output is called, and nothing in the notebook goes on with what the call
gives.
"""

from __future__ import annotations

import ast

from graders.binding.definitions import Callable_
from graders.binding.lexicon import lexicon
from graders.submission import Submission
from graders.submission.parsing import compiled


def kept_output(
    submission: Submission, forward: Callable_, backward: Callable_ | None
) -> tuple[str, ...]:
    """The way from the instance to its output; () where forward is to return it."""
    if backward is None or _returns(forward) or _returns(backward):
        return ()
    kept = {
        node.attr
        for node in ast.walk(forward.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and lexicon().is_a(node.attr, "output")
    }
    if len(kept) != 1 or _goes_on(submission, forward.name):
        return ()
    return tuple(kept)


def _returns(method: Callable_) -> bool:
    return any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(method.node))


def _goes_on(submission: Submission, method: str) -> bool:
    """True if what a call of the method gives is used somewhere."""
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and id(node) not in alone
        for node in nodes
    )
