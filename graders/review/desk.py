"""The class that is looked at, and what is decided about it: all in one thread, through one connection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graders.batch.outputs import similar, sprints_of
from graders.batch.outputs.summary import ItemCount, Summary, summarised
from graders.batch.run import noted_request
from graders.batch.store import Row, Store
from graders.course import marking, regrading, rubrics
from graders.course.impact import StudentChange, counted, ordered, spoken
from graders.course.marking import Wish
from graders.course.rubrics import Finding
from graders.errors import UsageError
from graders.ledger.model import Decision, ItemMark
from graders.ledger.model import Kind as DecisionKind
from graders.ledger.rubric import Criterion, Rubric, Way
from graders.messages import Language, M
from graders.review.bank import Bank, Entry
from graders.review.door import Keys
from graders.review.handed import Shelf
from graders.review.numbers import Measure, measured
from graders.specs import ItemSpec

_KEY = 12
SHOWN = 60  # students of a re-grade on its page: all are in impact.html
# All that of a class's rows can change without a decision.
_ROLL = (
    "SELECT id, key, shown, name, number, email, late, attempt, submitted, class.files FROM class "
    "JOIN results USING (id, key) ORDER BY position"
)
_FEW = 20  # decisions, above which all rows are read anew
_OF_ONE: tuple[DecisionKind, ...] = (
    "points", "criteria", "back", "floor", "comment", "undo", "extension",
)  # fmt: skip


class Gone(Exception):
    """What an address stands for is not there (any more)."""


@dataclass(frozen=True)
class Problem:
    """An item of a sprint of the class. `number`: its place among all of them, from 1."""

    handle: str
    number: int
    sprint: str
    id: str
    title: str


@dataclass(frozen=True)
class Standing:
    """How an item went. `waiting`: for how many a person has to decide; `most`: what it is worth."""

    problem: Problem
    count: ItemCount
    measure: Measure
    waiting: int
    manual: bool
    most: float

    @property
    def unpriced(self) -> bool:
        """True if only a person can give points, and it is not said how many there are."""
        return self.manual and not self.most


@dataclass(frozen=True)
class Place:
    """A student's work on an item among all of the class. `next_waiting`: of those that wait for a person."""

    row: Row
    mark: ItemMark
    number: int
    total: int
    before: str
    after: str
    next_waiting: str
    waiting: int


