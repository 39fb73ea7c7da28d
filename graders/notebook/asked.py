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


@dataclass(frozen=True)
class Asked:
    """Items by id, none for all; and fields of a `Request`."""

    items: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """No exit: this process goes on."""
        raise UsageError(f"%{self.prog}: {message}")


class Memory:
    """Reads lines, and remembers what holds for the questions that follow: sprint, language and the like."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._found = ""

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
        if "course" in told and "sprint" not in told:
            self._kept.pop("sprint", None)
        if "sprint" in told and "course" not in told:
            self._kept.pop("course", None)
        self._kept.update({name: told[name] for name in _KEPT if name in told})
        found = {"sprint": self._found} if self._found and "course" not in self._kept else {}
        return Asked(tuple(given["items"]), {**found, **self._kept, **told})

    def found(self, sprint: str) -> None:
        """The sprint of what was asked for last: that of a question that names none."""
        self._found = sprint
