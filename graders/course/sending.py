"""Marks to a learning system: what would be sent first, and never over what a person entered there.

What was entered there is ours if it is what we sent last, or were about to send when we were stopped; each of
both is kept in the ledger before anything else is done. All else is somebody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from graders.batch.outputs.gradebook import number
from graders.batch.store import Row, Store
from graders.errors import UsageError
from graders.ledger.model import Sent
from graders.messages import Language, M, Message
from graders.systems.model import Account, System, There

_NEAR = 6e-5  # Moodle keeps five digits, we send four
_DIGITS = 4


class Step(Enum):
    """What is to be done with a student's mark."""

    SEND = auto()
    THERE = auto()  # it is there already
    KEPT = auto()  # somebody entered another one there, or took ours away
    LEFT = auto()  # it can't be sent


@dataclass(frozen=True)
class Plan:
    """One student. `mark`: what would be sent; `why`: it is not."""

    row: Row
    step: Step
    mark: float | None = None
    there: There | None = None
    why: Message | None = None

    def told(self, language: Language) -> str:
        """One line."""
        if self.why is not None:
            return f"{self.row.id}: {self.why.in_language(language)}"
        before = self.there.mark if self.there is not None else None
        return f"{self.row.id}: {_shown(before)} -> {_shown(self.mark)}"


@dataclass(frozen=True)
class Wanted:
    """What is asked for: of one sprint or of all; `scale`: to the points that it is worth there."""

    sprint: str = ""
    scale: bool = False


class Sending:
    """The marks of a class for one assignment of a system.

    Raises:
        GraderError: the system can't be asked, or the marks don't fit there; in one sentence.
    """

    def __init__(self, store: Store, system: System, wanted: Wanted) -> None:
        self._store, self._system = store, system
        self.assignment = system.assignment()
        self._rows = _rows_of(store, wanted.sprint)
        self._factor = self._factor_for(wanted)
        self.plans: list[Plan] = list(self._planned())

    def _factor_for(self, wanted: Wanted) -> float:
        most = max((row.marks.max_score for row in self._rows if row.marks.known), default=0.0)
        there = self.assignment.most
        if not most or most == there:
            return 1.0
        if not wanted.scale:
            raise UsageError(
                M("{system}, {title} is worth {there} points, the class's marks are of {most}: change it "
                  "there, or say --scale", system=self._system.name, title=self.assignment.title,
                  there=number(there), most=number(most))
            )  # fmt: skip
        return there / most

    def _planned(self) -> Iterator[Plan]:
        everybody = self._system.all()
        sent = _by_account(self._store.ledger.sent(self._system.place))
        found = {
            row.id: _found(
                row, everybody, self._store.noted("layout") in self._system.numbers_are_ids
            )
            for row in self._rows
        }
        often = Counter(one.account.id for one in found.values() if isinstance(one, There))
        for row in self._rows:
            there = found[row.id]
            if not row.marks.known:
                yield Plan(row, Step.LEFT, why=M("no mark to send"))
            elif isinstance(there, Message):
                yield Plan(row, Step.LEFT, why=there)
            elif often[there.account.id] > 1:
                yield Plan(row, Step.LEFT, there=there, why=M("not sent: several of the class are {name} there",
                                                              name=there.account.name))  # fmt: skip
            else:
                yield self._plan(row, there, sent.get(there.account.id, []))

    def _plan(self, row: Row, there: There, sent: Sequence[Sent]) -> Plan:
        """What to do with a mark, by what is there."""
        mark = round(row.marks.score * self._factor, _DIGITS)
        if there.left_alone is not None:
            return Plan(
                row, Step.KEPT, mark, there, M("stays as it is: {why}", why=there.left_alone)
            )
        last = [one.mark for one in sent if not one.done][-1:]
        done = [one.mark for one in sent if one.done][-1:]
        if there.mark is None:
            if done:
                return Plan(row, Step.KEPT, mark, there,
                            M("stays without a mark: somebody took ours away there; ours is {mark}",
                              mark=number(mark)))  # fmt: skip
            return Plan(row, Step.SEND, mark, there)
        if _near(there.mark, mark):
            return Plan(row, Step.THERE, mark, there)
        if any(_near(there.mark, one) for one in [*last, *done]):
            return Plan(row, Step.SEND, mark, there)
        return Plan(row, Step.KEPT, mark, there,
                    M("stays {there}: somebody entered it there; ours is {mark}", there=number(there.mark),
                      mark=number(mark)))  # fmt: skip

    def count(self, step: Step) -> int:
        """How many."""
        return sum(one.step is step for one in self.plans)

    def send(self, by: str, say: Callable[[Plan, Message | None], None]) -> Iterator[Row]:
        """Send what is to be sent; whose marks stand there, one by one. Each is looked at once more before:
        `say` hears what has become of it.
        """
        ledger, place = self._store.ledger, self._system.place
        for number_, plan in enumerate(self.plans):
            there = plan.there
            if plan.step is Step.THERE:
                yield plan.row
            if plan.step is not Step.SEND or there is None or plan.mark is None:
                continue
            again = self._plan(
                plan.row, self._system.now(there),
                _by_account(ledger.sent(place)).get(there.account.id, []),
            )  # fmt: skip
            if again.step is Step.SEND:
                one = Sent(place, there.account.id, plan.row.who, plan.mark, by)
                ledger.send(one)
                stands = self._system.put(there, plan.mark)
                ledger.send(replace(one, done=True))
                say(again, None if stands is None or _near(stands, plan.mark)
                    else M("{system} makes {stands} of it by rules of its own (late?)",
                           system=self._system.name, stands=number(stands)))  # fmt: skip
            else:
                say(again, None)
            self.plans[number_] = again
            if again.step in (Step.SEND, Step.THERE):
                yield plan.row

    def whole(self) -> Message:
        """The plan in one sentence."""
        return M(
            "{system}, {title} ({most} points): {send} to send, {there} there already, {kept} stay as "
            "somebody entered them there, {left} can't be sent", system=self._system.name,
            title=self.assignment.title, most=number(self.assignment.most), send=self.count(Step.SEND),
            there=self.count(Step.THERE), kept=self.count(Step.KEPT), left=self.count(Step.LEFT),
        )  # fmt: skip


