"""The pages: what each shows, put together from the class as it stands, rendered with all text escaped."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from graders.batch.outputs import page as class_page
from graders.batch.store import Row
from graders.course.history import decided, history
from graders.course.impact import Told, points_said
from graders.course.lateness import said as late
from graders.course.regrading import digest
from graders.course.rubrics import WAYS
from graders.ledger.model import ItemMark
from graders.messages import Bilingual, M
from graders.report.criteria import signed
from graders.report.html import page as student_page
from graders.report.html import parts_of as report_parts
from graders.report.pages import templates
from graders.report.words import STATUS
from graders.review.blind import Names
from graders.review.desk import Desk, Edit, Gone, Problem, Revision, Said, Standing, parts_of
from graders.review.handed import Kind, Passage, split
from graders.review.words import words
from graders.web.assets import report_sections, text_of
from graders.web.assets import style as shared_style

MISTAKES = 30
_SHOWN = 200  # students of an impact; how many more there are is said
_PLOT = (300.0, 150.0)  # units of the plot's width and height


@dataclass(frozen=True)
class Notice:
    """What to say above a page. `undo`: the decision that it is about, to be taken back at `at`."""

    text: str
    wrong: bool = False
    undo: int = 0
    at: str = ""


class Pages:
    """The pages of one class, in one language."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._words = words(desk.language)
        self._status = {name: said.in_language(desk.language) for name, said in STATUS.items()}

    def _render(self, name: str, **context: Any) -> str:
        return templates("graders.review").get_template(name).render(
            w=self._words, status=self._status, language=self._desk.language,
            folder=self._desk.folder.resolve().name, form_key=self._desk.keys.form,
            **{"notice": None, **context},
        )  # fmt: skip

    def message(self, text: str) -> str:
        """A page with one sentence."""
        return self._render("message.html.j2", here="", text=text)

    def the_class(self) -> str:
        """The class in numbers."""
        seen = self._desk.seen()
        labels = class_page.labels(self._desk.language)
        mistakes: dict[str, tuple[str, int]] = {}
        for row in seen.rows:
            for id_, titles in row.summary.get("mistakes", {}).items():
                before = mistakes.get(id_, ("", 0))[1]
                mistakes[id_] = (titles[self._desk.language], before + 1)
        ranked = sorted(mistakes.items(), key=lambda m: (-m[1][1], m[0]))[:MISTAKES]
        problems = seen.standings
        return self._render(
            "class.html.j2", here="class", whole=seen.whole, problems=problems,
            distribution=_part("distribution", class_page.bars(seen.whole), labels),
            waiting=[p for p in problems if p.waiting or p.unpriced],
            not_graded=[row for row in seen.rows if row.status != "graded"],
            mistakes=ranked, points=_plotted(problems), plot=_PLOT, first=seen.first,
            labels=labels,
        )  # fmt: skip

    def students(self, mistake: str = "") -> str:
        """All students, or those who have a mistake; with their names."""
        rows = [
            (handle, row) for handle, row in self._desk.seen().rows_by_handle.items()
            if not mistake or mistake in row.summary.get("mistakes", {})
        ]  # fmt: skip
        title = ""
        if mistake and rows:
            title = rows[0][1].summary["mistakes"][mistake][self._desk.language]
        return self._render(
            "students.html.j2", here="students", rows=rows, mistake=title, late=self._late,
            labels=class_page.labels(self._desk.language),
        )  # fmt: skip

    def _late(self, row: Row) -> str:
        """What of a student's mark was taken off, and why; "" where nothing is."""
        said = late(row)
        return self.said(said) if said is not None else ""

    def alike(self) -> str:
        """Near-identical code, side by side."""
        labels = class_page.labels(self._desk.language)
        groups = _part("groups", self._desk.alike(), labels)
        return self._render("alike.html.j2", here="copies", groups=groups)

    def publish(self, notice: Notice | None = None) -> str:
        """What was handed out, and the form that does it."""
        waiting = self._desk.seen().whole.waiting
        return self._render(
            "publish.html.j2", here="publish", notice=notice, waiting=waiting,
            publications=self._desk.store.ledger.publications(),
        )  # fmt: skip

    def regrade(self, never_lower: bool, notice: Notice | None = None) -> str:
        """Who gains and who loses by another grading, what either says, and the form that lets it count."""
        found = self._desk.proposed(never_lower)
        told: dict[str, Any] = {"found": found}
        if found is not None:
            language, proposal = self._desk.language, found.proposal
            whole = Told(found.changes, language, found.total, proposal.unchanged, (), ())
            said = M("{done} of {total} are graded again; `scratchgrade regrade` goes on", done=found.done,
                     total=found.total)  # fmt: skip
            told |= {
                "graded": found.done == found.total, "progress": self.said(said),
                "whole": self.said(whole.whole()), "shown": digest(found.changes),
                "rules": [self.said(one) for one in (*proposal.rules, *proposal.left)],
                "rows": [(c, [(i, points_said(i, language)) for i in c.items]) for c in found.shown],
                "more": len(found.changes) - len(found.shown),
                "handles": {row.id: h for h, row in self._desk.seen().rows_by_handle.items()},
            }  # fmt: skip
        return self._render(
            "regrade.html.j2", here="regrade", notice=notice, never_lower=never_lower, **told
        )

    def row(self, handle: str) -> Row:
        """The student that a handle stands for. Raises `Gone`."""
        found = self._desk.seen().rows_by_handle.get(handle)
        if found is None:
            raise Gone
        return found

    def student(self, handle: str) -> str:
        """A student's own page, as `batch` writes it, with what counts now."""
        row = self.row(handle)
        data = self._desk.report(row)
        if row.status != "graded":
            language = self._desk.seen().whole.language
            data |= {"language": language, "error": row.reason_in(language)}
        return student_page(data)

    def history(self, handle: str) -> str:
        """What `why` tells of a student's mark."""
        row = self.row(handle)
        lines = history(self._desk.store, row, "", self._desk.language)
        return self._render("history.html.j2", here="students", id=row.id, lines=list(lines))

    def problem(self, handle: str) -> Problem:
        """The problem that a handle stands for. Raises `Gone`."""
        found = self._desk.seen().problems.get(handle)
        if found is None:
            raise Gone
        return found

    def item(
        self, problem: Problem, student: str, names: bool, notice: Notice | None = None,
        said: Said | None = None,
    ) -> str:  # fmt: skip
        """One problem of one student. `said`: what stood in the form that could not be kept."""
        desk = self._desk
        place = desk.seen().place(problem, student)
        row, item = place.row, problem.id
        report = desk.report(row)
        found = next((one for one in report["items"] if one["id"] == item), None)
        spec = desk.spec(problem)
        numbers = spec.problems if spec is not None else frozenset()
        if spec is not None and report.get("edition"):
            numbers = (
                frozenset(e.problem for e in spec.editions if e.edition == report["edition"])
                or numbers
            )
        cell = found["binding"]["cell"] if found is not None and found["binding"] else None
        work = desk.shelf.work(row)
        mine, rest = split(work, cell, numbers)
        shown = parts_of(report, item)
        if not names:
            hide = Names(row)
            mine, rest = ([_blind(p, hide) for p in side] for side in (mine, rest))
            shown = {**shown, "items": hide.in_report(shown["items"])}
        entries = desk.entries(row, problem, report)
        if not names:
            entries = {k: replace(e, text=hide.in_report(e.text)) for k, e in entries.items()}
        last = desk.last(row, item)
        rubric = desk.rubric(problem)
        asks = spec.asks if spec is not None else None
        return self._render(
            "item.html.j2", here="class", problem=problem, place=place, names=names, row=row,
            mark=place.mark, student=student, base=f"/item/{problem.handle}", notice=notice,
            suffix="?names=1" if names else "", mine=mine, rest=rest, whole=work.whole,
            report=report_sections(report_parts(shown)), report_language=report["language"], entries=entries,
            said=said or _as_it_stands(place.mark), rubric=rubric, signed=signed,
            ways=self.said(WAYS[rubric.way]),
            met={one.id for one in place.mark.met}, apart=place.mark.by and place.mark.by.kind == "points",
            seen=desk.seen_of(row, item), last=last,
            decisions=[list(decided(d, desk.language)) for d in desk.about(row, item)],
            asks=asks.in_language(desk.language) if asks is not None else "",
            title=problem.title,
            often=lambda n: self.said(M("{n} times in this class", n=n)),
        )  # fmt: skip

    def rubric(
        self, problem: Problem, names: str, back: str, notice: Notice | None = None,
        edit: Edit | None = None,
    ) -> str:  # fmt: skip
        """The rubric of a problem to be changed. `back`: the student from whom one came; `edit`: what stood in a
        form that could not be kept.
        """
        rubric = self._desk.rubric(problem)
        counted = Counter(
            one.id for _, _, mark in self._desk.seen().of(problem) for one in mark.met
        )  # fmt: skip
        return self._render(
            "rubric.html.j2", here="class", problem=problem, rubric=rubric, notice=notice,
            seen=self._desk.rubric_number(problem), counted=counted, edit=edit or Edit(""),
            earlier=self._desk.earlier(problem) is not None, **self._rubric_ways(problem, names, back),
        )  # fmt: skip

    def revision(
        self, problem: Problem, edit: Edit, revision: Revision, names: str, back: str, again: bool
    ) -> str:
        """Whose points another rubric would change, before it counts. `again`: they are others than were shown."""
        students = {row.id: handle for handle, row in self._desk.seen().rows_by_handle.items()}
        numbers = {row.id: n for n, (_, row, _) in enumerate(self._desk.seen().of(problem), 1)}
        changes = sorted(revision.changes, key=lambda c: c.difference)
        said = M("it changes other marks than were shown: look at them, then let it count")
        return self._render(
            "revision.html.j2", here="class", problem=problem, edit=edit, seen=revision.seen,
            shown=self.impact_of(revision), changes=changes[:_SHOWN], more=max(len(changes) - _SHOWN, 0),
            whole=self.said(Told(changes, self._desk.language, len(self._desk.seen().rows), 0, (), ()).whole()),
            students=students, numbers=numbers,
            notice=Notice(self.said(said), wrong=True) if again else None,
            **self._rubric_ways(problem, names, back),
        )  # fmt: skip

    def _rubric_ways(self, problem: Problem, names: str, back: str) -> dict[str, Any]:
        """Where the pages of a rubric lead."""
        query = [
            part
            for part in (names.removeprefix("?"), f"from={quote(back)}" if back else "")
            if part
        ]
        known = back in self._desk.seen().rows_by_handle
        return {
            "at": f"/item/{problem.handle}/rubric{'?' if query else ''}{'&'.join(query)}",
            "leave": f"/item/{problem.handle}{f'/{back}' if known else ''}{names}",
            "ways": {way.value: self.said(said) for way, said in WAYS.items()},
            "names": bool(names), "signed": signed,
        }  # fmt: skip

    def impact_of(self, revision: Revision) -> str:
        """A text that is another one when another rubric, or other marks, would come of it."""
        marks = [
            (c.before.id, [(i.item, i.points, bool(i.after and i.after.waits)) for i in c.items])
            for c in revision.changes
        ]  # fmt: skip
        return hashlib.sha256(repr((revision.rubric.terms, marks)).encode()).hexdigest()

    def kept(self, number: int, problem: Problem, names: bool) -> Notice | None:
        """That a decision is kept, to be shown on the next page."""
        known = self._desk.kept(number)
        if known is None or known[1].item != problem.id:
            return None
        student, one = known
        text = " ".join(
            line.strip() for line in decided(replace(one, files=""), self._desk.language)
        )
        at = f"/item/{problem.handle}/{student}{'?names=1' if names else ''}" if student else ""
        row = self._desk.seen().rows_by_handle.get(student)
        last = None if row is None else self._desk.last(row, one.item)
        return Notice(text, undo=number if last is not None and last.number == number else 0, at=at)

    def said(self, message: Bilingual) -> str:
        """A sentence in the language of the pages."""
        return message.in_language(self._desk.language)


