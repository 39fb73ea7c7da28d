"""Who belongs to a class, and how each is known again: by a personal link, or by a cookie that came of it.

A link is a keyed hash of whose it is: nothing personal stands in it, and only who has the class's key can make
one. A link that is revoked is the hash of an earlier number; sessions that came of it are worth nothing any more.
"""

from __future__ import annotations

import base64
import hmac
import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from graders import secret
from graders.batch.model import Found, Handed
from graders.batch.roster import with_roster
from graders.errors import UsageError
from graders.ledger.model import Who
from graders.messages import M
from graders.spelling import near

KEY_FILE = "links.key"


class Role(Enum):
    """What somebody may see."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


@dataclass(frozen=True)
class Person:
    """Somebody of the class. `key`: what they are known by as long as names change, unlike `handed.id`, the name of
    a student's row; an instructor has none.
    """

    role: Role
    key: str
    name: str
    handed: Handed | None = None

    @property
    def who(self) -> Who:
        """A student as the ledger knows them."""
        student = self.student
        return Who(student.id, student.student.number, student.student.email)

    @property
    def student(self) -> Handed:
        """A student's row, as long as nothing is handed in."""
        assert self.handed is not None
        return self.handed

    @property
    def names(self) -> set[str]:
        """All that they may be called by."""
        found = {self.key, self.name}
        if self.handed is not None:
            found |= {self.handed.id, self.handed.student.number, self.handed.student.email}
        return {one.casefold() for one in found if one}


def people_of(roster: Path, instructors: Iterable[str]) -> list[Person]:
    """The students of a roster and the instructors.

    Raises:
        UsageError: the roster can't be read, has nobody in it, or two who can't be told apart.
    """
    found: list[Person] = []
    for handed in with_roster(Found((), "manifest"), roster).handed:
        student = handed.student
        key = (student.number or student.email or student.name).casefold()
        found.append(Person(Role.STUDENT, key, student.name or student.email or key, handed))
    if not found:
        raise UsageError(M("{file}: nobody is in it, only the names of columns", file=str(roster)))
    for key, often in Counter(one.key for one in found).items():
        if often > 1:
            raise UsageError(
                M("{file}: {n} students have the number, e-mail or name {key}; each needs one of their own",
                  file=str(roster), n=often, key=key)
            )  # fmt: skip
    for name in instructors:
        found.append(Person(Role.INSTRUCTOR, name.casefold(), name))
    return found


def named(people: Iterable[Person], given: str) -> Person:
    """The one with this number, e-mail, id or name.

    Raises:
        UsageError: nobody has it, or several.
    """
    everyone = list(people)
    found = [one for one in everyone if given.strip().casefold() in one.names]
    if len(found) > 1:
        raise UsageError(
            M("{given}: {n} people of this class have this name; say which by number or e-mail",
              given=given, n=len(found))
        )  # fmt: skip
    if not found:
        names = sorted({name for one in everyone for name in one.names})
        raise UsageError(
            M("{given}: nobody in this class has this id, name, number or e-mail{near}",
              given=given, near=near(given, names))
        )  # fmt: skip
    return found[0]


def key_of(folder: Path) -> bytes:
    """The class's key, made when it is needed first.

    Raises:
        UsageError: it can't be read or kept, or others can read it.
    """
    file = folder / KEY_FILE
    try:
        text = secret.kept_in(file).strip()
        mode = stat.S_IMODE(os.stat(file).st_mode)
    except OSError as error:
        raise UsageError(
            M("{file}: can't be used ({why})", file=str(file), why=error.strerror or str(error))
        ) from error
    if mode & 0o077:
        raise UsageError(
            M("{file}: others can read it, and make everybody's links; chmod 600 it, and if somebody did, "
              "remove it: all links become new", file=str(file))
        )  # fmt: skip
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 32:
        raise UsageError(
            M("{file}: no key of a class; remove it: all links become new", file=str(file))
        )
    return key


class Directory:
    """Everybody of a class by link and by handle. `revoked`: how often each one's link was (`revoked_key`)."""

    def __init__(self, people: Iterable[Person], key: bytes, revoked: Mapping[str, int]) -> None:
        self.people = tuple(people)
        self._key, self._revoked = key, revoked
        self._by_link = {self._mac("found", self.link(one)): one for one in self.people}
        self._by_handle = {self.handle(one): one for one in self.people}
        self._by_name: dict[str, Person | None] = {}
        for one in self.people:
            for name in one.names - ({one.name.casefold()} - {one.key}):
                self._by_name[name] = None if name in self._by_name else one

    def link(self, person: Person) -> str:
        """What a personal link ends with."""
        return self._mac("link", *self._whose(person))

    def handle(self, person: Person) -> str:
        """What stands for a person in cookies and addresses, until their link is revoked."""
        return self._mac("handle", *self._whose(person))[:22]

    def form(self, person: Person) -> str:
        """What a person's forms have in them."""
        return self._mac("form", *self._whose(person))

    def cookie_key(self) -> bytes:
        """What cookies are signed with."""
        return hmac.digest(self._key, b"cookie", "sha256")

    def login_key(self) -> str:
        """What is signed with on the way to a login and back."""
        return self._mac("login")

    def by_link(self, given: str) -> Person | None:
        """Whose link ends so. It is looked up by a hash: how long that takes tells nothing."""
        return self._by_link.get(self._mac("found", given))

    def by_handle(self, given: str) -> Person | None:
        """Whom a handle stands for."""
        return self._by_handle.get(given)

    def by_name(self, given: str) -> Person | None:
        """Who has this number, e-mail or id; None if nobody has, or several. A name counts only of who has none of
        these."""
        return self._by_name.get(given.strip().casefold())

    def _whose(self, person: Person) -> tuple[str, ...]:
        return person.role.value, person.key, str(self._revoked.get(revoked_key(person), 0))

    def _mac(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")).decode().rstrip("=")


def revoked_key(person: Person) -> str:
    """Under what the ledger counts revocations."""
    return f"{person.role.value}:{person.key}"
