"""A class's hand-ins as they stand, read and added to in one thread, as SQLite wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

from graders.batch.model import Found, Handed
from graders.batch.run import enrolled
from graders.batch.store import Store, Told
from graders.errors import GraderError, UsageError
from graders.handin.keeping import Kept
from graders.handin.line import Line
from graders.handin.people import Directory, Person, Role
from graders.handin.settings import Settings
from graders.ledger.database import now
from graders.ledger.model import Who
from graders.ledger.uploads import Upload
from graders.messages import Bilingual, M, Message


class Gone(Exception):
    """There is nothing of that address, or nothing for who asks."""


class State(Enum):
    """What has become of an attempt."""

    WAITING = auto()
    GRADED = auto()
    REFUSED = auto()  # it has no grade, and a reason
    REPLACED = auto()  # a later one came before it was graded


@dataclass(frozen=True)
class Attempt:
    """One time that a student handed in, counted from 1. `before`: how many are before it in the line, None where
    that is not known; `told`: what came of it.
    """

    number: int
    upload: Upload
    late: bool
    state: State
    before: int | None = None
    told: Told | None = None


@dataclass(frozen=True)
class Standing:
    """One student in the table of the class. `last`: None for who handed in nothing."""

    person: Person
    last: Attempt | None


class Uploaded:
    """What was handed in, by student; those of nobody of the class are kept, and not here."""

    def __init__(self, people: Iterable[Person], uploads: Iterable[Upload]) -> None:
        self._students = [one for one in people if one.role is Role.STUDENT]
        self._by: list[dict[str, str]] = [{}, {}, {}]
        for one in self._students:
            for known, value in zip(self._by, _kinds(one.who), strict=True):
                if value:
                    known[value] = one.key
        self._of: dict[str, list[Upload]] = {one.key: [] for one in self._students}
        for upload in uploads:
            key = self._whose(upload.who)
            if key is not None:
                self._of[key].append(upload)

    def of(self, person: Person) -> list[Upload]:
        """A student's, the first one first."""
        return self._of[person.key]

    def counting(self, kept: Kept, settings: Settings) -> list[tuple[Handed, Upload]]:
        """What of each student counts: the last upload; nothing of those who handed in nothing."""
        found = []
        for one in self._students:
            if uploads := self.of(one):
                last = uploads[-1]
                late = settings.is_late(last.at)
                found.append((kept.handed(one.student, last, late, len(uploads)), last))
        return found

    def found(self, kept: Kept, settings: Settings) -> Found:
        """The class as `batch` grades it: those who handed in nothing are in it, too."""
        handed = {one.student.id: one.student for one in self._students}
        handed |= {one.id: one for one, _ in self.counting(kept, settings)}
        return Found(tuple(handed.values()), "manifest")

    def _whose(self, who: Who) -> str | None:
        """By the number, else by the e-mail, else by the id, as `Who.is_same`."""
        for known, value in zip(self._by, _kinds(who), strict=True):
            if value and known:
                return known.get(value)
        return None


def _kinds(who: Who) -> tuple[str, str, str]:
    return who.number.casefold(), who.email.casefold(), who.id


class Desk:
    """The hand-ins of a class. To be used in the thread that opened the store. `say`: takes what there is to tell."""

    def __init__(
        self, store: Store, kept: Kept, people: list[Person], key: bytes, settings: Settings,
        uploaded: Uploaded, line: Line, say: Callable[[Bilingual], None],
    ) -> None:  # fmt: skip
        self.settings, self.kept = settings, kept
        self._store, self._people, self._key = store, people, key
        self._uploaded, self._line, self._say = uploaded, line, say
        self._state = store.state()
        self._revoked = store.uploads.revocations()
        self._directory = Directory(people, key, self._revoked)

    def directory(self) -> Directory:
        """Everybody's links as they count now: `--revoke` may be told to another process."""
        state = self._store.state()
        if state != self._state:
            self._state = state
            revoked = self._store.uploads.revocations()
            if revoked != self._revoked:
                self._revoked = revoked
                self._directory = Directory(self._people, self._key, revoked)
        return self._directory

    def attempts(self, person: Person) -> list[Attempt]:
        """A student's attempts, the first one first."""
        return [self._attempt(person, n) for n in range(1, len(self._uploaded.of(person)) + 1)]

    def attempt(self, person: Person, number: int) -> Attempt:
        """One attempt of a student. Raises `Gone`."""
        if not 1 <= number <= len(self._uploaded.of(person)):
            raise Gone
        return self._attempt(person, number)

    def standings(self) -> list[Standing]:
        """All students with their last attempts."""
        found = []
        for one in self._people:
            if one.role is Role.STUDENT:
                uploads = self._uploaded.of(one)
                last = self._attempt(one, len(uploads)) if uploads else None
                found.append(Standing(one, last))
        return found

    def report(self, attempt: Attempt) -> dict[str, Any]:
        """The report of an attempt that has one, as it was graded. Raises `Gone`."""
        if attempt.told is None:
            raise Gone
        try:
            return self._store.report_of(attempt.told.id, attempt.told.key)
        except KeyError as error:
            raise Gone from error

    def file(self, attempt: Attempt) -> Path:
        """Where what was handed in is kept."""
        return self.kept.folder / attempt.upload.content

    def left(self, person: Person) -> int:
        """How often a student may still hand in."""
        return max(0, self.settings.attempts - len(self._uploaded.of(person)))

    def why_not(self, person: Person) -> Message | None:
        """Why a student can't hand in (any more); None for who can."""
        if self.settings.is_closed():
            return M("handing in is closed")
        if not self.left(person):
            return M("all {n} attempts are used", n=self.settings.attempts)
        return None

    def hand_in(self, person: Person, content: str, name: str, size: int) -> int:
        """Keep an upload whose bytes are kept; its number among the student's. The file that was handed in last,
        sent once more, is no other attempt.

        Raises:
            UsageError: the student can't hand in.
            GraderError: it can't be kept.
        """
        mine = self._uploaded.of(person)
        if mine and mine[-1].content == content:
            return len(mine)
        if (why := self.why_not(person)) is not None:
            raise UsageError(why)
        number, at = len(mine) + 1, now()
        upload = Upload(0, at, person.who, "", content, name, size)
        handed = self.kept.handed(person.student, upload, self.settings.is_late(at), number)
        (one,) = enrolled([handed], self._line.common)
        mine.append(self._store.hand_in(one, replace(upload, files=one.files)))
        self._line.take_up(one)
        try:
            self.list_counting()
        except GraderError as error:  # it is written anew at the next one
            self._say(error)
        return number

    def list_counting(self) -> None:
        """Write which uploads count, for other commands.

        Raises:
            GraderError: it can't be written.
        """
        self.kept.list_counting(self._uploaded.counting(self.kept, self.settings))

    def _attempt(self, person: Person, number: int) -> Attempt:
        uploads = self._uploaded.of(person)
        upload = uploads[number - 1]
        late = self.settings.is_late(upload.at)
        before = self._line.place(person.student.id, upload.files)
        if before is None:
            # A name in the roster may have changed since, and the row's id with it.
            for id_ in dict.fromkeys((person.student.id, upload.who.id)):
                told = self._store.graded(id_, upload.files)
                if told is not None:
                    state = State.GRADED if told.status == "graded" else State.REFUSED
                    return Attempt(number, upload, late, state, None, told)
        waits = before is not None or number == len(uploads)
        return Attempt(number, upload, late, State.WAITING if waits else State.REPLACED, before)
