"""What a graded class leaves in its folder besides the reports; all of it can be made again."""

from __future__ import annotations

import contextlib
from pathlib import Path

from graders.batch.discover import slug
from graders.batch.outputs import gradebook, gradescope, junit, markdown, page, similar
from graders.batch.outputs.files import new as _new
from graders.batch.outputs.summary import Summary, summarised
from graders.batch.outputs.tables import Tables
from graders.batch.run import Class, write_unwritten
from graders.batch.store import Store
from graders.errors import GraderError
from graders.grading import Request, policy_of, sprints_for
from graders.ledger.model import Published
from graders.report.html import page as student_page
from graders.specs import SprintSpec, offered


def write_outputs(
    graded: Class, assignment: str = "", starter: Path | None = None, decided: bool = False
) -> Summary:
    """Write every file, each whole or not at all; only one report at a time is in memory. The class
    in numbers.

    `decided`: nothing was graded since they were written, people only decided something.

    Raises:
        GraderError: a file can't be written; the starter code can't be read.
    """
    store, out = graded.store, graded.out
    # Somebody may have decided something while it was graded.
    marked = write_unwritten(graded)
    whole = summarised(store.rows(), sprints_of(store, graded.request), graded.request.language)
    name = assignment or " ".join(whole.sprints) or "scratchgrade"
    _write_tables(store, out, whole, assignment, name)
    _write_pages_of_the_rest(graded, whole)
    alike = similar.found(store, starter)
    if not decided:
        with _new(out / "similar.csv", bom=True) as file:
            similar.write_table(alike, file)
        with _new(out / "junit.xml") as file:
            junit.write_junit(store, file)
    with _new(out / "class.md") as file:
        markdown.write_markdown(store, whole, file)
    with _new(out / "class.html") as file:
        page.write_page(store, whole, name, similar.shown(store, alike), file)
    only = {*marked, *(r.id for r in store.rows() if r.marks.spoken)} if decided else None
    gradescope.write_all(store, _folder(out / "gradescope"), only)
    return whole


def sprints_of(store: Store, request: Request) -> dict[str, SprintSpec]:
    """The sprints of a class, the courses that submissions were found to be of among them.

    Raises:
        GraderError: a value of the request can't be used any more.
    """
    sprints = sprints_for(request)
    seen = {row.sprint for row in store.rows() if row.sprint} - sprints.keys()
    for name in sorted(seen):
        with contextlib.suppress(GraderError):  # a course that is no more
            sprints = {**sprints, **offered(request.specs, name)}
    return policy_of(request, sprints).applied(sprints)


def _write_tables(store: Store, out: Path, whole: Summary, assignment: str, name: str) -> None:
    """The gradebook and what learning systems take: where the class is of several sprints, each has
    its own, for one table has one maximum.
    """
    published = told_last(store)
    tables = Tables(store, out)
    with tables.new("gradebook.csv") as file:
        gradebook.write_gradebook(store, whole, file, "", published)
    for sprint in whole.sprints or [""]:
        tail = f"-{slug(sprint)}" if whole.mixed else ""
        if whole.mixed:
            name = f"{assignment} {sprint}".strip()
            with tables.new(f"gradebook{tail}.csv") as file:
                gradebook.write_gradebook(store, whole, file, sprint, published)
        with tables.new(f"canvas{tail}.csv") as file:
            gradebook.write_canvas(store, whole, name, file, sprint)
        with tables.new(f"moodle{tail}.csv") as file:
            gradebook.write_moodle(store, whole, file, sprint)
    whole.put_aside = tables.finish()


def told_last(store: Store) -> dict[str, Published]:
    """What each student of the class was told last, by the id of now."""
    told = list(store.ledger.published())
    found = {}
    for row in store.rows() if told else ():
        same = [one for one in told if one.who.is_same(row.who)]
        same.sort(key=lambda one: one.who.id != row.id)
        if same:
            found[row.id] = same[0]
    return found


def _write_pages_of_the_rest(graded: Class, whole: Summary) -> None:
    """The pages of those without a report of their own language: they are in the class's."""
    for row in graded.store.rows():
        if row.status != "graded" and whole.language != "en" and row.reason_in(whole.language):
            data = graded.store.shown_report(row)
            data |= {"language": whole.language, "error": row.reason_in(whole.language)}
            with _new(graded.page_file(row.id)) as file:
                file.write(student_page(data))


def _folder(path: Path) -> Path:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise GraderError(f"{path}: can't be written ({error.strerror or error})") from error
    return path
