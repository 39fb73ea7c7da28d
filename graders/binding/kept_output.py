"""Layers that return nothing: the output is kept in an attribute, as the gradients are.

A forward that forgets its return is a mistake. It is a convention where backward returns nothing
either, forward keeps what an output is called, and nothing in the notebook goes on with what the call
gives.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from graders.binding.definitions import Callable_
from graders.binding.lexicon import lexicon
from graders.submission import Submission
from graders.submission.parsing import compiled


def kept_output(
    submission: Submission, owner: str, forward: Callable_, backward: Callable_ | None
) -> tuple[str, ...]:
    """The way from an instance of the class `owner` to its output; () where forward is to return it."""
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
    if len(kept) != 1 or _goes_on(submission, owner, forward):
        return ()
    return tuple(kept)


def _returns(method: Callable_) -> bool:
    return any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(method.node))


def _goes_on(submission: Submission, owner: str, method: Callable_) -> bool:
    """True if what a call of the method gives is used somewhere, where the call may be one of the
    owner's: another class may have a method of that name which returns something, and which may be
    told by what it is handed (``loss.forward(output, y)``).
    """
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    # two files may each have a class of a name
    inside = {
        id(n): node.name for node in nodes if isinstance(node, ast.ClassDef) for n in ast.walk(node)
    }
    made = _made(nodes, classes)
    above = _above(owner, classes)
    for node in nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != method.name or id(node) in alone:
            continue
        if len(node.args) > len(method.parameters):
            continue
        receiver = node.func.value
        name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
        own = {inside.get(id(node), owner)}
        may_be = own if name == "self" else made.get(name, {owner})
        if may_be & above:
            return True
    return False


def _made(nodes: list[ast.AST], classes: Mapping[str, ast.ClassDef]) -> dict[str, set[str]]:
    """By the name of a variable or attribute: the classes that are constructed for it, where that is
    all that it is ever given.
    """
    made: dict[str, set[str]] = {}
    others: set[str] = set()
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            value = node.value
            called = value.func if isinstance(value, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in classes:
                made.setdefault(name, set()).add(called.id)
            else:
                others.add(name)
    return {name: found for name, found in made.items() if name not in others}


def _above(owner: str, classes: Mapping[str, ast.ClassDef]) -> set[str]:
    """A class and all that it is made from."""
    found, waiting = set[str](), [owner]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in classes:
                waiting += [b.id for b in classes[name].bases if isinstance(b, ast.Name)]
    return found
