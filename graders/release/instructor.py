"""The instructor notebook: what is asked, what is checked, points, and the mistakes that have a name."""

from __future__ import annotations

from collections.abc import Iterator

from graders.authoring.showing import NAMES, checks_shown
from graders.diagnosis import misconceptions_of
from graders.release import words
from graders.release.notebook import Written, markdown
from graders.release.selection import Selection
from graders.release.starter import example_cells, heading
from graders.specs import ItemSpec


def instructor_cells(selection: Selection) -> Iterator[Written]:
    """The cells of what an instructor reads."""
    language = selection.language
    points = sum(i.max_score for i in selection.items)
    required = sum(i.max_score for i in selection.items if i.required)
    total = words.TOTAL.in_language(language)
    total = total.replace("{points}", f"{points:g}").replace("{required}", f"{required:g}")
    title = f"# {selection.title}: {words.INSTRUCTOR.in_language(language)}"
    yield markdown("title", title, words.INSTRUCTOR_HOW.in_language(language), total)
    for spec in selection.items:
        yield heading(selection, spec)
        yield markdown(f"{spec.id}-checks", *_checks(selection, spec))
        yield from example_cells(spec, language)
        mistakes = list(_mistakes(selection, spec))
        if mistakes:
            head = f"### {words.MISTAKES.in_language(language)}"
            yield markdown(f"{spec.id}-mistakes", head, "\n".join(mistakes))


def _checks(selection: Selection, spec: ItemSpec) -> Iterator[str]:
    language = selection.language
    yield f"### {words.CHECKED.in_language(language)} (`{spec.id}`, {spec.max_score:g})"
    lines = list(checks_shown(spec, language))
    if lines:
        yield "```text\n" + "\n".join(lines) + "\n```"
    else:
        yield words.NOTHING_CHECKED.in_language(language)
    if spec.names:
        names = " ".join(f"`{p.pattern}`" for p in spec.names)
        yield f"{NAMES.in_language(language)}: {names}"
    for answer in spec.answers:
        yield f"- {answer.question.in_language(language)}: {answer.expected}"


def _mistakes(selection: Selection, spec: ItemSpec) -> Iterator[str]:
    language = selection.language
    for mistake in misconceptions_of(spec):
        lesson = mistake.lesson
        said = " ".join(part.in_language(language) for part in (lesson.explanation, lesson.hint))
        yield f"- **{mistake.title.in_language(language)}** (`{mistake.id}`): {said}"