class Seen:
    """The class at one moment; what is computed from it is computed once, and what of the one `before` holds
    still is taken over: a decision changes the marks of one student.
    """

    def __init__(self, desk: Desk, state: tuple[int, int], before: Seen | None) -> None:
        self.state = state
        self._desk = desk
        self._roll = list(desk.store.read(_ROLL))
        decisions = desk.store.ledger.decisions()
        self._last = max((d.number for d in decisions), default=0)
        self.rows: list[Row] = self._rows(decisions, before)
        self.rows_by_handle = {desk.keys.handle("student", row.id): row for row in self.rows}

    def _rows(self, decisions: list[Decision], before: Seen | None) -> list[Row]:
        store = self._desk.store
        if before is None or before._roll != self._roll:
            return list(store.rows())
        new = [d for d in decisions if d.number > before._last]
        if len(new) > _FEW or any(d.kind not in _OF_ONE for d in new):
            return list(store.rows())
        return [
            store.row(row.id) if any(d.who.is_same(row.who) for d in new) else row
            for row in before.rows
        ]

    @cached_property
    def whole(self) -> Summary:
        """The class in numbers, in the language of the pages."""
        return summarised(self.rows, self._desk.sprints, self._desk.language)

    @cached_property
    def problems(self) -> dict[str, Problem]:
        """The items of the class's sprints by their handles."""
        found: dict[str, Problem] = {}
        here = {row.sprint for row in self.rows if row.status == "graded"}
        for name, sprint in self._desk.sprints.items():
            for spec in sprint.items if name in here else ():
                handle = self._desk.keys.handle("item", name, spec.id)
                title = spec.title.in_language(self._desk.language)
                found[handle] = Problem(handle, len(found) + 1, name, spec.id, title)
        return found

    @cached_property
    def standings(self) -> list[Standing]:
        """How each item went."""
        counts = {(count.sprint, count.id): count for count in self.whole.items}
        measures = {
            sprint: measured(
                [row for row in self.rows if row.sprint == sprint],
                [p.id for p in self.problems.values() if p.sprint == sprint],
            )
            for sprint in self.whole.sprints
        }
        found = []
        for one in self.problems.values():
            marks = [mark for _, _, mark in self.of(one)]
            found.append(
                Standing(
                    one, counts[one.sprint, one.id], measures[one.sprint][one.id],
                    sum(m.waits for m in marks), any(m.graded.status == "manual" for m in marks),
                    max((m.most for m in marks), default=0.0),
                )
            )  # fmt: skip
        return found

    @cached_property
    def _ordered(self) -> list[tuple[str, Row]]:
        """Students in an order that tells nothing of their names."""
        return sorted(self.rows_by_handle.items())

    def of(self, problem: Problem) -> list[tuple[str, Row, ItemMark]]:
        """Who has the problem, in the order in which they are gone through."""
        return [
            (handle, row, mark) for handle, row in self._ordered
            if row.sprint == problem.sprint and (mark := row.marks.items.get(problem.id)) is not None
        ]  # fmt: skip

    def place(self, problem: Problem, handle: str) -> Place:
        """Where a student stands among those with a problem. Raises `Gone`."""
        all_ = self.of(problem)
        at = next((i for i, (name, _, _) in enumerate(all_) if name == handle), None)
        if at is None:
            raise Gone
        around = [*all_[at + 1 :], *all_[:at]]
        waiting = [name for name, _, mark in around if mark.waits]
        return Place(
            all_[at][1], all_[at][2], at + 1, len(all_), all_[at - 1][0] if at else "",
            all_[at + 1][0] if at + 1 < len(all_) else "", waiting[0] if waiting else "",
            sum(mark.waits for _, _, mark in all_),
        )  # fmt: skip

    def first(self, problem: Problem) -> str:
        """With whom to begin: who waits for a person, else the first; "" where nobody has it."""
        all_ = self.of(problem)
        waiting = [name for name, _, mark in all_ if mark.waits]
        return (waiting or [name for name, _, _ in all_] or [""])[0]


@dataclass(frozen=True)
class Said:
    """What a person wants for an item, as a form has it; `seen` is `Desk.seen_of` of the page."""

    points: str = ""
    reason: str = ""
    comment: str = ""
    bank: tuple[str, ...] = ()
    seen: str = ""
    adjusted: str = ""  # points on top of the criteria of a rubric


@dataclass(frozen=True)
class Edit:
    """What a form does to a rubric: "add", "change" or "delete" a criterion, another "way", or what was "before"
    the last change.
    """

    what: str
    id: str = ""
    points: str = ""
    ja: str = ""
    en: str = ""
    way: str = ""


@dataclass(frozen=True)
class Revision:
    """A rubric that is to take the place of an item's, as it was `seen`, and for whom it would change points."""

    rubric: Rubric
    seen: int
    changes: list[StudentChange]


@dataclass(frozen=True)
class Proposed:
    """Another grading of the class that counts nothing yet. `total`, `done`: how many are graded again, and have
    been; `changes`: all of them; `shown`: those with the largest losses, with the sentences of both gradings.
    """

    proposal: regrading.Proposal
    total: int
    done: int
    changes: list[StudentChange]
    shown: list[StudentChange]


