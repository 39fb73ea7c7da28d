"""What a class is made of: plain data that discovery fills and everything else reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from graders.messages import Message

Status = Literal["graded", "unreadable", "aside", "quarantined"]
"""What became of a submission: it has a report; it can't be read; it is another sprint's and was put
aside; it ended its worker three times."""

MAX_DEATHS = 3


@dataclass(frozen=True)
class Student:
    """Who handed in, as far as the names of the files say. `number`: the system's own."""

    name: str
    number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Part:
    """One file of a submission: `name` inside it, and where its content is.

    `member` is the name inside the archive `path`, "" for a file on the disk.
    """

    name: str
    path: Path
    member: str = ""


@dataclass(frozen=True)
class Handed:
    """One submission: graded where it lies (`whole`), or laid out from its `parts` first.

    `refused`: why there is nothing in it to grade; it has a row in the class all the same. `late`,
    `attempt`: as the learning system says; 0 where it does not count attempts. `submitted`: when it was
    handed in, as `graders.times.kept` has it; "" where that is not known.
    """

    id: str
    shown: str
    student: Student
    whole: Path | None = None
    parts: tuple[Part, ...] = ()
    refused: Message | None = None
    late: bool = False
    attempt: int = 0
    submitted: str = ""

    def task(self, items: list[str] | None = None) -> dict[str, Any]:
        """What a worker is told about it. `items`: those to judge, None for all."""
        return {
            "items": items,
            "id": self.id,
            "shown": self.shown,
            "whole": None if self.whole is None else str(self.whole),
            "parts": [[p.name, str(p.path), p.member] for p in self.parts],
        }


@dataclass(frozen=True)
class Found:
    """A class: its submissions, the layout that was recognised, and what was left out."""

    handed: tuple[Handed, ...]
    layout: str
    notes: tuple[str, ...] = field(default=())