def _rows_of(store: Store, sprint: str) -> list[Row]:
    rows = list(store.rows())
    sprints = sorted({row.sprint for row in rows if row.sprint and row.marks.known})
    if sprint and sprint not in sprints:
        raise UsageError(
            M("--sprint {sprint}: nobody of this class was graded in it; there are: {known}",
              sprint=sprint, known=", ".join(sprints) or "-")
        )  # fmt: skip
    if not sprint and len(sprints) > 1:
        raise UsageError(
            M("the class is of several sprints: say with --sprint whose marks these are: {known}",
              known=", ".join(sprints))
        )  # fmt: skip
    return [row for row in rows if not sprint or row.sprint == sprint]


def _found(row: Row, everybody: Sequence[There], by_id: bool) -> There | Message:
    """Who a student is there: by e-mail and number, and where both say so, the same one. A name that only
    one has there goes where there is neither.
    """
    who = row.student
    by_mail = [
        t for t in everybody if who.email and _same(who.email, t.account.email, *t.account.known_as)
    ]
    by_number = [t for t in everybody if who.number and _numbered(who.number, t.account, by_id)]
    by_name = [
        t for t in everybody if _words(who.name) and _words(who.name) == _words(t.account.name)
    ]
    for found in (by_mail, by_number):
        if len(found) > 1:
            return M("not sent: several there have this number or e-mail")
    if by_mail and by_number and by_mail[0].account.id != by_number[0].account.id:
        return M("not sent: its e-mail is {one}'s there, its number {other}'s",
                 one=by_mail[0].account.name, other=by_number[0].account.name)  # fmt: skip
    found = by_mail or by_number
    if (
        not found
        and not who.email
        and len(by_name) == 1
        and _words(who.name) != [who.name.casefold()]
    ):
        found = by_name
    return found[0] if found else M("not sent: nobody there has this number or e-mail")


def _numbered(given: str, account: Account, by_id: bool) -> bool:
    return _same(given, *account.known_as, *([account.id] if by_id else []))


def _same(given: str, *others: str) -> bool:
    return any(given.casefold() == other.casefold() for other in others if other)


def _words(name: str) -> list[str]:
    """A name without its order: "Doe, Jane" is Jane Doe."""
    return sorted(name.casefold().replace(",", " ").split())


def _by_account(sent: Sequence[Sent]) -> Mapping[str, list[Sent]]:
    found: dict[str, list[Sent]] = {}
    for one in sent:
        found.setdefault(one.account, []).append(one)
    return found


def _near(one: float, other: float) -> bool:
    return abs(one - other) < _NEAR


def _shown(mark: float | None) -> str:
    return "-" if mark is None else number(mark)
