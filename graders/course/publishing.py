"""Handing out: what everybody is told now is noted, and nothing changes it silently afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.batch.run import alone_in
from graders.batch.store import Row, Store
from graders.course.renewing import put_aside, written
from graders.errors import UsageError
from graders.ledger.model import Publication
from graders.messages import Language, M, Message, clean

MOST_NOTE = 500
_NAMED = 8


@dataclass(frozen=True)
class Done:
    """A publication; who waits for a person all the same; which tables were put aside, to be told in
    the class's language.
    """

    publication: Publication
    marks: int
    outstanding: list[str]
    put_aside: list[Message]
    language: Language


def publish(folder: Path, store: Store, by: str, note: str) -> Done:
    """Note what counts now as handed out, and write the tables that say so.

    Raises:
        UsageError: there is something to do before, or another run is at work in the folder.
        GraderError: it can't be kept or written.
    """
    with alone_in(folder):
        must_be_graded(store)
        return noted(folder, store, by, note, list(store.rows()))


def must_be_graded(store: Store) -> None:
    """Raises UsageError if there is something to do before marks are handed out."""
    waiting = len(list(store.waiting()))
    if waiting:
        raise UsageError(
            M("{n} submissions are not graded yet; `scratchgrade batch` with --resume goes on",
              n=waiting)
        )  # fmt: skip
    if any(not one.files for one in store.roll().values()):
        raise UsageError(
            M("graded by an earlier version; run its `scratchgrade batch` command once more with "
              "--resume, then publish")
        )  # fmt: skip


def noted(folder: Path, store: Store, by: str, note: str, rows: Sequence[Row]) -> Done:
    """Note that the marks of these were handed out, and write the tables that say so; alone in the folder."""
    publication = store.ledger.publish(
        by, clean(note, MOST_NOTE), [(row.who, row.files, row.marks) for row in rows]
    )
    whole = written(folder, store)
    outstanding = [row.id for row in rows if row.marks.waiting]
    return Done(publication, len(rows), outstanding, put_aside(folder, whole), whole.language)


def waits(ids: list[str]) -> Message:
    """Who waits for a person."""
    return M("{n} submissions wait for a person: {ids}", n=len(ids), ids=", ".join(ids[:_NAMED]))
