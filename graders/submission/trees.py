"""What readers ask of a tree: its names, its blocks, its lines."""

from __future__ import annotations

import ast

BLOCKS = ("body", "orelse", "finalbody", "handlers")
"""The fields of a statement in which others stand."""


def last_name(node: ast.expr) -> str:
    """The last part of a name, `sum` of `np.sum`; empty for what has none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def bound_names(scope: ast.Module | ast.FunctionDef) -> set[str]:
    """Names that a function or a cell itself binds: parameters, targets, imports, definitions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [scope.args] if isinstance(scope, ast.FunctionDef) else []
    waiting += scope.body
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def own_lines(statement: ast.stmt) -> range:
    """The lines of a statement itself, without those of the statements inside it."""
    inner = getattr(statement, "body", None)
    last = statement.end_lineno or statement.lineno
    if inner:
        last = max(statement.lineno, inner[0].lineno - 1)
    return range(statement.lineno, last + 1)


def number_of(value: int | float) -> ast.expr:
    """A number as Python reads it."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
