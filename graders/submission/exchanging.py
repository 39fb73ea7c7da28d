"""A source whose parts can be exchanged by the positions that its tree has."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

TIGHT = (
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Subscript, ast.Call,
    ast.Starred,
)  # fmt: skip
"""What an expression stands in that takes it apart, if it has no brackets of its own."""
LOOSE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp)


@dataclass(frozen=True)
class Exchange:
    """What comes in the place of a part: from one offset to another, in bytes."""

    start: int
    end: int
    new: str


class SourceText:
    """A source and where its lines begin."""

    def __init__(self, source: str) -> None:
        self._data = source.encode("utf-8", "surrogatepass")
        self.starts = [0]
        for line in self._data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int = 0) -> int:
        """The offset of a place, its line counted from 1 and its column in bytes from 0."""
        return self.starts[line - 1] + column

    def blanks(self, line: int) -> str:
        """What a line is set in by."""
        text = self._data[self.starts[line - 1] : self.starts[line]].decode("utf-8", "replace")
        return text[: len(text) - len(text.lstrip(" \t"))]

    def exchange(self, node: ast.AST, new: str) -> Exchange:
        """The exchange of a node's text."""
        start = self.at(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self.at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return Exchange(start, end, new)

    def replaced(self, node: ast.AST, new: str) -> str:
        """The whole source with the node's text exchanged."""
        return self.with_(self.exchange(node, new))

    def with_(self, *exchanges: Exchange, first: int = 1, last: int | None = None) -> str:
        """The source with its parts exchanged, from a first line to a last one.

        The lines are those of the source as it was; the exchanges must not overlap.
        """
        begin = self.starts[first - 1]
        end = len(self._data) if last is None else self.starts[last]
        parts, place = [], begin
        for one in _in_order(exchanges):
            parts += [self._data[place : one.start], one.new.encode("utf-8", "surrogatepass")]
            place = one.end
        return b"".join([*parts, self._data[place:end]]).decode("utf-8", "surrogatepass")


def _in_order(exchanges: Iterable[Exchange]) -> list[Exchange]:
    return sorted(exchanges, key=lambda one: (one.start, one.end))


def written(new: ast.expr, parent: ast.AST | None) -> str:
    """An expression as text, in brackets where what it stands in would take it apart."""
    text = ast.unparse(new)
    return f"({text})" if isinstance(parent, TIGHT) and isinstance(new, LOOSE) else text
