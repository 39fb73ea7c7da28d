"""Decisions and the marks that come of them: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from graders.ledger.late import Lateness
from graders.ledger.rubric import Criterion, Rubric

Kind = Literal[
    "points", "criteria", "back", "floor", "worth", "rubric", "comment", "undo", "late", "extension"
]  # fmt: skip
"""What was decided: the points of an item; which criteria of its rubric are met; back to what the grader gives; no less than so many as long as
the files stay (``regrade --never-lower``); what an item is worth for the whole class; by which rubric it is graded; only a comment; an earlier decision counts no more;
when the whole class has to hand in, and what is taken off afterwards; a student's own date."""

CLASS_WIDE: frozenset[Kind] = frozenset(("worth", "rubric", "late"))
"""Kinds that are about everybody."""

GIVING: frozenset[Kind] = frozenset(("points", "criteria"))
"""Kinds by which a person gives an item points."""


@dataclass(frozen=True)
class Who:
    """Whose something is. `id` is the row's name; what the learning system says goes before it, since
    ids change with the names of files.
    """

    id: str
    number: str = ""
    email: str = ""

    def is_same(self, other: Who) -> bool:
        """True if both are of one student."""
        for mine, theirs in ((self.number, other.number), (self.email, other.email)):
            if mine and theirs:
                return mine.casefold() == theirs.casefold()
        return self.id == other.id


@dataclass(frozen=True)
class Decision:
    """One decision. `item` is "" where it is about the whole submission, `who.id` where it is about the
    whole class. `files`, `key`: what had been handed in, and the grading that counted, when it was made.
    `takes_back`: the number of the decision that an "undo" is about, else 0. `terms`: of "late" a `LateRule`, of
    "extension" the date, in ISO 8601; "" where there is none any more;
    of "rubric" and "criteria" a `Rubric` and what was `Judged` by it, whose points were `points` then.
    """

    number: int
    at: str
    by: str
    who: Who
    sprint: str
    item: str
    kind: Kind
    points: float | None = None
    reason: str = ""
    comment: str = ""
    files: str = ""
    key: str = ""
    takes_back: int = 0
    terms: str = ""


@dataclass(frozen=True)
class Graded:
    """What the grader says of an item. `most` is 0 where it does not count."""

    id: str
    status: str
    points: float
    most: float
    required: bool = True


@dataclass(frozen=True)
class ItemMark:
    """The mark of an item that counts. `by`: the person's decision behind it, if there is one."""

    graded: Graded
    points: float
    most: float
    counts: bool  # in the sum
    by: Decision | None = None
    floor: Decision | None = None
    comments: tuple[Decision, ...] = ()
    outdated: bool = False  # something else was handed in since the decision
    rubric: Rubric | None = None  # by which a person may give points
    met: tuple[Criterion, ...] = ()  # criteria as they are now
    adjusted: float = 0.0  # points on top of them

    @property
    def waits(self) -> bool:
        """True if it has points that only a person can give, and none has."""
        return self.graded.status == "manual" and self.most > 0 and self.by is None

    @property
    def changed(self) -> bool:
        """True if it isn't what the grader says."""
        return self.by is not None or self.points != self.graded.points


@dataclass(frozen=True)
class Marks:
    """The marks of one submission. `known`: there are any (it was graded, or a person gave points).

    `earned`: the sum of the items; `score`: what of it counts after what was taken off for being late.
    """

    items: Mapping[str, ItemMark] = field(default_factory=dict)
    earned: float = 0.0
    max_score: float = 0.0
    known: bool = False
    comments: tuple[Decision, ...] = ()  # on the whole
    lateness: Lateness | None = None  # None where nothing is due

    @property
    def taken_off(self) -> float:
        """The points that being late costs."""
        late = self.lateness
        return late.taken(self.earned, self.max_score) if late is not None and self.known else 0.0

    @property
    def score(self) -> float:
        """The mark that counts."""
        return round(self.earned - self.taken_off, 9)

    @property
    def late(self) -> dict[str, Any] | None:
        """When it was due and handed in and what that costs, as plain data; None where nothing is due."""
        late = self.lateness
        return late.told(self.taken_off) if late is not None and self.known else None

    def with_items(self, items: Mapping[str, ItemMark], earned: float) -> Marks:
        """The same with other items, whose sum is `earned`."""
        return replace(self, items=items, earned=round(earned, 9))

    @property
    def share(self) -> float:
        """Score over what can be had, from 0 on."""
        return self.score / self.max_score if self.max_score else 0.0

    @property
    def decided(self) -> dict[str, ItemMark]:
        """The items that are not as they were graded."""
        return {name: mark for name, mark in self.items.items() if mark.changed}

    @property
    def waiting(self) -> list[str]:
        """The items that wait for a person."""
        return [name for name, mark in self.items.items() if mark.waits]

    @property
    def outdated(self) -> list[str]:
        """The items that a person decided before something else was handed in."""
        return [name for name, mark in self.items.items() if mark.outdated]

    @property
    def spoken(self) -> bool:
        """True if there is something in it that the grading does not say."""
        said = any(m.changed or m.comments or m.most != m.graded.most for m in self.items.values())
        return said or bool(self.comments) or bool(self.late and self.late["days"])


@dataclass(frozen=True)
class Published:
    """What a student was told once, by `scratchgrade publish`."""

    who: Who
    score: float
    max_score: float
    known: bool
    files: str
    items: Mapping[str, float]


@dataclass(frozen=True)
class Sent:
    """A mark that was about to be entered in a learning system, or (`done`) was. `place`: the assignment
    there; `account`: the system's own number of the student.
    """

    place: str
    account: str
    who: Who
    mark: float
    by: str
    done: bool = False
    at: str = ""


@dataclass(frozen=True)
class Publication:
    """When marks were handed out, by whom, with which words."""

    number: int
    at: str
    by: str
    note: str
