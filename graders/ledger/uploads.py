"""What came in by the hand-in page, and whose links count no more: added, never changed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, replace

from graders.ledger.database import Database, now, storable
from graders.ledger.model import Who

_COLUMNS = "number, at, id, student, email, files, content, name, size"


@dataclass(frozen=True)
class Upload:
    """A file that a student handed in. `at`: when all of it was here; `files`: the fingerprint that a grading
    goes by; `content`: the name under which the file is kept, its hash and kind; `name`: what the student calls
    it, to be shown and nothing else; `size`: bytes.
    """

    number: int
    at: str
    who: Who
    files: str
    content: str
    name: str
    size: int


class Uploads:
    """The uploads of a class, and the links that were revoked. Raises GraderError as its database does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, db: sqlite3.Connection, one: Upload) -> Upload:
        """Keep one within a transaction of its caller's; it comes back with its number."""
        done = db.execute(
            f"INSERT INTO uploads ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (one.at, one.who.id, one.who.number, one.who.email, one.files, one.content,
             storable(one.name), one.size),
        )  # fmt: skip
        return replace(one, number=int(done.lastrowid or 0))

    def all(self) -> list[Upload]:
        """All that was handed in, the first one first."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM uploads ORDER BY number")
        return [
            Upload(number, at, Who(id_, student, email), *rest)
            for number, at, id_, student, email, *rest in rows
        ]

    def revoke(self, person: str, by: str) -> None:
        """Let the link that a person has count no more; the next one does."""
        with self._database.transaction(lasting=True) as db:
            db.execute(
                "INSERT INTO revocations (at, by, person) VALUES (?, ?, ?)",
                (now(), storable(by), storable(person)),
            )

    def revocations(self) -> Counter[str]:
        """How often each person's link was revoked."""
        query = "SELECT person, count(*) FROM revocations GROUP BY person"
        return Counter(dict(self._database.read(query)))
