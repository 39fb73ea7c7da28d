"""The summary in the terminal: what a student reads in ten seconds."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from graders.messages import Language, M, Message, clean
from graders.report.cells import cell_lines
from graders.report.report import Report
from graders.report.standing import unchecked, unverified
from graders.report.words import STATUS

_MARKS = {
    "passed": ("ok", "green"),
    "partial": ("--", "yellow"),
    "failed": ("NG", "red"),
    "missing": ("..", "red"),
    "error": ("!!", "red"),
    "manual": ("  ", ""),
    "skipped": ("  ", ""),
}
_UNVERIFIED = "??", "yellow"
_DEFINED = re.compile(r"^\s*(?:class|def)\s+(\w{1,100})", re.MULTILINE)


_CODES = {"green": "32", "yellow": "33", "red": "31", "bold": "1"}


def columns(text: str) -> int:
    """The columns that a text takes in a terminal: Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def written(lines: Iterable[tuple[str, str]], stream: TextIO) -> None:
    """Write the lines, in colour if the stream is a terminal and ``NO_COLOR`` is not set."""
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    for text, style in lines:
        code = _CODES.get(style)
        stream.write(f"\x1b[{code}m{text}\x1b[0m\n" if coloured and code else text + "\n")


def summary(report: Report, *, walls: bool = True) -> Iterator[tuple[str, str]]:
    """Lines with a colour ("" for none): each item, then each failed facet in one sentence.

    `walls`: with a line on those that are missing.
    """
    language: Language = report.language

    def say(message: Message) -> str:
        return message.in_language(language)

    data = report.as_dict()
    yield "", ""
    yield from cell_lines(data["load"]["cells"], language, compile_=False)
    cells = data["load"]["cells"]
    causes = [cell for cell in cells if _is_cause(report, cell["index"])]
    yield from cell_lines(causes, language, compile_=True)
    shown = [item for item in data["items"] if not _left_out(item, data["complete"])]
    widest = max((columns(_word(item, language)) for item in shown), default=0)
    for item in shown:
        yield from item_lines(item, language, widest=widest)
    rest = [cell for cell in cells if cell not in causes]
    yield from cell_lines(rest, language, compile_=True)
    for note in data["load"]["notes"]:
        yield say(M("note: {text}", text=note)), ""
    missing = "; ".join(data["isolation"]["missing"])
    if not walls:
        pass
    elif data["isolation"]["level"] == "limits":
        said = M("NOT ISOLATED: the student's code was limited, not walled off ({missing}).",
                 missing=missing)  # fmt: skip
        yield say(said), "red"
    elif missing:
        level = data["isolation"]["level"]
        yield say(M("isolation: {level} ({missing})", level=level, missing=missing)), ""
    if not data["complete"]:
        yield say(M("The run was stopped before everything was checked.")), "red"
    yield say(total(report)), "bold"


def _is_cause(report: Report, index: int) -> bool:
    """True if an item that is not right hangs on the cell: it is answered there, it would be by a class
    or function of its names, or the cell stands under its problem's heading.
    """
    if report.submission is None:
        return False
    cell = report.submission.cell(index)
    names = _DEFINED.findall(cell.source)
    for result in report.items.values():
        spec, binding = result.spec, result.binding
        if result.status in ("passed", "manual", "skipped"):
            continue
        if binding is not None and binding.cell is not None:
            if binding.cell == index:
                return True
        elif spec.problems & set(cell.section.problems) or any(
            pattern.fullmatch(name) for pattern in spec.names for name in names
        ):
            return True
    return False


def total(report: Report) -> Message:
    """The points in all."""
    data = report.as_dict()
    return M("{score} of {most} points", score=f"{data['score']:g}", most=f"{data['max_score']:g}")


def item_lines(
    item: dict[str, Any], language: Language, before: str | None = None, widest: int = 0
) -> Iterator[tuple[str, str]]:
    """An item of a report in lines with a colour; `before` is the status that it had earlier."""
    mark, colour = _MARKS[item["status"]] if not unverified(item) else _UNVERIFIED
    if item["status"] == "missing" and not item["required"]:
        colour = ""
    points = f"{item['score']:g}/{item['max_score']:g}" if item["max_score"] else ""
    word = _word(item, language)
    if before is not None and before != item["status"]:
        word = f"{STATUS[before].in_language(language)} -> {word}"
    word += " " * (widest - columns(word))
    yield f"{mark} {item['id']:<20} {points:>7}  {word}  {item['title']}", colour
    yield from _details(item, language)


def _left_out(item: dict[str, Any], complete: bool) -> bool:
    """True for an item that nobody asked for: it would bury those that somebody did ask for."""
    return complete and item["status"] == "skipped" and not item["waits_for"]


def _word(item: dict[str, Any], language: Language) -> str:
    word = STATUS[item["status"]].in_language(language)
    return word if item["required"] else f"{word} {M('(optional)').in_language(language)}"


def _details(item: dict[str, Any], language: Language) -> Iterator[tuple[str, str]]:
    status = item["status"]
    measured = status == "passed" and "training" in item
    shown = status in ("missing", "error") or item["waits_for"]
    if shown or measured or unverified(item) or (status == "manual" and item["binding"]):
        if item["message"]:
            yield f"     {clean(item['message'])}", ""
        yield from _hints(item)
        return
    first: dict[str, Mapping[str, str]] = {}
    for check in item["checks"]:
        if check["status"] in ("failed", "error"):
            first.setdefault(check["facet"], check)
    for check in unchecked(item):
        first.setdefault(check["facet"], check)
    told: dict[tuple[str, str], list[str]] = {}  # one exception often costs several facets
    for facet, check in first.items():
        told.setdefault((check["message"], check["hint"]), []).append(facet)
    for (message, hint), facets in told.items():
        if message:
            yield f"     {', '.join(facets)}: {clean(message)}", ""
        if hint:
            yield f"       -> {clean(hint)}", ""


def _hints(item: dict[str, object]) -> Iterator[tuple[str, str]]:
    """What an item that can't be run is diagnosed as: one line, since all facets fail alike."""
    checks = item["checks"]
    assert isinstance(checks, list)
    for hint in list(dict.fromkeys(c["hint"] for c in checks if c["hint"]))[:1]:
        yield f"       -> {clean(hint)}", ""
