"""Edits, and what they are found to repair: plain data."""

from __future__ import annotations

from dataclasses import dataclass

from graders.edits.places import Function
from graders.messages import Message
from graders.submission.exchanging import Exchange


@dataclass(frozen=True)
class Kind:
    """A kind of slip, as a sentence names it: "look at {kind}"."""

    id: str
    says: Message


@dataclass(frozen=True, eq=False)
class Edit:
    """One small change of one function, or the same change at several places of it (twins).

    `line`: of the cell, where it begins. `sign`: how it changes, apart from what. `rank`: 0 for what
    exchanges something that is there, more for what puts something in.
    """

    kind: Kind
    function: Function
    line: int
    exchanges: tuple[Exchange, ...]
    sign: str
    rank: int = 0
    also: tuple[int, ...] = ()  # the further lines of twins

    @property
    def place(self) -> tuple[int, int]:
        """The cell and the line."""
        return self.function.cell, self.line

    @property
    def lines(self) -> tuple[int, ...]:
        """Every line that it changes."""
        return (self.line, *self.also)

    def step(self) -> dict[str, object]:
        """The step that makes it, for one program of the student's process."""
        function = self.function
        return {
            "do": "edit", "of": list(function.found_by), "method": function.method,
            "source": function.source(self.exchanges), "names": list(function.names),
        }  # fmt: skip

    def before_and_after(self) -> tuple[str, str]:
        """The line as it is and as it would be."""
        return self.function.lines_around(self.exchanges)


@dataclass(frozen=True)
class Repair:
    """Edits that were proved: with any one of them alone the facets come out right.

    One edit, or two in different lines between which nothing decides.
    """

    facets: tuple[str, ...]
    edits: tuple[Edit, ...]
    sentence: Message
    hint: Message  # what of it may be told where the code must not be given away
