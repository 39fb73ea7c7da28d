"""The report as Markdown, for ``$GITHUB_STEP_SUMMARY`` and comments on pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.messages import Language, M, Message, clean
from graders.report.report import replace_file
from graders.report.standing import unchecked, unverified
from graders.report.words import STATUS

_MARKS = {
    "passed": "✅",
    "partial": "🟡",
    "failed": "❌",
    "missing": "➖",
    "error": "❗",
    "manual": "✍️",
    "skipped": "⏭️",
}
# Everything that Markdown, HTML or GitHub gives a meaning to, mentions and references included.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:&\-])")


def escaped(text: object) -> str:
    """Text that shows as it is: no markup, links, mentions of people or table cells come of it."""
    plain = _SPECIAL.sub(r"\\\1", clean(text))
    return plain.replace("@", "&#64;")


def markdown(data: dict[str, Any]) -> str:
    """The summary of a report's plain data, in the report's own language."""
    return "\n".join(_lines(data)) + "\n"


def _lines(data: dict[str, Any]) -> Iterator[str]:
    language: Language = "ja" if data["language"] == "ja" else "en"

    def say(message: Message) -> str:
        return message.in_language(language)

    yield f"## {say(M('Grading report'))}: {escaped(Path(data['submission']['path']).name)}"
    yield ""
    if data["error"]:
        yield escaped(data["error"])
        return
    total = M("{score} of {most} points", score=f"{data['score']:g}", most=f"{data['max_score']:g}")
    yield f"**{say(total)}**"
    if not data["complete"]:
        yield ""
        yield say(M("The run was stopped before everything was checked."))
    yield ""
    yield f"| {say(M('Problem'))} | {say(M('Status'))} | {say(M('points'))} |"
    yield "|---|---|---:|"
    for item in data["items"]:
        mark, word = _MARKS[item["status"]], STATUS[item["status"]]
        optional = "" if item["required"] else f" {say(M('(optional)'))}"
        points = f"{item['score']:g} / {item['max_score']:g}" if item["max_score"] else ""
        yield f"| {escaped(item['title'])}{optional} | {mark} {say(word)} | {points} |"
    for item in data["items"]:
        told = list(_told(item))
        if told:
            yield ""
            yield f"### {escaped(item['title'])}"
            yield ""
            yield from told


def _told(item: dict[str, Any]) -> Iterator[str]:
    """A sentence for each facet that failed; one for an item that nothing could be checked of."""
    if unverified(item) or (item["status"] in ("missing", "error") and item["required"]):
        yield f"- {escaped(item['message'])}"
        return
    facets: set[str] = set()
    for check in item["checks"]:
        if check["status"] in ("failed", "error") and check["facet"] not in facets:
            facets.add(check["facet"])
            hint = f" {escaped(check['hint'])}" if check["hint"] else ""
            yield f"- **{check['facet']}**: {escaped(check['message'])}{hint}"
    for check in unchecked(item):
        yield f"- **{check['facet']}**: {escaped(check['message'])}"


def write_markdown(data: dict[str, Any], path: Path) -> None:
    """Write the summary; one that exists is added to, as ``$GITHUB_STEP_SUMMARY`` wants it.

    Raises OSError if the file can't be written.
    """
    text = markdown(data)
    if path.is_file() and path.stat().st_size:
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + text
    replace_file(path, text)
