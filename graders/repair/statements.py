"""The statements of a function, and what each of them is made of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.submission.trees import BLOCKS


def nodes_of(statement: ast.stmt, around: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    yield statement, around
    for name, value in ast.iter_fields(statement):
        if name in (*BLOCKS, "annotation", "returns", "decorator_list", "args"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _inside(part, statement)


def _inside(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    if isinstance(node, ast.JoinedStr):
        return
    if hasattr(node, "lineno") and not isinstance(node, ast.Starred):
        yield node, parent
    for child in ast.iter_child_nodes(node):
        yield from _inside(child, node)


def statements_of(node: ast.FunctionDef) -> Iterator[tuple[ast.stmt, ast.AST]]:
    """Every statement of a function with what it stands in; no docstrings, no guards."""

    def inside(around: ast.AST) -> Iterator[tuple[ast.stmt, ast.AST]]:
        for block in BLOCKS:
            for part in getattr(around, block, None) or ():
                if isinstance(part, ast.ExceptHandler):
                    yield from inside(part)
                    continue
                if not isinstance(part, ast.stmt):
                    continue
                if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
                    continue
                if not isinstance(part, ast.Import | ast.ImportFrom | ast.Raise | ast.Pass):
                    yield part, around
                yield from inside(part)

    yield from inside(node)
