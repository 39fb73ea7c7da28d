"""Whether what a notebook defines is what its definitions say, so that nothing else has to run first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ONLY_ASK = frozenset(["isinstance", "issubclass", "super", "type", "print", "id", "repr"])
_REWRITES = frozenset(["setattr", "delattr", "exec", "eval", "globals", "locals"])


def is_settled(submission: Submission) -> bool:
    """False if something other than a definition could make a class, function or module another:
    a statement that defines one inside itself, binds its name anew or writes code, or whatever sets
    one of its attributes, also from within a function, and under whatever other name it is known.

    A cell that does not compile settles nothing: it defines nothing, either.
    """
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    statements = [statement for tree in trees for statement in tree.body]
    names = {n for s in statements for n in _bound(s)}
    others = [s for s in statements if not isinstance(s, (*_DEFINES, *_IMPORTS))]
    return not (
        any(_changes(part, names) for s in others for part in every_node(s))
        or any(_sets(part, names) for s in statements for part in every_node(s))
        or (any(_gives_away(s, names) for s in statements) and any(map(_sets_another, statements)))
    )


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, _DEFINES):
        yield statement.name
    elif isinstance(statement, _IMPORTS):
        yield from ((a.asname or a.name).partition(".")[0] for a in statement.names)


def _changes(part: ast.AST, names: set[str]) -> bool:
    if isinstance(part, (*_DEFINES, ast.ImportFrom)):
        return True
    if isinstance(part, ast.Call):
        return isinstance(part.func, ast.Name) and part.func.id in _REWRITES
    return isinstance(part, ast.Name) and part.id in names and not isinstance(part.ctx, ast.Load)


def _sets(part: ast.AST, names: set[str]) -> bool:
    """``Conv.forward = ...``, ``np.dot = ...``, ``global Conv``."""
    if isinstance(part, ast.Global):
        return not names.isdisjoint(part.names)
    if not isinstance(part, ast.Attribute) or isinstance(part.ctx, ast.Load):
        return False
    base = part.value
    while isinstance(base, ast.Attribute):
        if base.attr == "__class__":
            return True
        base = base.value
    if isinstance(base, ast.Call):  # type(self).forward = ...
        return isinstance(base.func, ast.Name) and base.func.id == "type"
    return isinstance(base, ast.Name) and base.id in names


def _gives_away(statement: ast.stmt, names: set[str]) -> bool:
    """True if one of them gets another name: ``for kind in [Conv]``, ``patch(Conv)``, ``C = Conv``.

    What only calls it, looks one of its attributes up or derives from it keeps its name.
    """
    kept: set[int] = set()
    for part in every_node(statement):
        if isinstance(part, ast.Call):
            kept.add(id(part.func))
            if isinstance(part.func, ast.Name) and part.func.id in _ONLY_ASK:
                kept.update(map(id, part.args))
        elif isinstance(part, ast.Attribute):
            kept.add(id(part.value))
        elif isinstance(part, ast.ClassDef):
            kept.update(map(id, (*part.bases, *part.decorator_list)))
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            kept.update(map(id, part.decorator_list))
    return any(
        isinstance(part, ast.Name)
        and part.id in names
        and isinstance(part.ctx, ast.Load)
        and id(part) not in kept
        for part in every_node(statement)
    )


def _sets_another(statement: ast.stmt) -> bool:
    """True if it sets attributes of something else than ``self``: of what, only running it tells."""
    for part in every_node(statement):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name | ast.Attribute):
            name = part.func.id if isinstance(part.func, ast.Name) else part.func.attr
            if name in ("setattr", "delattr", "__setattr__", "exec", "eval"):
                return True
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load):
            own = isinstance(part.value, ast.Name) and part.value.id == "self"
            if not own:
                return True
    return False
