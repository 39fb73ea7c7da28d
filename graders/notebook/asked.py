"""What a line of a magic asks for: items and options, those of the command line."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from graders.errors import UsageError
from graders.options import OPTIONS, fields

_TAKEN = (
    "sprint", "course", "insist_sprint", "language", "feedback", "specs", "plugin", "policy", "overrides",
    "strict", "cost", "repair", "student_python", "budget", "mnist", "seed",
)  # fmt: skip
_KEPT = (
    "sprint",
    "course",
    "language",
    "specs",
    "plugin",
    "policy",
)  # for the questions that follow
_OTHERS = {"specs", "plugin"}  # they bring other sprints


@dataclass(frozen=True)
class Asked:
    """Items by id, none for all; and fields of a `Request`: those of the line itself, `told`, and those that
    earlier ones left.
    """

    items: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """No exit: this process goes on."""
        raise UsageError(f"%{self.prog}: {message}")


class Memory:
    """Reads lines, and remembers what holds for the questions that follow: sprint, language and the like."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._found = self._finding = ""

    def read(self, what: str, line: str) -> Asked:
        """What a line asks for.

        Raises:
            UsageError: it can't be read.
        """
        parser = _Parser(prog=what, add_help=False, argument_default=argparse.SUPPRESS)
        parser.add_argument("items", nargs="*", default=[])
        for option in OPTIONS:
            if option.field in _TAKEN:
                keywords = {k: v for k, v in option.keywords.items() if k != "default"}
                parser.add_argument(option.flag, **keywords)
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%{what}: {error}") from error
        given = vars(parser.parse_args(words))
        told = fields(given)
        kept = self._with(told)
        goes_on = self._found and "course" not in kept and not told.keys() & _OTHERS
        found = {"sprint": self._found} if goes_on else {}
        self._finding = ""
        return Asked(tuple(given["items"]), {**found, **kept, **told}, told)

    def found(self, sprint: str) -> None:
        """The sprint of what is asked for: that of a later question that names none."""
        self._finding = sprint

    def keep(self, asked: Asked) -> None:
        """It was answered: what it said holds from now on. What came to nothing is forgotten."""
        self._kept = self._with(asked.told)
        if asked.told.keys() & _OTHERS:
            self._found = ""
        self._found = self._finding or self._found

    def _with(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """What holds, with what a line says; a course is one of sprints, and neither names the other's."""
        kept = dict(self._kept)
        if "course" in told and "sprint" not in told:
            kept.pop("sprint", None)
        if "sprint" in told and "course" not in told:
            kept.pop("course", None)
        return {**kept, **{name: told[name] for name in _KEPT if name in told}}
