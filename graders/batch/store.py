"""The results of a class, in SQLite: what is committed here is never graded again, nor lost.

One row a submission and key (its files, the specs, the seed and the options); the report itself is
in the row, compressed, so that every other file of the output folder can be made again. Only the
coordinator writes results; decisions of people (`graders.ledger`) are in the same file.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from graders.batch.model import Handed, Status, Student
from graders.ledger.database import FILE, REPORTS, Database, now
from graders.ledger.database import storable as _text
from graders.ledger.late import Timing
from graders.ledger.ledger import Ledger
from graders.ledger.marks import Marking, told
from graders.ledger.model import Decision, Graded, Marks, Who
from graders.ledger.schema import VERSION
from graders.ledger.uploads import Upload, Uploads
from graders.messages import Language

_ROW = (
    "roll.id, shown, name, roll.number, email, status, reason, sprint, score, max_score, "
    "seconds, summary, late, attempt, submitted, key, roll.files, results.settings, graded_at"
)
_KEY = 12  # digits of a key that tell it from others
_AS_OF = re.compile(rf"g([0-9a-z]{{1,{_KEY}}})-([0-9]{{1,15}})")
_ROLL = "id, position, key, shown, name, number, email, late, attempt, submitted, files, settings"


class Enrolled(NamedTuple):
    """One of a class: its key, and what of it are the files and what the settings (their digests)."""

    handed: Handed
    key: str
    files: str = ""
    settings: str = ""


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
    late: bool = False
    attempt: int = 0
    submitted: str = ""  # when it was handed in (`graders.times.kept`), "" where it is not known
    key: str = ""
    files: str = ""
    settings: str = ""
    graded_at: str = ""
    marks: Marks = field(default_factory=Marks)  # those that count, people's decisions in them
    decisions: int = 0  # the number of the last one that the marks know of

    @property
    def as_of(self) -> str:
        """What the marks were made of, for `Store.row_as_of`; no spreadsheet takes it for a number."""
        return f"g{self.key[:_KEY]}-{self.decisions}"

    @property
    def who(self) -> Who:
        """Whose it is."""
        return Who(self.id, self.student.number, self.student.email)

    @property
    def is_late(self) -> bool:
        """True if it is late: by what was laid down, else by what the learning system says."""
        known = self.marks.lateness
        if known is None or known.timing is Timing.UNKNOWN:
            return self.late
        return known.timing is Timing.LATE

    @property
    def untimed(self) -> bool:
        """True if it is due and has a mark, and it is not known when it was handed in: it is never late."""
        late = self.marks.lateness
        known = self.marks.known and late is not None and late.timing is Timing.UNKNOWN
        return known and bool(self.shown)

    @property
    def graded(self) -> list[Graded]:
        """What the grader says of each item."""
        optional = set(self.summary.get("optional", ()))
        return [
            Graded(name, status, points, most, name not in optional)
            for name, status, points, most in self.summary.get("items", ())
        ]

    @property
    def share(self) -> float:
        """The score that counts over what can be had, from 0 on."""
        return self.marks.share

    def reason_in(self, language: Language) -> str:
        """Why it has no grade, in that language."""
        return reason_in(self.summary, self.reason, language)


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


class Store(Database):
    """One output folder's results.

    Raises (as every method):
        GraderError: the file is not a store of ours, of a newer version, damaged, held by another
            program, or can't be read or written.
    """

    _roll = "class"
    _counting: tuple[tuple[int, int], Marking] | None = None  # the decisions, by the file's state

    @cached_property
    def ledger(self) -> Ledger:
        """What people decided."""
        return Ledger(self)

    @cached_property
    def uploads(self) -> Uploads:
        """What came in by the hand-in page."""
        return Uploads(self)

    def proposal(self) -> Store:
        """The same store, its class as a re-grade would have it."""
        other = copy(self)
        other._roll = "proposed"
        return other

    # -- the class -----------------------------------------------------------------------

    def enrol(self, handed: Iterable[Enrolled], how: str = "", by: str = "") -> None:
        """Make these the class. Results of earlier keys stay, and so does all that was handed in. When the
        same files were handed in is not forgotten where it is not told this time.

        `how`, `by`: what makes other gradings count than before, for the history.
        """
        roll = self._roll
        at = now()
        with self.transaction() as db:
            query = f"SELECT id, key, late, submitted FROM {roll}"
            before = {id_: (key, told) for id_, key, *told in db.execute(query)}
            db.execute(f"DELETE FROM {roll}")
            for position, one in enumerate(handed):
                was = before.get(one.handed.id)
                self._take_up(db, position, one, was, at, how, by)

    def hand_in(self, one: Enrolled, upload: Upload) -> Upload:
        """Keep an upload, and let it be what its student has handed in; when this returns, a power cut loses
        neither. The student is of the class.
        """
        with self.transaction(lasting=True) as db:
            kept = self.uploads.add(db, upload)
            query = "SELECT position, key, late, submitted FROM class WHERE id = ?"
            ((position, key, *told),) = db.execute(query, (one.handed.id,))
            db.execute("DELETE FROM class WHERE id = ?", (one.handed.id,))
            self._take_up(db, position, one, (key, told), upload.at, "serve", "")
        return kept

    def _take_up(
        self, db: sqlite3.Connection, position: int, enrolled: Enrolled,
        before: tuple[str, list[Any]] | None, at: str, how: str, by: str,
    ) -> None:  # fmt: skip
        """Put one into the roll. `before`: the key that it had there, whether it was late, and when it came."""
        one, key, files, settings = enrolled
        who, roll = one.student, self._roll
        submitted = one.submitted or _known_time(db, one.id, files)
        values = (one.id, position, key, _text(one.shown), who.name, who.number, who.email,
                  one.late, one.attempt, submitted, files, settings)  # fmt: skip
        db.execute(
            f"INSERT INTO {roll} ({_ROLL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values
        )
        if files:  # of a store of an earlier form neither was known
            db.execute(
                "UPDATE results SET files = ?, settings = ? WHERE id = ? AND key = ? AND files = ''",
                (files, settings, one.id, key),
            )
        if roll != "class":
            return
        if files and one.shown:  # those of a roster who handed in nothing are rows, too
            db.execute(
                "INSERT INTO attempts (id, files, seen_at, shown, name, number, email, late, "
                "attempt, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET submitted = excluded.submitted",
                (one.id, files, at, _text(one.shown), who.name, who.number, who.email,
                 one.late, one.attempt, submitted),
            )  # fmt: skip
        old_key, told = before or ("", None)
        if old_key != key or told != [one.late, submitted]:  # the file says something else
            db.execute("UPDATE results SET written = 0 WHERE id = ? AND key = ?", (one.id, key))
        if old_key != key:
            db.execute(
                "INSERT INTO counted (at, id, key, how, by) VALUES (?, ?, ?, ?, ?)",
                (at, one.id, key, how, by),
            )

    def apply(self, ids: Sequence[str], how: str, by: str) -> None:
        """Let what was proposed for these count from now on; all of it or nothing."""
        at = now()
        with self.transaction(lasting=True) as db:
            for id_ in ids:
                ((key, settings),) = db.execute(
                    "SELECT key, settings FROM proposed WHERE id = ?", (id_,)
                )
                db.execute(
                    "UPDATE class SET key = ?, settings = ? WHERE id = ?", (key, settings, id_)
                )
                db.execute("UPDATE results SET written = 0 WHERE id = ? AND key = ?", (id_, key))
                db.execute(
                    "INSERT INTO counted (at, id, key, how, by) VALUES (?, ?, ?, ?, ?)",
                    (at, id_, key, how, by),
                )
            db.execute("DELETE FROM proposed")

    def roll(self) -> dict[str, Enrolled]:
        """What of each of the class counts, by id; the submission itself is not kept."""
        query = f"SELECT {_ROLL} FROM {self._roll} ORDER BY position"
        found = {}
        for id_, _, key, shown, *who, late, attempt, submitted, files, settings in self.read(query):
            handed = Handed(
                id_, shown, Student(*who), late=bool(late), attempt=attempt, submitted=submitted
            )
            found[id_] = Enrolled(handed, key, files, settings)
        return found

    def waiting(self) -> Iterator[str]:
        """Ids without a result, in order."""
        query = (
            f"SELECT roll.id FROM {self._roll} AS roll LEFT JOIN results USING (id, key) "
            "WHERE results.id IS NULL ORDER BY position"
        )
        yield from [id_ for (id_,) in self.read(query)]

    def counts(self) -> tuple[int, int]:
        """(submissions of the class, those with a result)."""
        query = f"SELECT count(*), count(results.id) FROM {self._roll} LEFT JOIN results USING (id, key)"
        ((total, done),) = self.read(query)
        return total, done

    def is_empty(self) -> bool:
        """True for a store that no run has used."""
        return not list(self.read("SELECT 1 FROM class LIMIT 1"))

    # -- results -------------------------------------------------------------------------

    def keep(self, id_: str, result: Result, one: Enrolled | None = None) -> None:
        """Commit a result. A second one for the same submission and key changes nothing. `one`: what was
        graded, where something else may have been handed in meanwhile.
        """
        with self.transaction() as db:
            if one is None:
                query = f"SELECT key, files, settings FROM {self._roll} WHERE id = ?"
                found = db.execute(query, (id_,)).fetchone()
            else:
                found = one.key, one.files, one.settings
            if found is None:
                return
            key, files, settings = found
            db.execute(
                "INSERT OR IGNORE INTO results (id, key, status, reason, sprint, score, max_score, "
                "seconds, summary, report, prints, code, files, settings, graded_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (id_, key, result.status, _text(result.reason), result.sprint, result.score,
                 result.max_score, result.seconds, json.dumps(result.summary, ensure_ascii=True),
                 zlib.compress(result.report.encode("utf-8", "replace"), 6),
                 base64.b64decode(result.prints),
                 zlib.compress(json.dumps(result.code, ensure_ascii=True).encode(), 6),
                 files, settings, now()),
            )  # fmt: skip

    def died(self, id_: str, reason: str) -> list[str]:
        """Count a death of the worker that graded it; the reasons of all of them so far."""
        with self.transaction() as db:
            query = (
                f"SELECT reason FROM deaths JOIN {self._roll} USING (id, key) "
                "WHERE id = ? ORDER BY deaths.number"
            )
            reasons = [r for (r,) in db.execute(query, (id_,))]
            db.execute(
                f"INSERT INTO deaths SELECT id, key, ?, ? FROM {self._roll} WHERE id = ?",
                (len(reasons), _text(reason), id_),
            )
        return [*reasons, reason]

    def forgive(self) -> int:
        """Forget the quarantined of the class and all deaths; how many are to be tried again."""
        with self.transaction() as db:
            db.execute("DELETE FROM deaths")
            done = db.execute(
                "DELETE FROM results WHERE status = 'quarantined' AND (id, key) IN "
                f"(SELECT id, key FROM {self._roll})"
            )
        return done.rowcount

    def rows(
        self, order: str = "position", most: int = -1, more: Sequence[Decision] = ()
    ) -> Iterator[Row]:
        """The class's results with the marks that count, one by one: by ``position``, ``worst`` (as
        graded) or ``slowest``. `more`: decisions as if they had been made.
        """
        orders = {
            "position": "position",
            "worst": "CASE WHEN max_score > 0 THEN score / max_score ELSE 0 END, position",
            "slowest": "seconds DESC, position",
        }
        marking = self.marking(more=more)
        for row in self._unmarked(orders[order], most):
            yield self._marked(row, marking)

    def beside(self, more: Sequence[Decision]) -> Iterator[tuple[Row, Row]]:
        """The class's results with the marks that count, each beside itself as if `more` decisions had been made."""
        now, then = self.marking(), self.marking(more=more)
        for row in self._unmarked("position"):
            yield self._marked(row, now), self._marked(row, then)

    def _unmarked(self, order: str, most: int = -1) -> Iterator[Row]:
        query = (
            f"SELECT {_ROW} FROM {self._roll} AS roll JOIN results USING (id, key) "
            f"ORDER BY {order} LIMIT ?"
        )
        return map(_row, self.read(query, most))

    def row(self, id_: str) -> Row:
        """One of the class. KeyError if it has no result."""
        query = f"SELECT {_ROW} FROM {self._roll} AS roll JOIN results USING (id, key) WHERE id = ?"
        for found in list(self.read(query, id_)):
            return self._marked(_row(found), self.marking())
        raise KeyError(id_)

    def row_as_of(self, row: Row, told: str) -> Row | None:
        """A row with the marks that it had when it was `told` (`Row.as_of`); None if no grading is known
        that this can have been.
        """
        found = _AS_OF.fullmatch(told)
        if found is None:
            return None
        query = (
            "SELECT status, reason, sprint, score, max_score, seconds, summary, key, files FROM results "
            "WHERE substr(key, 1, ?) = ? ORDER BY id = ? DESC, graded_at DESC LIMIT 1"
        )
        for status, reason, sprint, score, most, seconds, summary, key, files in list(
            self.read(query, _KEY, found.group(1), row.id)
        ):
            then = replace(
                row, status=status, reason=reason, sprint=sprint, score=score, max_score=most,
                seconds=seconds, summary=json.loads(summary), key=key, files=files,
            )  # fmt: skip
            last = int(found.group(2))
            if last not in self._earlier:
                self._earlier[last] = self.marking(last)
            return self._marked(then, self._earlier[last])
        return None

    @cached_property
    def _earlier(self) -> dict[int, Marking]:
        """The decisions up to some of them, each put together once: the rows of a table share theirs."""
        return {}

    def marking(self, last: int | None = None, more: Sequence[Decision] = ()) -> Marking:
        """All decisions, ready to be asked; those up to the `last` one, if it is given; `more` that are not
        made yet. Those that count now are put together once for each state of the file.
        """
        if last is not None or more or self.writing:
            return self._put_together(last, more)
        state = self.state()
        if self._counting is None or self._counting[0] != state:
            self._counting = state, self._put_together(None, ())
        return self._counting[1]

    def _put_together(self, last: int | None, more: Sequence[Decision]) -> Marking:
        decisions = self.ledger.decisions()
        first = max((one.number for one in decisions), default=0) + 1
        decisions += [replace(one, number=number) for number, one in enumerate(more, first)]
        if last is not None:
            decisions = [one for one in decisions if one.number <= last]
        # Whose numbers are shared is a matter of the whole class, also where few are graded again.
        everyone = self.read("SELECT id, number, email FROM class") if decisions else iter(())
        return Marking(decisions, (Who(*found) for found in everyone))

    def _marked(self, row: Row, marking: Marking) -> Row:
        graded, score, most, sprint = row.graded, row.score, row.max_score, row.sprint
        if row.status != "graded":
            sprint_given = marking.given(row.who)
            like = self.like(sprint_given) if sprint_given else None
            if like is None:
                late = marking.lateness(row.who, sprint, row.submitted)
                marks = Marks(comments=marking.comments(row.who), lateness=late)
                return replace(row, marks=marks, decisions=marking.last)
            # A person gave points for what the grader could not read: nothing else earns any.
            graded = [replace(g, status="missing", points=0.0) for g in like.graded]
            score, most, sprint = 0.0, like.max_score, like.sprint
        marks = marking.marks(row.who, sprint, graded, most, score, row.files, row.submitted)
        return replace(row, sprint=sprint, marks=marks, decisions=marking.last)

    def like(self, sprint: str) -> Row | None:
        """Some graded submission of a sprint, for what its items are; None where there is none."""
        query = (
            f"SELECT {_ROW} FROM {self._roll} AS roll JOIN results USING (id, key) "
            "WHERE status = 'graded' AND sprint = ? ORDER BY max_score DESC, position LIMIT 1"
        )
        return next((_row(found) for found in list(self.read(query, sprint))), None)

    def report(self, id_: str) -> str:
        """The report of one of the class as it was graded, as text. KeyError if it has none."""
        query = f"SELECT report FROM {self._roll} JOIN results USING (id, key) WHERE id = ?"
        found = list(self.read(query, id_))
        if not found:
            raise KeyError(id_)
        with self._told():
            return zlib.decompress(found[0][0]).decode()

    def graded(self, id_: str, files: str) -> Told | None:
        """What became of these files of a student: by the grading that counts, else by the last one; None if
        they have none.
        """
        query = (
            "SELECT key, status, reason, score, max_score, summary FROM results "
            "WHERE id = ? AND files = ? ORDER BY key = (SELECT key FROM class WHERE class.id = ?) "
            "DESC, graded_at DESC LIMIT 1"
        )
        for key, status, reason, score, most, summary in list(self.read(query, id_, files, id_)):
            return Told(id_, key, status, reason, score, most, json.loads(summary))
        return None

    def report_of(self, id_: str, key: str) -> dict[str, Any]:
        """A report as it was graded, whether it counts or not. KeyError if there is none."""
        query = "SELECT report FROM results WHERE id = ? AND key = ?"
        for (packed,) in list(self.read(query, id_, key)):
            with self._told():
                data: dict[str, Any] = json.loads(zlib.decompress(packed))
            return data
        raise KeyError(id_)

    def shown_report(self, row: Row) -> dict[str, Any]:
        """The report with what people decided beside it (``marks``), as plain data."""
        data: dict[str, Any] = json.loads(self.report(row.id))
        if row.marks.spoken:
            data["marks"] = told(row.marks)
        return data

    def prints(self) -> Iterator[tuple[str, bytes]]:
        """Ids and fingerprints of the class, one by one."""
        query = "SELECT id, prints FROM class JOIN results USING (id, key) ORDER BY position"
        yield from self.read(query)

    def code(self, id_: str) -> tuple[bytes, list[tuple[int, str]]]:
        """The fingerprints of one of the class and its code, cell by cell."""
        query = "SELECT prints, code FROM class JOIN results USING (id, key) WHERE id = ?"
        ((prints, code),) = self.read(query, id_)
        with self._told():
            return prints, [(i, source) for i, source in json.loads(zlib.decompress(code))]

    def unwritten(self) -> list[str]:
        """Ids whose result is here and whose report may not be in its file."""
        query = (
            "SELECT id FROM class JOIN results USING (id, key) WHERE written = 0 ORDER BY position"
        )
        return [id_ for (id_,) in self.read(query)]

    def written(self, id_: str, decisions: int) -> None:
        """Its report is in its file. `decisions`: the last one that is in it (`Row.decisions`); one that
        was added since leaves it to be written again.
        """
        with self.transaction() as db:
            db.execute(
                "UPDATE results SET written = 1 WHERE id = ? AND key = "
                "(SELECT key FROM class WHERE class.id = ?) AND "
                "? >= (SELECT coalesce(max(number), 0) FROM decisions)",
                (id_, id_, decisions),
            )

    # -- what was --------------------------------------------------------------------------

    def keep_settings(self, digest: str, told: str) -> None:
        """Keep what gradings are made with, by its digest."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (digest, told))

    def settings(self, digest: str) -> dict[str, Any]:
        """What gradings were made with; empty where it is not known."""
        found = list(self.read("SELECT told FROM settings WHERE digest = ?", digest))
        return dict(json.loads(found[0][0])) if found else {}

    def attempts(self, who: Who) -> list[Attempt]:
        """All that a student ever handed in, in the order in which it was seen."""
        query = (
            "SELECT id, files, seen_at, shown, number, email, late, attempt, submitted FROM attempts "
            "WHERE shown <> '' ORDER BY seen_at, attempt"
        )
        return [
            Attempt(id_, files, at, shown, bool(late), attempt, submitted)
            for id_, files, at, shown, number, email, late, attempt, submitted in self.read(query)
            if Who(id_, number, email).is_same(who)
        ]

    def gradings(self, ids: Sequence[str]) -> list[Grading]:
        """All gradings of these ids, and since when each counted ("" for those that never did)."""
        query = (
            "SELECT id, key, status, reason, sprint, score, max_score, files, settings, graded_at, "
            "report FROM results WHERE id = ? ORDER BY graded_at, rowid"
        )
        found = []
        for id_ in ids:
            counted: dict[str, list[tuple[str, str, str]]] = {}
            for at, key, how, by in self.read(
                "SELECT at, key, how, by FROM counted WHERE id = ? ORDER BY number", id_
            ):
                counted.setdefault(key, []).append((at, how, by))
            for row in self.read(query, id_):
                with self._told():
                    report = json.loads(zlib.decompress(row[-1]))
                found.append(Grading(*row[:-1], report, tuple(counted.get(row[1], ()))))  # type: ignore[call-arg]
        return sorted(found, key=lambda g: g.graded_at)


@dataclass(frozen=True)
class Attempt:
    """Something that was handed in, by the hash of its files."""

    id: str
    files: str
    seen_at: str
    shown: str
    late: bool
    attempt: int
    submitted: str = ""


@dataclass(frozen=True)
class Told:
    """What became of a submission, in short."""

    id: str
    key: str
    status: Status
    reason: str
    score: float
    max_score: float
    summary: dict[str, Any]

    def reason_in(self, language: Language) -> str:
        """Why it has no grade, in that language."""
        return reason_in(self.summary, self.reason, language)


@dataclass(frozen=True)
class Grading:
    """One grading of a submission. `counted`: (since when, by what, by whom) it counted."""

    id: str
    key: str
    status: Status
    reason: str
    sprint: str
    score: float
    max_score: float
    files: str
    settings: str
    graded_at: str
    report: dict[str, Any]
    counted: tuple[tuple[str, str, str], ...]


def reason_in(summary: dict[str, Any], reason: str, language: Language) -> str:
    """Why something has no grade, in that language, if the summary has it."""
    return str(summary.get("reason", {}).get(language) or reason)


def _row(found: tuple[Any, ...]) -> Row:
    id_, shown, name, number, email = found[:5]
    status, reason, sprint, score, max_score, seconds, summary = found[5:12]
    late, *rest = found[12:]
    return Row(
        id_, shown, Student(name, number, email), status, reason, sprint, score, max_score,
        seconds, json.loads(summary), bool(late), *rest,
    )  # fmt: skip


def _known_time(database: sqlite3.Connection, id_: str, files: str) -> str:
    """When the same files of a student were handed in, as it was told before."""
    found = database.execute(
        "SELECT submitted FROM attempts WHERE id = ? AND files = ?", (id_, files)
    ).fetchone()
    return str(found[0]) if found else ""


__all__ = [
    "FILE", "REPORTS", "VERSION", "Attempt", "Enrolled", "Grading", "Result", "Row", "Store", "Told",
]  # fmt: skip