def _as_it_stands(mark: ItemMark) -> Said:
    """What a form begins with."""
    points = "" if mark.waits else f"{mark.points:g}"
    return Said(points=points, adjusted=f"{mark.adjusted:g}" if mark.adjusted else "")


def _blind(passage: Passage, hide: Names) -> Passage:
    outputs = tuple(replace(o, text=hide.in_code(o.text)) for o in passage.outputs)
    shown = hide.in_code if passage.kind is Kind.CODE else hide.in_report
    place = hide.in_report(passage.place)
    return replace(passage, source=shown(passage.source), place=place, outputs=outputs)


def _part(name: str, *arguments: Any) -> Markup:
    """A part that the page of `batch` has, too."""
    module = templates("graders.batch").get_template("class_parts.html.j2").module
    return Markup(getattr(module, name)(*arguments))


def _plotted(problems: list[Standing]) -> list[tuple[float, float, Standing]]:
    """Where each problem stands in the plot; those of which both is known."""
    width, height = _PLOT
    found = []
    for one in problems:
        difficulty, discrimination = one.measure.difficulty, one.measure.discrimination
        if difficulty is not None and discrimination is not None:
            found.append((width * difficulty, height * (1 - discrimination) / 2, one))
    return found


@cache
def style() -> str:
    """The one style sheet: that of reports and class pages, and what only these pages have."""
    return shared_style(str(_part("style")), text_of("graders.review", "review.css"))


@cache
def script() -> str:
    """The one script: keys."""
    return text_of("graders.review", "review.js")


__all__ = ["Notice", "Pages", "script", "style"]
