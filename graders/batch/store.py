"""The results of a class, in SQLite: what is committed here is never graded again, nor lost.

One row a submission and key (its files, the specs, the seed and the options); the report itself is
in the row, compressed, so that every other file of the output folder can be made again. Only the
coordinator writes. WAL: a SIGKILL loses nothing that was committed.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.batch.model import Handed, Status, Student
from graders.errors import GraderError
from graders.messages import Language

FILE = "results.sqlite"
REPORTS = "reports"
_APPLICATION = 0x53475242  # "SGRB": another program's database is not taken for ours
VERSION = 1
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE class (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE results (
    id TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    sprint TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL, seconds REAL NOT NULL,
    summary TEXT NOT NULL, report BLOB NOT NULL, prints BLOB NOT NULL, code BLOB NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    UNIQUE (id, key)
);
CREATE TABLE deaths (
    id TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id, key, number)
) WITHOUT ROWID;
"""
_ROW = (
    "class.id, shown, name, class.number, email, status, reason, sprint, score, max_score, "
    "seconds, summary"
)


@dataclass(frozen=True)
class Row:
    """What is known of one submission, without its report."""

    id: str
    shown: str
    student: Student
    status: Status
    reason: str
    sprint: str
    score: float
    max_score: float
    seconds: float
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Score over what can be had, from 0 to 1."""
        return self.score / self.max_score if self.max_score else 0.0

    def reason_in(self, language: Language) -> str:
        """Why it has no grade, in that language."""
        return str(self.summary.get("reason", {}).get(language) or self.reason)


@dataclass(frozen=True)
class Result:
    """What came of a submission: a row to be, with the report as text."""

    status: Status
    reason: str = ""
    sprint: str = ""
    score: float = 0.0
    max_score: float = 0.0
    seconds: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)
    report: str = ""
    prints: str = ""  # fingerprints of its code, base64
    code: tuple[tuple[int, str], ...] = ()  # (index, source) of its cells


# What sqlite's primary result codes mean for who grades: what is the matter, and what to do.
_KEPT = "what was graded is kept, --resume goes on"
_FAULTS = {
    sqlite3.SQLITE_BUSY: "another program holds it; end that program, " + _KEPT,
    sqlite3.SQLITE_LOCKED: "another program holds it; end that program, " + _KEPT,
    sqlite3.SQLITE_FULL: "there is no room on the disk; make some, " + _KEPT,
    sqlite3.SQLITE_IOERR: "the disk fails or is full; see to it, " + _KEPT,
    sqlite3.SQLITE_READONLY: "it may not be written; " + _KEPT + " where it may",
    sqlite3.SQLITE_CANTOPEN: "it may not be opened or written; " + _KEPT + " where it may",
    sqlite3.SQLITE_PERM: "it may not be opened or written; " + _KEPT + " where it may",
}
_DAMAGED = (
    "damaged; nothing was changed: the reports beside it are whole, a copy of the file may be put "
    "in its place, or everything graded anew into another folder with --out"
)


class Store:
    """One output folder's results. Others' locks are waited for, `patience` seconds long.

    Raises (as every method):
        GraderError: the file is not a store of ours, of a newer version, damaged, held by another
            program, or can't be read or written.
    """

    def __init__(self, folder: Path, patience: float = 30.0) -> None:
        self._file = file = folder / FILE
        with suppress(OSError):  # sqlite tells what is the matter
            # The class's secret is in it: for its owner alone, if it is new.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self._told():
            self._db = sqlite3.connect(file, isolation_level=None, timeout=patience)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA cache_size = -512")  # KiB: rows are read once
            self._prepare(file)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A fault of the database as one sentence."""
        try:
            yield
        except zlib.error as error:
            raise GraderError(f"{self._file}: {_DAMAGED} ({error})") from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            raise GraderError(f"{self._file}: {_FAULTS.get(code, _DAMAGED)} ({error})") from error

    def _prepare(self, file: Path) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION:
            raise GraderError(f"{file}: another program's database; give another folder with --out")
        if version > VERSION:
            raise GraderError(
                f"{file}: written by a newer Scratch Grader (form {version}, this one knows "
                f"{VERSION}); update, or give another folder with --out"
            )
        if tables:
            (whole,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if whole != "ok":
                raise GraderError(f"{file}: {_DAMAGED}")
        elif any((file.parent / REPORTS).glob("*.json")):
            raise GraderError(f"{file}: empty, though there are reports beside it: {_DAMAGED}")
        else:
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing; taken for writing at once."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled it back already
                    self._db.execute("ROLLBACK")
                raise

    def _read(self, query: str, *values: object) -> Iterator[Any]:
        """The rows of a query, one by one."""
        with self._told():
            cursor = self._db.execute(query, values)
        while True:
            with self._told():
                row = cursor.fetchone()
            if row is None:
                return
            yield row

    def close(self) -> None:
        """Close the file; a WAL that is left is taken up at the next opening."""
        with suppress(sqlite3.Error):
            self._db.close()

    # -- the class -----------------------------------------------------------------------

    def enrol(self, handed: Iterable[tuple[Handed, str]]) -> None:
        """Make these, with their keys, the class. Results of earlier keys stay, unused."""
        with self._transaction():
            before = dict(self._db.execute("SELECT id, key FROM class"))
            self._db.execute("DELETE FROM class")
            for position, (one, key) in enumerate(handed):
                who = one.student
                self._db.execute(
                    "INSERT INTO class VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (one.id, position, key, _text(one.shown), who.name, who.number, who.email),
                )
                if before.get(one.id) != key:  # the file there is another key's
                    self._db.execute(
                        "UPDATE results SET written = 0 WHERE id = ? AND key = ?", (one.id, key)
                    )

    def waiting(self) -> Iterator[str]:
        """Ids without a result, in order."""
        query = (
            "SELECT class.id FROM class LEFT JOIN results USING (id, key) "
            "WHERE results.id IS NULL ORDER BY position"
        )
        yield from [id_ for (id_,) in self._read(query)]

    def counts(self) -> tuple[int, int]:
        """(submissions of the class, those with a result)."""
        query = "SELECT count(*), count(results.id) FROM class LEFT JOIN results USING (id, key)"
        ((total, done),) = self._read(query)
        return total, done

    def is_empty(self) -> bool:
        """True for a store that no run has used."""
        return not list(self._read("SELECT 1 FROM class LIMIT 1"))

    # -- results -------------------------------------------------------------------------

    def keep(self, id_: str, result: Result) -> None:
        """Commit a result. A second one for the same submission and key changes nothing."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO results (id, key, status, reason, sprint, score, max_score, "
                "seconds, summary, report, prints, code) "
                "SELECT id, key, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM class WHERE id = ?",
                (result.status, _text(result.reason), result.sprint, result.score,
                 result.max_score, result.seconds, json.dumps(result.summary, ensure_ascii=True),
                 zlib.compress(result.report.encode("utf-8", "replace"), 6),
                 base64.b64decode(result.prints),
                 zlib.compress(json.dumps(result.code, ensure_ascii=True).encode(), 6), id_),
            )  # fmt: skip

    def died(self, id_: str, reason: str) -> list[str]:
        """Count a death of the worker that graded it; the reasons of all of them so far."""
        with self._transaction():
            query = (
                "SELECT reason FROM deaths JOIN class USING (id, key) "
                "WHERE id = ? ORDER BY deaths.number"
            )
            reasons = [r for (r,) in self._db.execute(query, (id_,))]
            self._db.execute(
                "INSERT INTO deaths SELECT id, key, ?, ? FROM class WHERE id = ?",
                (len(reasons), _text(reason), id_),
            )
        return [*reasons, reason]

    def forgive(self) -> int:
        """Forget the quarantined of the class and all deaths; how many are to be tried again."""
        with self._transaction():
            self._db.execute("DELETE FROM deaths")
            done = self._db.execute(
                "DELETE FROM results WHERE status = 'quarantined' AND (id, key) IN "
                "(SELECT id, key FROM class)"
            )
        return done.rowcount

    def rows(self, order: str = "position", most: int = -1) -> Iterator[Row]:
        """The class's results, one by one: by ``position``, ``worst`` or ``slowest``."""
        orders = {
            "position": "position",
            "worst": "CASE WHEN max_score > 0 THEN score / max_score ELSE 0 END, position",
            "slowest": "seconds DESC, position",
        }
        query = f"SELECT {_ROW} FROM class JOIN results USING (id, key) ORDER BY {orders[order]} LIMIT ?"
        for found in self._read(query, most):
            id_, shown, name, number, email = found[:5]
            status, reason, sprint, score, max_score, seconds, summary = found[5:]
            yield Row(
                id_, shown, Student(name, number, email), status, reason, sprint, score, max_score,
                seconds, json.loads(summary),
            )  # fmt: skip

    def report(self, id_: str) -> str:
        """The report of one of the class, as text. KeyError if it has none."""
        query = "SELECT report FROM class JOIN results USING (id, key) WHERE id = ?"
        found = list(self._read(query, id_))
        if not found:
            raise KeyError(id_)
        with self._told():
            return zlib.decompress(found[0][0]).decode()

    def prints(self) -> Iterator[tuple[str, bytes]]:
        """Ids and fingerprints of the class, one by one."""
        query = "SELECT id, prints FROM class JOIN results USING (id, key) ORDER BY position"
        yield from self._read(query)

    def code(self, id_: str) -> tuple[bytes, list[tuple[int, str]]]:
        """The fingerprints of one of the class and its code, cell by cell."""
        query = "SELECT prints, code FROM class JOIN results USING (id, key) WHERE id = ?"
        ((prints, code),) = self._read(query, id_)
        with self._told():
            return prints, [(i, source) for i, source in json.loads(zlib.decompress(code))]

    def unwritten(self) -> list[str]:
        """Ids whose result is here and whose report may not be in its file."""
        query = (
            "SELECT id FROM class JOIN results USING (id, key) WHERE written = 0 ORDER BY position"
        )
        return [id_ for (id_,) in self._read(query)]

    def written(self, id_: str) -> None:
        """Its report is in its file."""
        with self._transaction():
            self._db.execute(
                "UPDATE results SET written = 1 WHERE id = ? AND key = "
                "(SELECT key FROM class WHERE class.id = ?)", (id_, id_),
            )  # fmt: skip

    # -- the run -------------------------------------------------------------------------

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the run."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str:
        """A fact about the run, "" if there is none."""
        found = list(self._read("SELECT value FROM meta WHERE name = ?", name))
        return str(found[0][0]) if found else ""


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


__all__ = ["FILE", "REPORTS", "Result", "Row", "Store"]
