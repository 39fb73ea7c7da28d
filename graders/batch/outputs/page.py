"""The class as one self-contained page: readable without a script, sortable with the one in it.

Rows go from the store into the template into the file; the page is never whole in memory.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any, TextIO
from urllib.parse import quote

from graders.batch.outputs.similar import Shown
from graders.batch.outputs.summary import BINS, Summary, sprints_told
from graders.batch.store import Row, Store
from graders.messages import Language, M
from graders.report.pages import templates
from graders.report.words import STATUS

SLOWEST = 10
_MISTAKES = 30
_MARKS = {
    "passed": "✓", "partial": "◐", "failed": "✗", "missing": "–", "error": "!", "manual": "☐",
    "skipped": "·",
}  # fmt: skip
# What a cell of the matrix is sorted by.
_ORDER = ("passed", "partial", "failed", "error", "missing", "manual", "skipped")
_LABELS = {
    "class": M("Class report"),
    "submissions": M("Submissions"),
    "submission": M("Submission"),
    "student": M("Student"),
    "mean": M("Mean"),
    "median": M("Median"),
    "distribution": M("Distribution of scores"),
    "range": M("Score"),
    "number": M("Number"),
    "problems": M("Problems"),
    "problem": M("Problem"),
    "optional": M("(optional)"),
    "by_all": M("Everybody passed"),
    "by_nobody": M("Nobody passed"),
    "mistakes": M("Commonest mistakes"),
    "mistake": M("Mistake"),
    "matrix": M("Submissions and problems"),
    "score": M("Score"),
    "seconds": M("Seconds"),
    "slowest": M("Slowest submissions"),
    "alike": M("Near-identical code"),
    "alike_means": M(
        "Names, comments and formatting do not count, nor does what most submissions share. "
        "It is a reason to look, not a proof."
    ),
    "overlap": M("Overlap"),
    "other": M("and"),
    "shared": M("The shared part"),
    "cell": M("Cell"),
    "line": M("line"),
    "not_graded": M("Not graded"),
    "reason": M("Reason"),
    "unreadable": M("can't be read"),
    "aside": M("put aside"),
    "quarantined": M("quarantined"),
    "sort": M("A click on a heading sorts the table."),
    "none": M("none"),
    "late": M("late"),
    "decided": M("decided by a person"),
    "waits": M("waits for a person"),
}


def write_page(
    store: Store, whole: Summary, title: str, alike: Iterable[Shown], file: TextIO
) -> None:
    """Write it, in the language of the summary."""
    environment = templates("graders.batch")
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    graded = whole.graded
    context: dict[str, Any] = {
        "title": title,
        "whole": whole,
        "bars": bars(whole),
        "total": M(
            "{graded} of {total} submissions graded", graded=graded, total=whole.total
        ).in_language(whole.language),
        "items": whole.items,
        "mistakes": whole.mistakes[:_MISTAKES],
        "alike": list(alike),
        "rows": (_row(r, whole) for r in store.rows()),
        "slowest": (r for r in store.rows("slowest", SLOWEST)) if graded else (),
        "not_graded": (r for r in store.rows() if r.status != "graded"),
        "label": labels(whole.language),
        "status": {n: (mark, STATUS[n].in_language(whole.language)) for n, mark in _MARKS.items()},
        "script": script,
        "digest": digest,
        "link": lambda id_: f"pages/{quote(id_)}.html",
        "mixed": sprints_told(whole).in_language(whole.language) if whole.mixed else "",
    }
    stream = environment.get_template("class.html.j2").stream(context)
    stream.enable_buffering(200)
    for piece in stream:
        file.write(piece)


def labels(language: Language) -> dict[str, str]:
    """The words of the page, by what they are for."""
    return {name: message.in_language(language) for name, message in _LABELS.items()}


@cache
def _script() -> str:
    folder = resources.files("graders.batch") / "templates"
    return (folder / "class.js").read_text(encoding="utf-8").strip()


def bars(whole: Summary) -> list[dict[str, Any]]:
    """The bars of the distribution: a range of per cent, a count, a height out of 100."""
    highest = max(whole.bins) or 1
    step = 100 // BINS
    return [
        {"range": f"{step * i}–{step * (i + 1)}", "count": n, "height": round(100 * n / highest, 1)}
        for i, n in enumerate(whole.bins)
    ]


def _row(row: Row, whole: Summary) -> dict[str, Any]:
    return {"row": row, "cells": list(_cells(row, whole))}


def _cells(row: Row, whole: Summary) -> Iterator[dict[str, Any] | None]:
    for item in whole.items:
        mark = row.marks.items.get(item.id)
        if mark is None or row.sprint != item.sprint:
            yield None
            continue
        status = mark.graded.status
        yield {
            "status": status, "points": mark.points, "most": mark.most,
            "order": _ORDER.index(status), "decided": mark.changed, "waits": mark.waits,
        }  # fmt: skip
