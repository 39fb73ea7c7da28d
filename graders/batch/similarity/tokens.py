"""Code as a sequence of syntax-tree nodes, in which the student's own names are all alike."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graders.submission import Cell, Submission
from graders.submission.magics import cell_magic
from graders.submission.parsing import compiled, deep_statements

MAX_TOKENS = 200_000
_SKIPPED = (ast.expr_context, ast.Load, ast.Store, ast.Import, ast.ImportFrom, ast.Pass)


@dataclass(frozen=True)
class Token:
    """A node: what is compared of it, and the line of its cell that it stands on."""

    text: str
    line: int


def tokens_of(submission: Submission) -> Iterator[tuple[int, list[Token]]]:
    """(place of the cell, its tokens) for every cell of code."""
    trees = [_tree(cell) for cell in submission.cells]
    names = _Names()
    for tree in trees:
        if tree is not None:
            names.learn(tree)
    left = MAX_TOKENS
    for place, (cell, tree) in enumerate(zip(submission.cells, trees, strict=True)):
        found = _of_text(cell.source) if tree is None else _of_tree(tree, names)
        tokens = []
        for token in found:
            left -= 1
            if left < 0:
                break
            tokens.append(token)
        yield place, tokens


def _tree(cell: Cell) -> ast.Module | None:
    """The cell's tree; of one that writes or runs its code elsewhere, the tree of that code."""
    magic = cell_magic(cell.source)
    source = cell.source if magic is None else magic.body
    tree, deep = compiled(replace(cell, source=source)), deep_statements(source)
    if tree is None or not deep:
        return tree
    return ast.Module(sorted([*tree.body, *deep], key=lambda node: node.lineno), [])


class _Names:
    """Names that the student gave: each may be any other."""

    def __init__(self) -> None:
        self.own: set[str] = set()
        self.attributes: set[str] = set()
        self.modules: dict[str, str] = {}

    def learn(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.own.add(node.id)
            elif isinstance(node, ast.arg):
                self.own.add(node.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.attributes.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.own.add(node.name)
                self.attributes.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    if alias.asname:
                        self.modules[alias.asname] = alias.name

    def name(self, name: str) -> str:
        return self.modules.get(name) or ("N" if name in self.own else name)

    def attribute(self, name: str) -> str:
        return "A" if name in self.attributes else name


def _of_tree(tree: ast.AST, names: _Names) -> Iterator[Token]:
    """Nodes in the order of the text; without imports, docstrings and annotations."""
    line = 1
    pending: list[ast.AST] = [tree]  # no recursion: a student may nest as deep as Python reads
    while pending:
        node = pending.pop()
        if isinstance(node, _SKIPPED) or _is_text(node):
            continue
        line = getattr(node, "lineno", line)
        yield Token(_told(node, names), line)
        pending += reversed(list(_children(node)))


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params", "type_comment"):
            continue
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            yield from (v for v in value if isinstance(v, ast.AST))


def _told(node: ast.AST, names: _Names) -> str:
    match node:
        case ast.Name():
            return names.name(node.id)
        case ast.Attribute():
            return "." + names.attribute(node.attr)
        case ast.Constant():
            return type(node.value).__name__
        case _:
            return type(node).__name__


def _of_text(source: str) -> Iterator[Token]:
    """Words of a cell that Python can't read; what comes before the fault, if need be."""
    lines: Iterable[str] = io.StringIO(source)
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type == tokenize.NAME:
                text = token.string if keyword.iskeyword(token.string) else "N"
                yield Token(text, token.start[0])
            elif token.type == tokenize.OP:
                yield Token(token.string, token.start[0])
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                yield Token("C", token.start[0])
    except (tokenize.TokenError, SyntaxError, ValueError):
        return
