"""Whether what a notebook defines is what its definitions say, so that nothing else has to run first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.submission import Submission
from graders.submission.parsing import compiled

_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_REWRITES = frozenset(["setattr", "delattr", "exec", "eval", "globals", "locals"])


def is_settled(submission: Submission) -> bool:
    """False if something other than a definition could make a class, function or module another:
    a statement that defines one inside itself, binds its name anew or writes code, or whatever sets
    one of its attributes, also from within a function.

    A cell that does not compile settles nothing: it defines nothing, either.
    """
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    statements = [statement for tree in trees for statement in tree.body]
    names = {n for s in statements for n in _bound(s)}
    others = [s for s in statements if not isinstance(s, (*_DEFINES, *_IMPORTS))]
    return not (
        any(_changes(part, names) for s in others for part in ast.walk(s))
        or any(_sets(part, names) for s in statements for part in ast.walk(s))
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
        base = base.value
    return isinstance(base, ast.Name) and base.id in names
