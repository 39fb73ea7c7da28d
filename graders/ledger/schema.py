"""The form of a class's database, and the way to it from every form that there has been.

`STEPS[n]` leads from form n to form n + 1. A step that was released is never changed: a new form is a
new step. Each store is brought to the newest form in one transaction, or stays as it was.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress


def _only_added(*tables: str) -> Iterator[str]:
    """What keeps rows of tables as they are."""
    for table in tables:
        for word in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_{word} BEFORE {word} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'what is in {table} is added to, never changed'); END"
            )


_FIRST = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE class (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL
) WITHOUT ROWID""",
    """CREATE TABLE results (
    id TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    sprint TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL, seconds REAL NOT NULL,
    summary TEXT NOT NULL, report BLOB NOT NULL, prints BLOB NOT NULL, code BLOB NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    UNIQUE (id, key)
)""",
    """CREATE TABLE deaths (
    id TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id, key, number)
) WITHOUT ROWID""",
)
_ROLL = """(
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, key TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, late INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0, files TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID"""
_LEDGER = (
    "ALTER TABLE class ADD COLUMN late INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE class ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE class ADD COLUMN files TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE class ADD COLUMN settings TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE results ADD COLUMN files TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE results ADD COLUMN settings TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE results ADD COLUMN graded_at TEXT NOT NULL DEFAULT ''",
    # The class as a re-grade would have it, until it is applied.
    f"CREATE TABLE proposed {_ROLL}",
    # What a grading was made with: versions, specs, policy, options.
    "CREATE TABLE settings (digest TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID",
    # All that was ever handed in, by the hash of its files.
    """CREATE TABLE attempts (
    id TEXT NOT NULL, files TEXT NOT NULL, seen_at TEXT NOT NULL, shown TEXT NOT NULL,
    name TEXT NOT NULL, number TEXT NOT NULL, email TEXT NOT NULL, late INTEGER NOT NULL,
    attempt INTEGER NOT NULL, PRIMARY KEY (id, files)
) WITHOUT ROWID""",
    # Which grading of a submission counted, from when, and by what.
    """CREATE TABLE counted (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, id TEXT NOT NULL,
    key TEXT NOT NULL, how TEXT NOT NULL, by TEXT NOT NULL
)""",
    """CREATE TABLE decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, id TEXT NOT NULL,
    student TEXT NOT NULL, email TEXT NOT NULL, sprint TEXT NOT NULL, item TEXT NOT NULL,
    kind TEXT NOT NULL, points REAL, reason TEXT NOT NULL, comment TEXT NOT NULL,
    files TEXT NOT NULL, key TEXT NOT NULL
)""",
    """CREATE TABLE publications (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL
)""",
    """CREATE TABLE published (
    publication INTEGER NOT NULL, id TEXT NOT NULL, student TEXT NOT NULL, email TEXT NOT NULL,
    score REAL NOT NULL, max_score REAL NOT NULL, known INTEGER NOT NULL, files TEXT NOT NULL,
    items TEXT NOT NULL, PRIMARY KEY (publication, id)
) WITHOUT ROWID""",
    *_only_added("decisions", "publications", "published"),
)


def _run(statements: Sequence[str]) -> Callable[[sqlite3.Connection], None]:
    def run(database: sqlite3.Connection) -> None:
        for statement in statements:
            database.execute(statement)

    return run


def _to_ledger(database: sqlite3.Connection) -> None:
    _run(_LEDGER)(database)
    # A summary says which items add nothing to the sum: until now only the report did.
    rows = database.execute("SELECT rowid FROM results WHERE status = 'graded'").fetchall()
    for (row,) in rows:
        packed, summary = database.execute(
            "SELECT report, summary FROM results WHERE rowid = ?", (row,)
        ).fetchone()
        with suppress(zlib.error, ValueError, KeyError):  # damage is told where it is read
            report = json.loads(zlib.decompress(packed))
            optional = [i["id"] for i in report["items"] if not i["required"]]
            text = json.dumps({**json.loads(summary), "optional": optional}, ensure_ascii=True)
            database.execute("UPDATE results SET summary = ? WHERE rowid = ?", (text, row))


# Since when a decision can take another one back.
_TAKING_BACK = ("ALTER TABLE decisions ADD COLUMN takes_back INTEGER NOT NULL DEFAULT 0",)

# Since when it is known when something was handed in, and a class can lay down when it is due.
_DUE = (
    *(
        f"ALTER TABLE {table} ADD COLUMN submitted TEXT NOT NULL DEFAULT ''"
        for table in ("class", "proposed", "attempts")
    ),
    "ALTER TABLE decisions ADD COLUMN terms TEXT NOT NULL DEFAULT ''",
)

# Since when marks are sent to learning systems: each before it is, and again when it was.
_SENT = (
    """CREATE TABLE sent (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, place TEXT NOT NULL,
    account TEXT NOT NULL, id TEXT NOT NULL, student TEXT NOT NULL, email TEXT NOT NULL,
    mark REAL NOT NULL, done INTEGER NOT NULL
)""",
    *_only_added("sent"),
)

# Since when students hand in by a page of ours.
_HANDING_IN = (
    """CREATE TABLE uploads (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, id TEXT NOT NULL,
    student TEXT NOT NULL, email TEXT NOT NULL, files TEXT NOT NULL, content TEXT NOT NULL,
    name TEXT NOT NULL, size INTEGER NOT NULL
)""",
    # Each one makes the person's link before it worthless.
    """CREATE TABLE revocations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL, person TEXT NOT NULL
)""",
    *_only_added("uploads", "revocations"),
)

# Since when items are graded by rubrics. Their decisions have the form of all others; a version that knows
# nothing of them would leave them out of the marks, so it must refuse the file.
_RUBRICS: tuple[str, ...] = ()

STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _run(_FIRST), _to_ledger, _run(_TAKING_BACK), _run(_DUE), _run(_SENT), _run(_HANDING_IN),
    _run(_RUBRICS),
)  # fmt: skip
VERSION = len(STEPS)
