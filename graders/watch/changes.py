"""What a change of a submission can have affected, read from its source alone.

Told is less than is true only where nothing is lost by it: whatever can't be followed counts as
affected. A name is affected if its own definition changed, or if a statement that has to do with
an affected name defines it or could change it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.submission import Submission
from graders.submission.parsing import compiled

_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def affected_names(before: Submission, after: Submission) -> frozenset[str] | None:
    """Names that may mean something else now; None where that can't be told.

    Only the inside of classes and functions can change and be followed: other statements, other
    files, another order, prose (which answers can stand in) can't.
    """
    if before.companions != after.companions or _prose(before) != _prose(after):
        return None
    old, new = _statements(before), _statements(after)
    if old is None or new is None or len(old) != len(new):
        return None
    changed: set[str] = set()
    for one, other in zip(old, new, strict=True):
        if ast.dump(one) == ast.dump(other):
            continue
        if not (isinstance(one, _DEFINES) and isinstance(other, type(one))):
            return None
        if one.name != other.name or _reaches_out(one) or _reaches_out(other):
            return None
        changed.add(one.name)
    return frozenset(_spread(changed, new))


def _prose(submission: Submission) -> str:
    text = submission.text
    for cell in submission.cells:
        text = text.replace(cell.source, "", 1)
    return text


def _statements(submission: Submission) -> list[ast.stmt] | None:
    found: list[ast.stmt] = []
    for cell in submission.cells:
        tree = compiled(cell)
        if tree is None:
            return None
        found += tree.body
    return found


def _reaches_out(node: ast.stmt) -> bool:
    """True for a definition that rebinds what is not its own, or runs code when it is made."""
    return any(
        isinstance(part, ast.Global) or (isinstance(part, _DEFINES) and part.decorator_list)
        for part in ast.walk(node)
    )


def _spread(names: set[str], statements: list[ast.stmt]) -> set[str]:
    used = [(frozenset(_named(s)), frozenset(_made(s))) for s in statements]
    while True:
        more = {n for uses, makes in used if uses & names for n in makes} - names
        if not more:
            return names
        names = names | more


def _named(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id


def _made(statement: ast.stmt) -> Iterator[str]:
    """What a statement defines, or may change: all that it names, unless it only defines."""
    if isinstance(statement, _DEFINES):
        yield statement.name
    else:
        yield from _named(statement)