class Desk:
    """A graded class to be looked at and decided on. It is made and used in one thread.

    Raises:
        GraderError: the class can't be used.
    """

    def __init__(self, folder: Path, store: Store, keys: Keys, language: Language, by: str) -> None:
        self.folder, self.store, self.keys = folder, store, keys
        self.language, self.by = language, by
        self.sprints = sprints_of(store, noted_request(store))
        self.shelf = Shelf(store)
        self._bank = Bank(store)
        self._seen: Seen | None = None
        self._alike: tuple[int, list[similar.Shown]] | None = None
        self._proposed: tuple[tuple[tuple[int, int], bool], Proposed] | None = None

    def seen(self) -> Seen:
        """The class as it stands now."""
        state = self.store.state()
        if self._seen is None or self._seen.state != state:
            self._seen = Seen(self, state, self._seen)
        return self._seen

    def spec(self, problem: Problem) -> ItemSpec | None:
        """What the problem asks for."""
        sprint = self.sprints.get(problem.sprint)
        return next((i for i in sprint.items if i.id == problem.id), None) if sprint else None

    def report(self, row: Row) -> dict[str, Any]:
        """A student's report, with what people decided."""
        return self.store.shown_report(row)

    def alike(self) -> list[similar.Shown]:
        """Groups of near-identical code; found once for each state of the class's gradings."""
        state = hash(tuple((row.id, row.key) for row in self.seen().rows))
        if self._alike is None or self._alike[0] != state:
            starter = self.store.noted("starter")
            groups = similar.found(self.store, Path(starter) if starter else None)
            self._alike = state, list(similar.shown(self.store, groups))
        return self._alike[1]

    def entries(self, row: Row, problem: Problem, report: dict[str, Any]) -> dict[str, Entry]:
        """The comments to choose from, by what stands for them in a form."""
        found = self._bank.entries(
            row, report, problem.id, self.seen().rows, self.store.ledger.decisions()
        )
        return {self.keys.handle("comment", one.text): one for one in found}

    # -- decisions ---------------------------------------------------------------------------

    def about(self, row: Row, item: str) -> list[Decision]:
        """What was decided about a student's work on an item, the last one last."""
        return [d for d in self.store.marking().about(row.who) if d.item == item]

    def seen_of(self, row: Row, item: str) -> str:
        """What a page shows of an item: another text when it was graded or decided otherwise since."""
        last = max((d.number for d in self.about(row, item)), default=0)
        return f"{row.key[:_KEY]}-{last}-{self.store.marking().rubric_number(row.sprint, item)}"

    def decide(self, place: Place, problem: Problem, said: Said) -> Decision:
        """Keep what a person decided.

        Raises:
            UsageError: it can't be decided, and why.
            GraderError: it could not be kept.
        """
        row, item = place.row, problem.id
        self._check(row, item, said.seen)
        entries = self._chosen_from(row, problem, said)
        comment = _comment(said, entries)
        points = _number(said.points)
        same = points == place.mark.points and not (place.mark.waits or place.mark.outdated)
        if points is not None and same:
            points = None  # as it stood in the form: nobody decides what is so already
        manual = place.mark.graded.status == "manual"
        if points is not None and not said.reason.strip() and not manual:
            raise UsageError(
                M("the grader gave {points} points: say why they change",
                  points=f"{place.mark.graded.points:g}")
            )  # fmt: skip
        if points is None and not comment:
            raise UsageError(M("nothing was changed: give other points, or a comment"))
        wish = Wish(item, points, False, said.reason, comment)
        return self._keep(marking.decision(self.store, row, wish, self.by))

    def _chosen_from(self, row: Row, problem: Problem, said: Said) -> dict[str, Entry]:
        """The comments that a form may have chosen from, if it chose any."""
        entries = self.entries(row, problem, self.report(row)) if said.bank else {}
        if not entries.keys() >= set(said.bank):
            raise UsageError(M("a comment that was chosen is not among them any more; look again"))
        return entries

    def toggle(self, place: Place, problem: Problem, said: Said, which: str) -> Decision:
        """Apply a criterion, or remove it where it is met; `which`: its id, or its number in the rubric. What
        else the form has is kept with it. Raises as `decide`.
        """
        row, item = place.row, problem.id
        self._check(row, item, said.seen)
        criteria = self.rubric(problem).criteria
        number = int(which) if which.isascii() and which.isdigit() and len(which) < 4 else 0
        ids = [one.id for one in criteria]
        id_ = ids[number - 1] if 1 <= number <= len(ids) else which
        if id_ not in ids:
            raise UsageError(
                M("there is no criterion {id} in the rubric of this problem (any more)", id=which)
            )
        found = rubrics.toggled(row, item, id_)
        met = found.met if found is not None else frozenset()
        return self._judge(place, problem, said, met)

    def none_met(self, place: Place, problem: Problem, said: Said) -> Decision:
        """Say that no criterion is met, which is a finding, too. Raises as `decide`."""
        self._check(place.row, problem.id, said.seen)
        return self._judge(place, problem, said, frozenset(), True)

    def adjust(self, place: Place, problem: Problem, said: Said) -> Decision | None:
        """Keep other points on top of the criteria, or a comment; None where a form has neither. Raises as
        `decide`.
        """
        self._check(place.row, problem.id, said.seen)
        if self._adjusted(place, said) == place.mark.adjusted:
            comment = _comment(said, self._chosen_from(place.row, problem, said))
            if not comment:
                return None
            wish = Wish(problem.id, None, False, said.reason, comment)
            return self._keep(marking.decision(self.store, place.row, wish, self.by))
        return self._judge(place, problem, said, frozenset(one.id for one in place.mark.met))

    def _adjusted(self, place: Place, said: Said) -> float:
        found = _number(said.adjusted)
        return 0.0 if found is None else found

    def _judge(
        self, place: Place, problem: Problem, said: Said, met: frozenset[str], none: bool = False
    ) -> Decision:
        row, item = place.row, problem.id
        comment = _comment(said, self._chosen_from(row, problem, said))
        adjusted, reason = self._adjusted(place, said), said.reason
        if not met and not adjusted and not none:  # nothing is left: it waits again
            wish = Wish(item, None, True, reason, comment)
            return self._keep(marking.decision(self.store, row, wish, self.by))
        found = Finding(item, met, adjusted, reason, comment)
        return self._keep(rubrics.judged(self.store, row, found, self.by))

    def back(self, place: Place, problem: Problem, said: Said) -> Decision:
        """Let the grader's points count again. Raises as `decide`."""
        self._check(place.row, problem.id, said.seen)
        if place.mark.by is None:
            raise UsageError(M("these are the grader's points already"))
        wish = Wish(problem.id, None, True, said.reason, said.comment)
        return self._keep(marking.decision(self.store, place.row, wish, self.by))

    def undo(self, place: Place, problem: Problem, number: int) -> Decision:
        """Take the last decision back, which is this one. Raises as `decide`."""
        item = problem.id
        return self._keep(marking.undo(self.store, place.row, item, self.by, number))

    def last(self, row: Row, item: str) -> Decision | None:
        """The decision about an item that `undo` would take back."""
        try:
            return self._decision(marking.undo(self.store, row, item, self.by).takes_back)
        except UsageError:
            return None

    def worth(self, problem: Problem, points: str) -> Decision:
        """Say what an item without points is worth for the class. Raises as `decide`."""
        value = _number(points)
        if value is None:
            raise UsageError(M("{points}: no number of points", points=points))
        return self.store.ledger.add(marking.worth(self.store, problem.id, value, self.by))[0]

    # -- grading again -----------------------------------------------------------------------

    def proposed(self, never_lower: bool) -> Proposed | None:
        """What another grading that `scratchgrade regrade` has made would change; None where there is none."""
        found = regrading.standing(self.store)
        if found is None:
            return None
        total, done = found.graded.store.counts()
        if done < total:
            return Proposed(found, total, done, [], [])
        state = self.store.state()
        if self._proposed is None or self._proposed[0] != (state, never_lower):
            changes = counted(self.seen().rows, found.graded.store, never_lower)
            shown = [
                spoken(self.store, found.graded.store, one) for one in ordered(changes)[:SHOWN]
            ]
            self._proposed = (state, never_lower), Proposed(found, total, done, changes, shown)
        return self._proposed[1]

    def renew(self) -> None:
        """The class was graded by other rules."""
        self.sprints = sprints_of(self.store, noted_request(self.store))
        self._seen = None

    # -- rubrics -----------------------------------------------------------------------------

    def rubric(self, problem: Problem) -> Rubric:
        """The rubric of a problem as it is now."""
        return rubrics.rubric_of(self.store, problem.sprint, problem.id)

    def rubric_number(self, problem: Problem) -> int:
        """The decision that laid it down; another one when it was changed since."""
        return self.store.marking().rubric_number(problem.sprint, problem.id)

    def revision(self, problem: Problem, edit: Edit, seen: str) -> Revision:
        """What a form makes of a rubric, and for whom it would change points; nothing is kept yet.

        Raises:
            UsageError: somebody changed the rubric meanwhile, or it can't be, and why.
        """
        number = self.rubric_number(problem)
        if seen != str(number):
            raise UsageError(
                M("somebody changed this rubric meanwhile: look at it, then change it once more")
            )
        rubric = self._edited(problem, edit)
        decision = rubrics.revised(problem.sprint, problem.id, rubric, self.by)
        return Revision(rubric, number, rubrics.changes(self.store, [decision]))

    def _edited(self, problem: Problem, edit: Edit) -> Rubric:
        rubric = self.rubric(problem)
        if edit.what == "way":
            if edit.way not in [way.value for way in Way]:
                raise UsageError(M("say which way criteria count"))
            return Rubric(Way(edit.way), rubric.criteria)
        if edit.what == "before":
            return self.earlier(problem) or rubric
        known = [one.id for one in rubric.criteria]
        if edit.what == "add":
            id_ = next(rubrics.fresh_ids(self.store, problem.sprint, problem.id))
            return Rubric(rubric.way, (*rubric.criteria, _criterion(id_, edit)))
        if edit.id not in known:
            raise UsageError(
                M("there is no criterion {id} in the rubric of this problem (any more)", id=edit.id)
            )
        at = known.index(edit.id)
        new = () if edit.what == "delete" else (_criterion(edit.id, edit),)
        return Rubric(rubric.way, (*rubric.criteria[:at], *new, *rubric.criteria[at + 1 :]))

    def earlier(self, problem: Problem) -> Rubric | None:
        """The rubric that the last change took the place of; None where there was no change."""
        all_ = [
            Rubric.of(d.terms) for d in self.store.ledger.decisions()
            if d.kind == "rubric" and (d.sprint, d.item) == (problem.sprint, problem.id)
        ]  # fmt: skip
        return (all_[-2] if len(all_) > 1 else Rubric()) if all_ else None

    def revise(self, problem: Problem, revision: Revision) -> Decision:
        """Lay a rubric down. Raises GraderError if it could not be kept."""
        return self._keep(rubrics.revised(problem.sprint, problem.id, revision.rubric, self.by))

    def kept(self, number: int) -> tuple[str, Decision] | None:
        """A decision by its number, and the handle of whom it is about."""
        one = self._decision(number)
        if one is None:
            return None
        found = [h for h, row in self.seen().rows_by_handle.items() if one.who.is_same(row.who)]
        return (found[0] if found else "", one)

    def _decision(self, number: int) -> Decision | None:
        return next((d for d in self.store.ledger.decisions() if d.number == number), None)

    def _check(self, row: Row, item: str, seen: str) -> None:
        if seen != self.seen_of(row, item):
            raise UsageError(
                M("somebody decided something about this meanwhile, or it was graded again: look at it, "
                  "then save once more")
            )  # fmt: skip

    def _keep(self, decision: Decision) -> Decision:
        return self.store.ledger.add([decision])[0]


def _comment(said: Said, entries: dict[str, Entry]) -> str:
    """What is said to the student: the comments that were chosen, and what was typed."""
    chosen = [entries[name].text for name in said.bank]
    return " ".join([*chosen, *([said.comment] if said.comment.strip() else [])])


def _criterion(id_: str, edit: Edit) -> Criterion:
    points = _number(edit.points)
    if points is None:
        raise UsageError(M("say how many points the criterion is worth"))
    return rubrics.criterion(id_, points, edit.ja, edit.en)


def _number(text: str) -> float | None:
    """A number of points as people write it; None where there is none.

    Raises:
        UsageError: it is something else.
    """
    text = text.strip()
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(M("{points}: no number of points", points=text))
    return value


def parts_of(report: dict[str, Any], item: str) -> dict[str, Any]:
    """A report with no other item in it."""
    return {**report, "items": [one for one in report["items"] if one["id"] == item]}


__all__ = [
    "Desk",
    "Edit",
    "Gone",
    "Place",
    "Problem",
    "Revision",
    "Said",
    "Seen",
    "Standing",
    "parts_of",
]
