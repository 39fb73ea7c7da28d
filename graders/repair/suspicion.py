"""Which statements a wrong facet may come from: those that it ran through, the nearest first.

What ran is counted in the student's process, as for costs. Of two statements that ran, the one that
the wrong array is computed from is more suspect than one that only right arrays are computed from.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.binding.plans import LayerPlan, Programmer, upstream_for
from graders.cases import LayerCase
from graders.costs.counts import lines_of
from graders.edits.places import Function
from graders.repair.statements import statements_of
from graders.sandbox.session import Session
from graders.submission.trees import BLOCKS, last_name, own_lines

MAKE, FORWARD, BACKWARD = range(3)
_NEVER = 99  # steps from a statement to an array that is not computed from it


@dataclass(frozen=True)
class Suspect:
    """A statement, the more suspect the larger its score."""

    function: Function
    statement: ast.stmt
    around: ast.AST
    score: float


@dataclass(frozen=True)
class Ran:
    """Which lines (cell, line) each part of a layer ran through, and where it raised."""

    lines: Mapping[int, Collection[tuple[int, int]]]
    raised: tuple[int, int] | None = None

    def beside(self, other: Ran) -> Ran:
        """What either of two ran through."""
        both = {part: {*lines, *other.lines[part]} for part, lines in self.lines.items()}
        return Ran(both, self.raised or other.raised)


def ran_through(session: Session, plan: LayerPlan, case: LayerCase) -> Ran:
    """What making the layer, forward and backward run through."""
    programmer = Programmer(plan, case).make()
    for step in programmer.wire.steps:
        if step["do"] in ("make", "call"):
            step["count"] = ["lines", MAKE]
    programmer.forward(optional=True)
    programmer.wire.steps[-1]["count"] = ["lines", FORWARD]
    if plan.backward is not None:
        programmer.backward(upstream_for(plan, case), optional=True)
        programmer.wire.steps[-1]["count"] = ["lines", BACKWARD]
    outcome = session.run(programmer.wire.steps, programmer.wire.arrays, plan.as_of)
    lines = {part: frozenset(lines_of(outcome, part)) for part in (MAKE, FORWARD, BACKWARD)}
    error = outcome.error
    raised = None
    if error is not None and error.cell is not None and error.line is not None:
        raised = error.cell, error.line
    return Ran(lines, raised)


@dataclass(frozen=True)
class Wanted:
    """What an array of a layer is called where it comes to be: the way that it was read by."""

    facet: str
    path: tuple[str | int, ...]  # ("ret",), ("self", "dW"); empty where it was not found


def suspects(
    functions: Sequence[Function],
    ran: Ran,
    plan: LayerPlan,
    wrong: Sequence[Wanted],
    right: Sequence[Wanted],
) -> list[Suspect]:
    """The statements that ran, the most suspect first."""
    backward_only = all(w.facet not in ("forward", "shape") for w in wrong)
    parts = {MAKE: 1.0, FORWARD: 2.0, BACKWARD: 3.0} if backward_only else {
        MAKE: 1.5, FORWARD: 3.0, BACKWARD: 0.5}  # fmt: skip
    flow = _Flow(functions, {line for lines in ran.lines.values() for line in lines}, plan)
    far = flow.distances(wrong)
    spared = flow.distances(right)
    found = []
    for number, (function, statement, around) in enumerate(flow.statements):
        cell = function.cell
        mine = {(cell, line) for line in own_lines(statement)}
        score = max((s for part, s in parts.items() if mine & set(ran.lines[part])), default=0.0)
        if ran.raised is not None and ran.raised in mine:
            score += 4.0
        distance = far.get(number, _NEVER)
        if distance != _NEVER:
            score += 2.0 / (1 + distance)
            score += 1.0 if number not in spared else 0.0
        found.append(Suspect(function, statement, around, score))
    found.sort(key=lambda s: -s.score)  # stable: those of one score in the order of the text
    return found


class _Flow:
    """Which statement computes with what another one has computed, by names alone."""

    def __init__(
        self, functions: Sequence[Function], ran: Collection[tuple[int, int]], plan: LayerPlan
    ) -> None:
        self.statements: list[tuple[Function, ast.stmt, ast.AST]] = []
        self._plan = plan
        self._makers: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._uses: list[set[tuple[str, ...]]] = []
        for function in functions:
            cell = function.cell
            for statement, around in statements_of(function.node):
                if not any((cell, line) in ran for line in own_lines(statement)):
                    continue
                number = len(self.statements)
                self.statements.append((function, statement, around))
                stored, used = _stored_and_used(function, statement)
                for key in stored:
                    self._makers[key].append(number)
                self._uses.append(used | _of_blocks(function, around))

    def distances(self, wanted: Sequence[Wanted]) -> dict[int, int]:
        """By statement, from how far an array of these is computed from it."""
        level = [n for one in wanted for key in self._ends(one) for n in self._makers.get(key, ())]
        found: dict[int, int] = {}
        distance = 0
        while level:
            following: list[int] = []
            for number in level:
                if number not in found:
                    found[number] = distance
                    for key in sorted(self._uses[number]):
                        following += self._makers.get(key, ())
            level, distance = following, distance + 1
        return found

    def _ends(self, wanted: Wanted) -> list[tuple[str, ...]]:
        """Where the array is handed out."""
        plan = self._plan
        call = plan.forward if wanted.facet in ("forward", "shape", "repeat") else plan.backward
        if len(wanted.path) > 1 and wanted.path[0] == "self":
            return [("self", str(wanted.path[1]))]
        return [("returned", call.name)] if call is not None else []


def _of_blocks(function: Function, around: ast.AST) -> set[tuple[str, ...]]:
    """What a statement depends on by standing in a loop or branch."""
    if isinstance(around, ast.For):
        return _used(function, around.iter)
    return _used(function, around.test) if isinstance(around, ast.If | ast.While) else set()


def _stored_and_used(
    function: Function, statement: ast.stmt
) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    name = function.node.name
    stored: set[tuple[str, ...]] = set()
    used: set[tuple[str, ...]] = set()
    if isinstance(statement, ast.Return):
        stored.add(("returned", name))
    if isinstance(statement, ast.Expr):  # a call: it may change whatever it is given
        stored |= _used(function, statement.value)
    for node in _own_nodes(statement):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            stored |= _key(function, node)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            inner: ast.expr = node
            while isinstance(inner, ast.Subscript):
                inner = inner.value
            stored |= _key(function, inner)
        used |= _used_by(function, node)
    if isinstance(statement, ast.AugAssign):
        used |= stored
    return stored, used


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(statement):
        if name not in BLOCKS:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from ast.walk(part)


def _used(function: Function, node: ast.AST) -> set[tuple[str, ...]]:
    return {key for part in ast.walk(node) for key in _used_by(function, part)}


def _used_by(function: Function, node: ast.AST) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        found |= _key(function, node)
    if isinstance(node, ast.Call):
        found.add(("returned", last_name(node.func)))
    return found


def _key(function: Function, node: ast.AST) -> set[tuple[str, ...]]:
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id == function.this != "":
            return {("self", node.attr)}
        return set()
    if isinstance(node, ast.Name):
        return {(str(function.cell), function.owner, function.node.name, node.id)}
    return set()
