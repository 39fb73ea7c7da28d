"""The functions of a submission in which an edit can be made, and what is in scope there."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graders.submission import Cell, Submission
from graders.submission.exchanging import Exchange, SourceText
from graders.submission.magics import python_of
from graders.submission.parsing import compiled, parse
from graders.submission.trees import bound_names

NEXT_LINE = " ⏎ "
_BUILTIN = frozenset(dir(builtins))


@dataclass(frozen=True)
class World:
    """What every function of a submission may name."""

    functions: frozenset[str]  # of the student's own, at module level
    names: frozenset[str]  # whatever a module-level statement binds


@dataclass(frozen=True, eq=False)
class Function:
    """A function or method of one cell. `owner`: the class, dotted where it stands in another."""

    cell: int
    owner: str
    node: ast.FunctionDef = field(repr=False)
    text: SourceText = field(repr=False)
    members: frozenset[str] = field(repr=False)  # methods of its class
    attributes: frozenset[str] = field(repr=False)  # that its class gives its instances
    world: World = field(repr=False)

    @property
    def found_by(self) -> tuple[str, int]:
        """The name and the cell by which the student's process finds it, or its class."""
        return self.owner or self.node.name, self.cell

    @property
    def method(self) -> str:
        """Its name in its class; empty for a plain function."""
        return self.node.name if self.owner else ""

    @property
    def _header(self) -> str:
        if not self.node.col_offset:
            return ""
        return f"class {self.owner.rpartition('.')[2]}:\n" if self.owner else "if True:\n"

    @property
    def names(self) -> tuple[str, ...]:
        """The way to its code in what `source` compiles to."""
        inside = self.owner.rpartition(".")[2] if self._header and self.owner else ""
        return (inside, self.node.name) if inside else (self.node.name,)

    def source(self, exchanges: Sequence[Exchange]) -> str:
        """The function alone with parts exchanged, in the lines in which it stands in its cell."""
        first = self.node.lineno
        text = self.text.with_(*exchanges, first=first, last=self.node.end_lineno)
        header = self._header
        return "\n" * (first - 1 - bool(header)) + header + text

    def lines_around(self, exchanges: Sequence[Exchange]) -> tuple[str, str]:
        """The lines that are exchanged, as they are and as they would be."""
        old = self.text.with_().splitlines()
        new = self.text.with_(*exchanges).splitlines()
        if len(old) == len(new):
            pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
            return _shown(a for a, _ in pairs), _shown(b for _, b in pairs)
        same = next(
            i for i, (a, b) in enumerate(zip([*old, ""], [*new, ""], strict=False)) if a != b
        )
        end = 0
        while end < min(len(old), len(new)) - same and old[-1 - end] == new[-1 - end]:
            end += 1
        return _shown(old[same : len(old) - end]), _shown(new[same : len(new) - end])

    # -- scope -----------------------------------------------------------------------------

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Its parameters without `self`."""
        given = self.node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        return tuple(a.arg for a in every[bool(self.owner) :])

    @cached_property
    def this(self) -> str:
        """What it calls its instance; empty for a plain function."""
        every = [*self.node.args.posonlyargs, *self.node.args.args]
        return every[0].arg if self.owner and every else ""

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The names that it binds itself, in their order."""
        names = [
            n.id for n in ast.walk(self.node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        ]  # fmt: skip
        return tuple(dict.fromkeys(names))

    @cached_property
    def known(self) -> frozenset[str]:
        """All names that mean something in it."""
        own = {*self.parameters, *self.stored, self.this}
        return frozenset(own | self.world.names | _BUILTIN)


def _shown(lines: Iterable[str]) -> str:
    return NEXT_LINE.join(line.strip() for line in lines)


def functions_of(submission: Submission) -> list[Function]:
    """Every function of every cell that compiles; of two that a cell gives one name, the last."""
    cells = [(cell, tree) for cell in submission.cells if (tree := compiled(cell)) is not None]
    world = World(
        frozenset(
            n.name for _, t in cells for n in _statements(t.body) if isinstance(n, ast.FunctionDef)
        ),
        frozenset(name for _, tree in cells for name in bound_names(tree)),
    )
    found: list[Function] = []
    for cell, tree in cells:
        text = SourceText(_text_of(cell))
        mine: dict[tuple[str, str], Function] = {}
        for owner, node, around in _functions(tree.body, "", None):
            members = frozenset(_methods(around)) if around else frozenset[str]()
            attributes = frozenset(_attributes(around)) if around else frozenset[str]()
            mine[owner, node.name] = Function(
                cell.index, owner, node, text, members, attributes, world
            )
        found += mine.values()
    return found


def _text_of(cell: Cell) -> str:
    """The text whose positions the cell's tree has."""
    return cell.source if parse(cell.source) is not None else python_of(cell.source)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those inside if, try and with included."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []))


def _functions(
    body: Sequence[ast.stmt], owner: str, around: ast.ClassDef | None
) -> Iterator[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef):
            yield owner, node, around
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{owner}.{node.name}" if owner else node.name, node)


def _methods(node: ast.ClassDef) -> Iterator[str]:
    yield from (part.name for part in node.body if isinstance(part, ast.FunctionDef))


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part.attr
