"""Which of its classes and functions a notebook goes on with: those that its later code uses.

A name may be defined several times; which definition a use means is told by when it runs: the last
one before it. What stands in a class or function runs when that is used.
"""

from __future__ import annotations

import ast
import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.binding.definitions import Definition, statements_in
from graders.submission import Section, Submission
from graders.submission.parsing import compiled, every_node

_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_MOST = 20_000  # steps from use to use


@dataclass(frozen=True)
class _Statement:
    """One statement: when it runs, and the names that it reads."""

    moment: int
    section: Section
    names: tuple[str, ...]


class Uses:
    """For each definition the last moment at which the notebook goes on with it.

    A notebook goes on with what it uses in another section than the one where it is defined, or in a
    class; what is tried out right below its definition is not gone on with by that.
    """

    def __init__(self, submission: Submission, definitions: Sequence[Definition]) -> None:
        self._bound: dict[str, tuple[list[int], list[Definition | None]]] = {}
        self._inside: dict[Definition, _Statement] = {}
        self._last: dict[Definition, int] = {}
        self._users: dict[Definition, set[Definition]] = defaultdict(set)
        self._read(submission, definitions)

    def last(self, definition: Definition) -> int:
        """When the notebook last goes on with it; -1 if it never does."""
        if definition.kind == "pair":
            return max(
                (self._last.get(d, -1) for d in self._last if _is_of(d, definition)), default=-1
            )
        return self._last.get(definition, -1)

    def is_helper(self, definition: Definition, other: Definition) -> bool:
        """True if the other one's own body uses it: a function that a class of that name calls."""
        users = (
            users for d, users in self._users.items()
            if d == definition or _is_of(d, definition)
        )  # fmt: skip
        return any(user == other or _is_of(user, other) for one in users for user in one)

    def _read(self, submission: Submission, definitions: Sequence[Definition]) -> None:
        waiting: dict[int, dict[str, list[Definition]]] = defaultdict(lambda: defaultdict(list))
        for definition in definitions:
            waiting[definition.cell][_key(definition.name)].append(definition)
        plain: list[_Statement] = []
        moment = 0
        for cell in submission.cells:
            tree = compiled(cell)
            for statement in statements_in(tree.body if tree is not None else []):
                moment += 1
                names = tuple(dict.fromkeys(_reads(statement)))
                here = _Statement(moment, cell.section, names)
                for name, value in _binds(statement):
                    found = waiting[cell.index][name]
                    meant = found.pop(0) if found else self._meant(value, moment)
                    self._bind(name, moment, meant)
                    if meant is not None and isinstance(statement, _DEFINES):
                        self._inside[meant] = here
                if not isinstance(statement, (*_DEFINES, ast.If, ast.Try, ast.With)):
                    plain.append(here)
            for name, left in waiting[cell.index].items():  # in another class, in a companion
                for definition in left:
                    self._bind(name, moment, definition)
        self._follow(plain)

    def _bind(self, name: str, moment: int, definition: Definition | None) -> None:
        if definition is not None or name in self._bound:
            moments, meant = self._bound.setdefault(name, ([], []))
            moments.append(moment)
            meant.append(definition)

    def _follow(self, plain: Sequence[_Statement]) -> None:
        """From what runs to what that uses, and so on; then what nothing runs, where it stands."""
        seen: set[tuple[Definition, int]] = set()
        steps: list[tuple[_Statement, int, Definition | None]] = [
            (s, s.moment, None) for s in plain
        ]
        for number in range(_MOST):
            if number == len(steps):
                run = {d for d, _ in seen}
                rest = [(s, s.moment, d) for d, s in self._inside.items() if d not in run]
                steps += [r for r in rest if r[2] is not None and (r[2], r[1]) not in seen]
                seen |= {(d, at) for _, at, d in rest}
                if number == len(steps):
                    return
            statement, moment, within = steps[number]
            for name in statement.names:
                used = self._meant(name, moment)
                if used is None or used == within:
                    continue
                if within is not None:
                    self._users[used].add(within)
                in_class = within is not None and within.kind == "class"
                if in_class or statement.section != used.section:
                    self._last[used] = max(self._last.get(used, -1), moment)
                if (used, moment) not in seen:
                    seen.add((used, moment))
                    if used in self._inside:
                        steps.append((self._inside[used], moment, used))

    def _meant(self, name: str, moment: int) -> Definition | None:
        """What a name stands for at that moment: the last binding before it, else the first one."""
        if name not in self._bound:
            return None
        moments, meant = self._bound[name]
        return meant[max(bisect.bisect_left(moments, moment) - 1, 0)]


def _is_of(definition: Definition, pair: Definition) -> bool:
    return pair.cells.get(definition.name) == definition.cell


def _key(name: str) -> str:
    """A class of a class or of a module is known by its last name, after a dot."""
    _, dot, last = name.rpartition(".")
    return dot + last


def _binds(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """(name, the other name that it then stands for, if it is one)."""
    if isinstance(statement, _DEFINES):
        yield statement.name, ""
    elif isinstance(statement, ast.Assign):
        value = statement.value.id if isinstance(statement.value, ast.Name) else ""
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, value
    elif isinstance(statement, ast.ImportFrom):
        yield from ((alias.asname or alias.name, "") for alias in statement.names)


def _reads(statement: ast.stmt) -> Iterator[str]:
    """Names that are read; of a class not those that it is made from."""
    parts: list[ast.AST] = [statement]
    if isinstance(statement, ast.ClassDef):
        parts = list(statement.body)
    for part in parts:
        for node in every_node(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield "." + node.attr
