"""A class's database: one SQLite file, every fault of it one sentence.

Decisions are in the file of the results, not in one beside it: a decision and the report that has to
be written anew are one transaction, a copy of one file has everything, and nobody can put the one
back from yesterday without the other. WAL: a SIGKILL loses nothing that was committed.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from graders.errors import GraderError
from graders.ledger.schema import STEPS, VERSION

FILE = "results.sqlite"
REPORTS = "reports"
_APPLICATION = 0x53475242  # "SGRB": another program's database is not taken for ours
# What sqlite's primary result codes mean for who grades: what is the matter, and what to do.
_FAULTS = {
    sqlite3.SQLITE_BUSY: "another program holds it; end that program, {kept}",
    sqlite3.SQLITE_LOCKED: "another program holds it; end that program, {kept}",
    sqlite3.SQLITE_FULL: "there is no room on the disk; make some, {kept}",
    sqlite3.SQLITE_IOERR: "the disk fails or is full; see to it, {kept}",
    sqlite3.SQLITE_READONLY: "it may not be written; {kept} where it may",
    sqlite3.SQLITE_CANTOPEN: "it may not be opened or written; {kept} where it may",
    sqlite3.SQLITE_PERM: "it may not be opened or written; {kept} where it may",
}
_DAMAGED = (
    "damaged; nothing was changed: the reports beside it are whole, a copy of the file may be put "
    "in its place, or everything graded anew into another folder with --out"
)
GRADING = "what was graded is kept, --resume goes on"
DECIDING = "nothing was decided; say it again"


class Database:
    """One output folder's database. Others' locks are waited for, `patience` seconds long.

    `kept`: what whoever is told of a fault has lost or not, and how to go on.

    Raises (as every method):
        GraderError: the file is not a store of ours, of a newer version, damaged, held by another
            program, or can't be read or written.
    """

    def __init__(self, folder: Path, patience: float = 30.0, kept: str = GRADING) -> None:
        self.folder = folder
        self._file = file = folder / FILE
        self._kept = kept
        with suppress(OSError):  # sqlite tells what is the matter
            # The class's secret is in it: for its owner alone, if it is new. One that is there is not opened
            # besides: the close would take the locks from this process's other connections, and what they
            # write afterwards be lost when another program takes itself for the last one.
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(file, flags, 0o600))
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
            said = _FAULTS.get(code, _DAMAGED).format(kept=self._kept)
            raise GraderError(f"{self._file}: {said} ({error})") from error

    def _prepare(self, file: Path) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        version = self._version()
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
        if version < VERSION:
            with self.transaction():
                for step in STEPS[self._version() :]:  # another program may have been faster
                    step(self._db)
                self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    def _version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)

    @contextmanager
    def transaction(self, lasting: bool = False) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; taken for writing at once. `lasting`: what is committed outlives a
        power cut, too, not only a kill.
        """
        with self._told():
            if lasting:
                self._db.execute("PRAGMA synchronous = FULL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk has rolled it back already
                        self._db.execute("ROLLBACK")
                    raise
            finally:
                if lasting:
                    self._db.execute("PRAGMA synchronous = NORMAL")

    def read(self, query: str, *values: object) -> Iterator[Any]:
        """The rows of a query, one by one."""
        with self._told():
            cursor = self._db.execute(query, values)
        while True:
            with self._told():
                row = cursor.fetchone()
            if row is None:
                return
            yield row

    @property
    def writing(self) -> bool:
        """True within a transaction, which may come to nothing."""
        return self._db.in_transaction

    def state(self) -> tuple[int, int]:
        """Another pair whenever somebody wrote: what was read at the same one is what stands there."""
        ((others,),) = self.read("PRAGMA data_version")
        return int(others), self._db.total_changes

    def close(self) -> None:
        """Close the file; a WAL that is left is taken up at the next opening."""
        with suppress(sqlite3.Error):
            self._db.close()

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the class."""
        with self.transaction() as database:
            database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str:
        """A fact about the class, "" if there is none."""
        found = list(self.read("SELECT value FROM meta WHERE name = ?", name))
        return str(found[0][0]) if found else ""


def now() -> str:
    """The time as the ledger has it: UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def storable(text: str) -> str:
    """Text that SQLite takes: names of files need not be text."""
    return text.encode("utf-8", "replace").decode()
