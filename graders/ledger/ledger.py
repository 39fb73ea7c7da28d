"""The ledger in its database: decisions and publications, which are added and never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from graders.ledger.database import Database, now, storable
from graders.ledger.model import CLASS_WIDE, Decision, Marks, Publication, Published, Sent, Who

_COLUMNS = (
    "number, at, by, id, student, email, sprint, item, kind, points, reason, comment, files, key, "
    "takes_back, terms"
)


class Ledger:
    """The decisions of a class. Raises GraderError as its database does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Keep decisions, all or none; they come back with their numbers and the time.

        What was written of these submissions has to be written again, which the same transaction notes.
        """
        at, kept = now(), []
        with self._database.transaction(lasting=True) as db:
            for one in decisions:
                who = one.who
                done = db.execute(
                    f"INSERT INTO decisions ({_COLUMNS}) VALUES "
                    "(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (at, storable(one.by), who.id, who.number, who.email, one.sprint, one.item,
                     one.kind, one.points, storable(one.reason), storable(one.comment), one.files,
                     one.key, one.takes_back, one.terms),
                )  # fmt: skip
                kept.append(replace(one, number=int(done.lastrowid or 0), at=at))
                everybody = one.kind in CLASS_WIDE
                db.execute(
                    "UPDATE results SET written = 0 WHERE (id, key) IN "
                    "(SELECT id, key FROM class WHERE ? OR id = ?)",
                    (everybody, who.id),
                )
        return kept

    def decisions(self) -> list[Decision]:
        """All of them, the first one first."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM decisions ORDER BY number")
        return [
            Decision(number, at, by, Who(id_, student, email), *rest)
            for number, at, by, id_, student, email, *rest in rows
        ]

    def publish(self, by: str, note: str, marks: Iterable[tuple[Who, str, Marks]]) -> Publication:
        """Note what everybody is told now. `marks`: (who, files, marks) of every submission."""
        at = now()
        with self._database.transaction(lasting=True) as db:
            done = db.execute(
                "INSERT INTO publications (at, by, note) VALUES (?, ?, ?)",
                (at, storable(by), storable(note)),
            )
            number = int(done.lastrowid or 0)
            for who, files, one in marks:
                items = {name: mark.points for name, mark in one.items.items() if mark.most}
                db.execute(
                    "INSERT INTO published VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (number, who.id, who.number, who.email, one.score, one.max_score, one.known,
                     files, json.dumps(items)),
                )  # fmt: skip
        return Publication(number, at, by, note)

    def send(self, one: Sent) -> None:
        """Note that a mark is about to be entered in a learning system, or was."""
        with self._database.transaction(lasting=True) as db:
            db.execute(
                "INSERT INTO sent (at, by, place, account, id, student, email, mark, done) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (now(), storable(one.by), one.place, one.account, one.who.id, one.who.number,
                 one.who.email, one.mark, one.done),
            )  # fmt: skip

    def sent(self, place: str = "") -> list[Sent]:
        """What was entered in a learning system, or about to be; the first one first."""
        rows = self._database.read(
            "SELECT place, account, id, student, email, mark, by, done, at FROM sent "
            "WHERE ? IN ('', place) ORDER BY number", place,
        )  # fmt: skip
        return [
            Sent(where, account, Who(id_, student, email), mark, by, bool(done), at)
            for where, account, id_, student, email, mark, by, done, at in rows
        ]

    def publications(self, who: Who | None = None) -> list[Publication]:
        """When marks were handed out, the first time first; those of one student, if one is given."""
        query = "SELECT number, at, by, note FROM publications ORDER BY number"
        found = [Publication(*row) for row in self._database.read(query)]
        if who is None:
            return found
        told = self._database.read("SELECT publication, id, student, email FROM published")
        theirs = {number for number, *one in told if Who(*one).is_same(who)}
        return [one for one in found if one.number in theirs]

    def published(self) -> Iterator[Published]:
        """What everybody was told last, by whichever publication; the last publication goes first."""
        query = (
            "SELECT id, student, email, score, max_score, known, files, items FROM published AS told "
            "WHERE publication = (SELECT max(publication) FROM published WHERE id = told.id) "
            "ORDER BY publication DESC, id"
        )
        for id_, student, email, score, most, known, files, items in self._database.read(query):
            who = Who(id_, student, email)
            yield Published(who, score, most, bool(known), files, json.loads(items))
