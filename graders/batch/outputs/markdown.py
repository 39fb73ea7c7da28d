"""The class in Markdown: for a step summary or a wiki."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from graders.batch.outputs.summary import Summary, sprints_told
from graders.batch.store import Store
from graders.messages import M, Message
from graders.report.markdown import escaped

_ROWS = 500  # a step summary may have 1 MiB
_MISTAKES = 20
_LATE = M("late")
_DECIDED = M("decided by a person")
_WAITS = M("waits for a person")


def write_markdown(store: Store, whole: Summary, file: TextIO) -> None:
    """Write it."""
    for line in _lines(store, whole):
        file.write(line + "\n")


def _lines(store: Store, whole: Summary) -> Iterator[str]:
    def say(message: Message) -> str:
        return escaped(message.in_language(whole.language))

    yield f"## {say(M('Class report'))}"
    yield ""
    yield say(M("{graded} of {total} submissions graded", graded=whole.graded, total=whole.total))
    if whole.mixed:
        yield ""
        yield say(sprints_told(whole))
    yield ""
    if whole.graded:
        yield f"{say(M('Mean'))}: {100 * whole.mean:.1f} %  "
        yield f"{say(M('Median'))}: {100 * whole.median:.1f} %"
        yield ""
        judged = M("judged")  # babel sees nothing in an f-string
        yield f"| {say(M('Problem'))} | {say(M('passed'))} | {say(judged)} |"
        yield "|---|---:|---:|"
        for item in whole.items:
            optional = "" if item.required else " " + say(M("(optional)"))
            yield f"| {escaped(item.title)}{optional} | {item.passed} | {item.judged} |"
        yield ""
    if whole.mistakes:
        yield f"### {say(M('Commonest mistakes'))}"
        yield ""
        for title, number in whole.mistakes[:_MISTAKES]:
            yield f"- {number}: {escaped(title)}"
        yield ""
    yield f"### {say(M('Submissions'))}"
    yield ""
    yield f"| {say(M('Submission'))} | {say(M('points'))} | |"
    yield "|---|---:|---|"
    for row in store.rows(most=_ROWS):
        marks = row.marks
        points = f"{marks.score:g} / {marks.max_score:g}" if marks.known else ""
        said = [row.reason_in(whole.language)] if row.status != "graded" else []
        said += [f"{say(_LATE)}{_off(marks.taken_off)}"] if row.is_late else []
        said += [f"{say(_DECIDED)}: {', '.join(marks.decided)}"] if marks.decided else []
        said += [f"{say(_WAITS)}: {', '.join(marks.waiting)}"] if marks.waiting else []
        yield f"| {escaped(row.id)} | {points} | {escaped('; '.join(said))} |"
    if whole.total > _ROWS:
        yield ""
        yield say(M("... and {n} more submissions", n=whole.total - _ROWS))


def _off(points: float) -> str:
    """The points that being late costs, behind the word."""
    return f" -{points:g}" if points else ""
