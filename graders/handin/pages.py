"""The pages: what each shows, rendered with all text escaped, in the language of who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from graders.handin.desk import Attempt, Desk, State
from graders.handin.people import Directory, Person
from graders.handin.settings import Settings
from graders.handin.words import words
from graders.ledger.database import now
from graders.messages import Bilingual, Language, M
from graders.report.html import parts_of
from graders.report.pages import templates
from graders.times import kept_shown, shown
from graders.web.assets import report_body, text_of
from graders.web.assets import style as shared_style

_SOON, _LATER, _LATEST = (
    1.0,
    0.15,
    10.0,
)  # seconds until a page looks again: least, each before it, most


@dataclass(frozen=True)
class Visitor:
    """Who asks, and how they are told."""

    person: Person
    directory: Directory
    language: Language


@dataclass(frozen=True)
class Notice:
    """What to say above a page."""

    text: str
    wrong: bool = False


class Pages:
    """The pages of one class."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk, self._settings = desk, settings
        self._zone: tzinfo = UTC
        for known in (settings.closes, settings.due):
            if known is not None and known.tzinfo is not None:
                self._zone = known.tzinfo

    def _render(
        self, name: str, language: Language, visitor: Visitor | None, **context: Any
    ) -> str:
        return templates("graders.handin").get_template(name).render(
            w=words(language), language=language, course=self._settings.title, visitor=visitor,
            form_key="" if visitor is None else visitor.directory.form(visitor.person),
            time=self._time, **{"notice": None, **context},
        )  # fmt: skip

    def message(self, text: str, language: Language, visitor: Visitor | None = None) -> str:
        """A page with one sentence; a stranger is led to the login, where there is one."""
        login = visitor is None and self._settings.login is not None
        return self._render("message.html.j2", language, visitor, text=text, login=login)

    def mine(self, visitor: Visitor, notice: Notice | None = None) -> str:
        """A student's own page: the form, and what was handed in."""
        desk, settings, person = self._desk, self._settings, visitor.person
        why = desk.why_not(person)
        file_means = M("One file (.ipynb, .py or .zip), or drop it here; {size} MiB at most.",
                       size=f"{settings.size / 2**20:g}")  # fmt: skip
        return self._render(
            "mine.html.j2", visitor.language, visitor, notice=notice, settings=settings,
            due=settings.due, closes=settings.closes, left=desk.left(person),
            why=None if why is None else why.in_language(visitor.language), base="",
            is_late=settings.is_late(now()),
            file_means=file_means.in_language(visitor.language), attempts=self._shown(desk.attempts(person), visitor),
        )  # fmt: skip

    def student(self, visitor: Visitor, person: Person) -> str:
        """What a student handed in, for an instructor."""
        base = f"/class/{visitor.directory.handle(person)}"
        attempts = self._shown(self._desk.attempts(person), visitor)
        return self._render(
            "student.html.j2",
            visitor.language,
            visitor,
            person=person,
            attempts=attempts,
            base=base,
        )

    def the_class(self, visitor: Visitor) -> str:
        """All students, for an instructor."""
        rows = [
            (visitor.directory.handle(one.person), one.person, one.last,
             "" if one.last is None else self._said(one.last, visitor.language))
            for one in self._desk.standings()
        ]  # fmt: skip
        return self._render(
            "class.html.j2", visitor.language, visitor, rows=rows, due=self._settings.due
        )

    def attempt(self, visitor: Visitor, person: Person, attempt: Attempt, base: str) -> str:
        """One attempt: where it is in the line, or its report."""
        report, parts = None, None
        if attempt.state is State.GRADED:
            report = self._desk.report(attempt)
            parts = report_body(parts_of(report))
        return self._render(
            "attempt.html.j2", visitor.language, visitor, person=person, attempt=attempt,
            said=self._said(attempt, visitor.language), base=base, report=report, parts=parts,
            waits=attempt.state is State.WAITING, after=self.after(attempt),
            wrong=attempt.state is State.REFUSED, has_due=self._settings.due is not None,
        )  # fmt: skip

    def state(self, attempt: Attempt, language: Language) -> dict[str, Any]:
        """What a page that waits asks for again and again."""
        return {
            "done": attempt.state is not State.WAITING,
            "text": self._said(attempt, language),
            "after": self.after(attempt),
        }

    def after(self, attempt: Attempt) -> float:
        """Seconds until it is worth asking again: who is far behind asks less often."""
        return min(_SOON + _LATER * (attempt.before or 0), _LATEST)

    def _shown(self, attempts: list[Attempt], visitor: Visitor) -> list[tuple[Attempt, str]]:
        return [(one, self._said(one, visitor.language)) for one in reversed(attempts)]

    def _said(self, attempt: Attempt, language: Language) -> str:
        """What has become of an attempt, as one line."""
        said: Bilingual
        told = attempt.told
        if attempt.state is State.GRADED and told is not None:
            said = M("graded: {points} of {most} points",
                     points=f"{told.score:g}", most=f"{told.max_score:g}")  # fmt: skip
        elif told is not None:
            said = M("not graded: {why}", why=told.reason_in(language))
        elif attempt.state is State.REPLACED:
            said = M("replaced by a later one before it was graded")
        elif attempt.before == 0:
            said = M("it is being graded now")
        elif attempt.before is None:
            said = M("it waits to be graded")
        else:
            said = M("it waits to be graded; before it: {n}", n=attempt.before)
        return said.in_language(language)

    def _time(self, when: datetime | str) -> str:
        """A moment, in the zone that the due date is given in."""
        if isinstance(when, str):
            return kept_shown(when, self._zone)
        return shown(when.astimezone(self._zone))


@cache
def style() -> str:
    """The one style sheet."""
    return shared_style(text_of("graders.handin", "hand-in.css"))


@cache
def script() -> str:
    """The one script: it looks again while something waits, and at a file's size."""
    return text_of("graders.handin", "hand-in.js")
