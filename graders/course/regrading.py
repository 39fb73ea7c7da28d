"""Grading a class again as a proposal: nothing counts before it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from graders.batch.discover import discover
from graders.batch.model import Handed
from graders.batch.roster import with_roster
from graders.batch.run import (
    PROPOSED_REQUEST,
    Class,
    alone_in,
    common_key,
    enrolled,
    keep_settings,
    note_request,
    noted_request,
    with_secret,
)
from graders.batch.store import Enrolled, Store
from graders.course.impact import StudentChange, compared, counted
from graders.errors import UsageError
from graders.grading import Request
from graders.messages import M, Message

_NAMED = 8


@dataclass(frozen=True)
class Proposal:
    """A class as it would be graded now. `graded`: those whose grading would be another."""

    graded: Class
    unchanged: int
    rules: list[Message]  # what is different from the gradings that count
    left: list[Message]  # who is left out, and why
    kept: Store

    @property
    def current(self) -> dict[str, str]:
        """The keys of the proposed gradings that are of what is handed in now, by id."""
        before, after = self.kept.roll(), self.graded.store.roll()
        return {
            id_: one.key for id_, one in after.items()
            if id_ in before and before[id_].files == one.files
        }  # fmt: skip

    def changes(self, never_lower: bool) -> list[StudentChange]:
        """For whom it changes anything; all of it is graded by then."""
        return compared(self.kept, self.graded.store, never_lower)

    def apply(self, changes: list[StudentChange], by: str) -> None:
        """Let it count. What could not be graded again stays as it was."""
        refused = {change.before.id for change in changes if change.refused}
        floors = [floor for change in changes for floor in change.floors(by)]
        if floors:  # before the gradings: what a kill leaves behind lowers nobody
            self.kept.ledger.add(floors)
        ids = [id_ for id_ in self.current if id_ not in refused]
        self.kept.apply(ids, "regrade", by)
        note_request(self.kept, self.graded.request)


@contextmanager
def proposed(
    folder: Path, store: Store, change: Callable[[Request], Request], submissions: str | None,
    layout: str | None,
) -> Iterator[Proposal]:  # fmt: skip
    """The class graded again by the rules of now, alone in its folder. `change`: what is asked for
    otherwise than the last time; `submissions`, `layout`: where they are, if not where they were.

    Raises:
        UsageError: the submissions aren't there; another run is at work in the folder.
        GraderError: a value of the request can't be used, or the store.
    """
    with alone_in(folder):
        request = change(noted_request(store))
        common = common_key(request)
        request = with_secret(request, store)
        common["secret"] = request.secret
        before, waiting = store.roll(), set(store.waiting())
        found = _found(store, submissions, layout)
        ours, left = _ours(before, found, waiting)
        again = enrolled(list(ours.values()), common)
        changed = [one for one in again if before[one.handed.id].files != one.files]
        if changed:
            left.append(
                M("handed in again, for `scratchgrade batch` with --resume to grade: {ids}",
                  ids=_named([one.handed.id for one in changed]))
            )  # fmt: skip
        same = [one for one in again if before[one.handed.id].files == one.files]
        other = [one for one in same if before[one.handed.id].key != one.key]
        proposal = store.proposal()
        proposal.enrol(other)
        proposal.forgive()  # what ended its worker the last time is tried again
        keep_settings(store, common)
        note_request(store, request, PROPOSED_REQUEST)
        rules = _rules(store, [before[one.handed.id] for one in other], other)
        graded = Class(
            folder, proposal, {o.handed.id: o.handed for o in other}, request, shown=False
        )
        yield Proposal(graded, len(same) - len(other), rules, left, store)


def standing(store: Store) -> Proposal | None:
    """What the last `scratchgrade regrade` proposes, graded or not yet; None where nothing is proposed."""
    proposal, before = store.proposal(), store.roll()
    if not store.noted(PROPOSED_REQUEST):
        return None  # of an earlier version
    roll = proposal.roll()
    here = [id_ for id_, one in roll.items() if id_ in before and before[id_].files == one.files]
    if not here:
        return None
    again = [id_ for id_ in roll if id_ not in here]
    left = (
        [M("handed in again, or not there any more, so they stay as they are: {ids}", ids=_named(again))]
        if again else []
    )  # fmt: skip
    request = noted_request(store, PROPOSED_REQUEST)
    rules = _rules(store, [before[id_] for id_ in here], [roll[id_] for id_ in here])
    graded = Class(store.folder, proposal, {}, request, shown=False)
    return Proposal(graded, len(before) - len(roll), rules, left, store)


def digest(changes: Sequence[StudentChange]) -> str:
    """A text that is another one when something else would change."""
    told = [
        (c.before.id, c.before.key, c.after.key, c.marks.score, c.refused,
         [(i.item, i.points, i.kept) for i in c.items])
        for c in changes
    ]  # fmt: skip
    return sha256(repr(told).encode()).hexdigest()


def applied(store: Store, by: str, never_lower: bool, shown: str) -> int:
    """Let what is proposed count, if it changes what was `shown` (`digest`); for how many it changes anything.
    Alone in the folder.

    Raises:
        UsageError: nothing is proposed, not all of it is graded, or it would change something else.
    """
    proposal = standing(store)
    if proposal is None:
        raise UsageError(M("nothing is proposed: `scratchgrade regrade` proposes another grading"))
    total, done = proposal.graded.store.counts()
    if done < total:
        raise UsageError(
            M(
                "{done} of {total} are graded again; `scratchgrade regrade` goes on",
                done=done,
                total=total,
            )
        )
    changes = counted(list(store.rows()), proposal.graded.store, never_lower)
    if digest(changes) != shown:
        raise UsageError(
            M("it changes other marks than were shown: look at them, then let it count")
        )
    proposal.apply(changes, by)
    return len(changes)


def _found(store: Store, submissions: str | None, layout: str | None) -> dict[str, Handed]:
    """The submissions by id, as they lie there now."""
    place = submissions or store.noted("submissions")
    if not place:
        raise UsageError(M("say with --submissions where the submissions are"))
    try:
        found = discover(place, layout or store.noted("layout_asked") or "auto")
        if roster := store.noted("roster"):
            found = with_roster(found, Path(roster))
    except UsageError as error:
        raise UsageError(
            M("{why}; say with --submissions where the submissions are now", why=str(error))
        ) from error
    return {one.id: one for one in found.handed}


def _ours(
    before: dict[str, Enrolled], found: dict[str, Handed], waiting: set[str]
) -> tuple[dict[str, Handed], list[Message]]:
    """Those that were graded and are there; who is left out, and why."""
    left = []
    gone = [id_ for id_ in before if id_ not in found]
    unknown = [id_ for id_, one in before.items() if id_ in found and not one.files]
    for ids, said in (
        (gone, M("not found any more, so they stay as they are: {ids}", ids=_named(gone))),
        (unknown, M("graded by an earlier version: `scratchgrade batch` with --resume first: {ids}",
                    ids=_named(unknown))),
    ):  # fmt: skip
        if ids:
            left.append(said)
    dropped = {*gone, *unknown, *waiting}
    return {id_: found[id_] for id_ in before if id_ not in dropped}, left


def _named(ids: list[str]) -> str:
    more = f", ... ({len(ids)})" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


_NAMES = {
    "version": M("the version of Scratch Grader"), "student": M("Python or NumPy"),
    "specs": M("the specs"), "policy": M("the policy"), "overrides": M("the overrides"),
    "plugin": M("plugins"), "mnist": M("the digits"),
}  # fmt: skip


def _rules(store: Store, before: list[Enrolled], after: list[Enrolled]) -> list[Message]:
    """By what the gradings differ, in words."""
    digests = {(old.settings, new.settings) for old, new in zip(before, after, strict=True)}
    names: set[str] = set()
    for old, new in digests:
        was, now = store.settings(old), store.settings(new)
        names |= {n for n in {*was, *now} if was and was.get(n) != now.get(n)}
    if not names:
        return []
    options = sorted(f"--{name.replace('_', '-')}" for name in names - _NAMES.keys())
    said: list[Message] = [_NAMES[name] for name in _NAMES if name in names]
    told = ", ".join(options)
    found = [M("changed: {what}", what=one) for one in said]
    return found + ([M("changed: {what}", what=told)] if told else [])


def changed_by(fields: dict[str, object]) -> Callable[[Request], Request]:
    """What a command line asks for otherwise: only the options that it names."""
    return lambda request: replace(request, **fields)  # type: ignore[arg-type]
