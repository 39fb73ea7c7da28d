"""The loops of a notebook's code, and how often each ran: which of them is the innermost one."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.costs.model import Loop
from graders.messages import M, clean
from graders.submission import Submission
from graders.submission.parsing import compiled

Lines = Mapping[tuple[int, int], int]
_LENIENCE = 1 / 3  # 3 -> 5 times is linear, 4 -> 6 is not
ELSEWHERE = -1  # the cell of lines of files beside the notebook
_COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LOOP = (ast.For, ast.While, ast.AsyncFor, *_COMPREHENSION)
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class _Place:
    """A loop or a function in a cell: its own lines, and in which loops it stands.

    `line` is that of the source, `lines` are those that the interpreter tells.
    """

    cell: int
    line: int
    lines: tuple[int, ...]  # that run once each time round
    around: tuple[int, ...]  # the loops around it, by where they stand in the list of all
    called: bool

    def runs(self, lines: Lines) -> int:
        return max((lines.get((self.cell, line), 0) for line in self.lines), default=0)


def order_of(before: int, after: int, factor: int) -> int:
    """0 where a count stays, 1 where it grows with the size, 2 with its square.

    The head of a loop runs once more than its body, and a loop over the input's positions runs a little
    more often for a longer filter: between these two lies the limit.
    """
    if before <= 0 or after <= before:
        return 0
    return math.floor(math.log(after / before) / math.log(factor) + _LENIENCE)


def loops_that_grow(
    submission: Submission, base: Lines, grown: Mapping[str, Lines], factor: int
) -> tuple[Loop, ...]:
    """The loops that run more often when a size grows, the innermost of the most nested first.

    A function that NumPy or Python calls again and again stands for the loop that nobody wrote.
    """
    places = _places(submission, {cell for cell, _ in base})
    orders = [_orders(place, base, grown, factor) for place in places]
    found = []
    for place, mine in zip(places, orders, strict=True):
        if not mine:
            continue
        outer = orders[place.around[-1]] if place.around else {}
        own = tuple(axis for axis in mine if mine[axis] > outer.get(axis, 0))
        source = submission.cell(place.cell).source.splitlines()
        text = source[place.line - 1].strip() if place.line <= len(source) else ""
        where = submission.place(place.cell, place.line)
        runs, depth = place.runs(base), len(place.around)
        found.append(
            Loop(
                place.cell, place.line, where, clean(text, 120), mine, own, runs, depth, place.called
            )
        )  # fmt: skip
    found += _elsewhere(base, grown, factor)
    found.sort(
        key=lambda loop: (
            -sum(loop.orders.values()), loop.called, -loop.depth, -loop.runs, loop.cell, -loop.line,
        )
    )  # fmt: skip
    return tuple(found)


def _elsewhere(base: Lines, grown: Mapping[str, Lines], factor: int) -> Iterator[Loop]:
    """The line that grows most in files that are no cells."""
    best: dict[str, int] = {}
    where = 0
    for cell, line in sorted(base):
        if cell == ELSEWHERE:
            orders = _orders(_Place(cell, line, (line,), (), True), base, grown, factor)
            if sum(orders.values()) > sum(best.values()):
                best, where = orders, line
    if best:
        place = M("a file beside the notebook, line {line}", line=where)
        runs = base[ELSEWHERE, where]
        yield Loop(ELSEWHERE, where, place, "", best, tuple(best), runs, 0, True)


def _orders(place: _Place, base: Lines, grown: Mapping[str, Lines], factor: int) -> dict[str, int]:
    before = place.runs(base)
    orders = {axis: order_of(before, place.runs(lines), factor) for axis, lines in grown.items()}
    return {axis: order for axis, order in orders.items() if order > 0}


def _places(submission: Submission, cells: set[int]) -> list[_Place]:
    found: list[_Place] = []
    for cell in submission.cells:
        tree = compiled(cell) if cell.index in cells else None
        if tree is not None:
            _collect(tree, cell.index, (), found)
    return found


def _collect(node: ast.AST, cell: int, around: tuple[int, ...], found: list[_Place]) -> None:
    for child in ast.iter_child_nodes(node):
        inside = around
        if isinstance(child, _LOOP):
            inside = (*around, len(found))
            found.append(_Place(cell, child.lineno, tuple(_own_lines(child)), around, False))
        elif isinstance(child, _FUNCTION):
            first = min([child.lineno, *(d.lineno for d in getattr(child, "decorator_list", ()))])
            found.append(_Place(cell, child.lineno, (first,), around, True))
            inside = ()
        _collect(child, cell, inside, found)


def _own_lines(loop: ast.AST) -> Iterator[int]:
    """The lines that run each time round, whatever is met there."""
    if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        head = loop.test if isinstance(loop, ast.While) else loop.iter
        yield loop.lineno
        yield head.lineno
    elif isinstance(loop, _COMPREHENSION):
        parts: Sequence[ast.AST] = (
            [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        )
        yield from {part.lineno for part in (*parts, loop) if hasattr(part, "lineno")}
        yield from {generator.target.lineno for generator in loop.generators}
