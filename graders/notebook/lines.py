"""Which lines of a student's code make a facet: told by its text, never by running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from graders.judging.results import ItemResult
from graders.submission import Cell, Submission
from graders.submission.parsing import compiled

MOST = 8  # lines that are shown
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines_of(facet: str, result: ItemResult, submission: Submission) -> list[tuple[int, str]]:
    """(number, text) of the lines that a facet's array comes from; none where that can't be told."""
    cell = cell_of(result, submission)
    method = _method(facet, result, cell) if cell is not None else None
    if cell is None or method is None:
        return []
    text = cell.source.split("\n")
    numbers = sorted({n for s in _making(facet, result, method) for n in _span(s)})
    if not numbers:
        numbers = [*range(method.lineno, (method.end_lineno or method.lineno) + 1)]
    return [(n, text[n - 1]) for n in numbers if n <= len(text) and text[n - 1].strip()][:MOST]


def cell_of(result: ItemResult, submission: Submission) -> Cell | None:
    """The cell with the answer; None where there is none."""
    binding = result.binding
    if binding is None or binding.cell is None:
        return None
    return next((c for c in submission.cells if c.index == binding.cell), None)


def method_of(facet: str, result: ItemResult) -> str:
    """The name of the method that a facet comes from; "" for a function, or where none is known."""
    binding = result.binding
    if binding is None:
        return ""
    called = binding.forward
    if facet in result.spec.gradients and binding.backward:
        called = binding.backward
    found = re.match(r"(?:[\w.]*\.)?(\w+)\(", called)
    return found.group(1) if found else ""


def _method(facet: str, result: ItemResult, cell: Cell) -> _Function | None:
    assert result.binding is not None
    tree = compiled(cell)
    names = result.binding.name.split(".")
    wanted = method_of(facet, result)
    for node in tree.body if tree is not None else ():
        if isinstance(node, _Function) and node.name in names:
            return node
        if isinstance(node, ast.ClassDef) and node.name in names:
            methods = [m for m in node.body if isinstance(m, _Function)]
            return next((m for m in methods if m.name == wanted), None)
    return None


def _making(facet: str, result: ItemResult, method: _Function) -> Iterator[ast.stmt]:
    """The statements that give the facet's array, and what is returned."""
    weight = result.spec.weight_of(facet)
    returned = [n for n in ast.walk(method) if isinstance(n, ast.Return) and n.value is not None]
    if weight is not None:
        pattern = re.compile(rf"(?i)(?:d_?|grad\w*_?){weight}|{weight}_?grad|d_?{weight}")
        named = [s for s in _assignments(method) if any(map(pattern.search, _targets(s)))]
        yield from named
        if named:
            return
    names = {n.id for r in returned for n in ast.walk(r) if isinstance(n, ast.Name)}
    names |= {n.attr for r in returned for n in ast.walk(r) if isinstance(n, ast.Attribute)}
    yield from (s for s in _assignments(method) if names & set(_targets(s)))
    yield from returned


def _assignments(method: _Function) -> Iterator[ast.stmt]:
    for node in ast.walk(method):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            yield node


def _targets(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    else:
        targets = []
    found = []
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.append(node.attr)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                base = node.value
                found += [base.id] if isinstance(base, ast.Name) else []
                found += [base.attr] if isinstance(base, ast.Attribute) else []
    return found


def _span(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
