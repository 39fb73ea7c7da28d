"""A graded class by its folder, and a student of it by any name that they have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graders.batch.store import FILE, Row, Store
from graders.errors import UsageError
from graders.ledger.database import DECIDING
from graders.messages import Language, M
from graders.spelling import near

PATIENCE = 10.0  # seconds that another program's lock is waited for


@contextmanager
def store_of(folder: Path) -> Iterator[Store]:
    """The store in a folder that `scratchgrade batch` graded into.

    Raises:
        UsageError: there is none.
        GraderError: it can't be used.
    """
    if not folder.is_dir():
        raise UsageError(
            M("{folder}: no such folder; give the one that `scratchgrade batch --out` wrote to",
              folder=str(folder))
        )  # fmt: skip
    if not (folder / FILE).is_file():
        raise UsageError(
            M("{folder}: no graded class in it; give the folder that `scratchgrade batch --out` "
              "wrote to", folder=str(folder))
        )  # fmt: skip
    store = Store(folder, PATIENCE, DECIDING)
    try:
        yield store
    finally:
        store.close()


def language_of(store: Store) -> Language:
    """The language that most of the class has."""
    spoken = [row.summary.get("language") for row in store.rows() if row.status == "graded"]
    return "ja" if 2 * spoken.count("ja") > len(spoken) else "en"


def student(store: Store, given: str) -> Row:
    """The one of the class with this id, number, e-mail or name.

    Raises:
        UsageError: nobody has it, or several, or they are not graded yet.
    """
    wanted = given.strip().casefold()
    enrolled = store.roll()
    found = []
    for id_, one in enrolled.items():
        who = one.handed.student
        if wanted == id_.casefold():
            found = [id_]
            break
        if wanted and wanted in (who.number.casefold(), who.email.casefold(), who.name.casefold()):
            found.append(id_)
    if len(found) > 1:
        raise UsageError(
            M("{given}: {n} students have this name or number: {ids}; say which by its id",
              given=given, n=len(found), ids=", ".join(found[:10]))
        )  # fmt: skip
    if not found:
        names = {*enrolled, *(one.handed.student.name for one in enrolled.values())} - {""}
        raise UsageError(
            M("{given}: nobody in this class has this id, name, number or e-mail{near}",
              given=given, near=near(given, sorted(names)))
        )  # fmt: skip
    try:
        return store.row(found[0])
    except KeyError:
        raise UsageError(
            M("{given}: not graded yet; `scratchgrade batch` with --resume goes on", given=found[0])
        ) from None
