"""The report as Gradescope's ``results.json``: one test an item, the sentences in its output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.messages import Language, M, clean
from graders.report.criteria import criteria_said
from graders.report.late import late_said
from graders.report.report import replace_file
from graders.report.standing import counts, unchecked
from graders.report.words import STATUS

_DECIDED = M("decided by a person")


def results(data: dict[str, Any]) -> dict[str, Any]:
    """The object that Gradescope reads, from a report's plain data.

    Points are those of required items; optional ones are shown with theirs in the name, and add
    none. A submission that could not be graded has the reason, and 0 unless a person gave it points.
    """
    language: Language = "ja" if data["language"] == "ja" else "en"
    marks = data.get("marks") or {"score": data["score"], "items": [], "comments": []}
    late = late_said(marks.get("late"))
    comments = [clean(late.in_language(language), 2_000)] if late is not None else []
    comments += [clean(one["text"], 2_000) for one in marks["comments"]]
    if data["error"]:
        given = [_given(mark, language) for mark in marks["items"]]
        lines = [clean(data["error"], 2_000), *filter(None, given), *comments]
        return {"score": marks["score"], "output": "\n".join(lines), "visibility": "visible"}
    marked = {mark["id"]: mark for mark in marks["items"]}
    said = "\n".join(comments)
    return {
        "score": marks["score"],
        **({"output": said} if said else {}),
        "execution_time": round(data["duration_s"]),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            _marked(_test(item, language), item, marked.get(item["id"]), language)
            for item in data["items"]
            if item["status"] != "skipped" or counts(item)
        ],
    }


def write_results(data: dict[str, Any], path: Path) -> None:
    """Write it, whole or not at all. Raises OSError if the file can't be written."""
    replace_file(path, json.dumps(results(data), ensure_ascii=False, indent=1) + "\n")


def _test(item: dict[str, Any], language: Language) -> dict[str, Any]:
    word = STATUS[item["status"]].in_language(language)
    test: dict[str, Any] = {
        "name": f"{clean(item['title'])} ({word})",
        "number": item["id"],
        "output": "\n".join(_lines(item)),
        "output_format": "text",
        "visibility": "visible",
    }
    if item["status"] == "manual" and not counts(item):
        return test
    test["status"] = "passed" if item["status"] == "passed" else "failed"
    if item["required"]:
        test["score"], test["max_score"] = item["score"], item["max_score"]
    elif item["status"] != "missing":
        test["name"] += f" {item['score']:g}/{item['max_score']:g}"
    else:
        del test["status"]
    return test


def _marked(
    test: dict[str, Any], item: dict[str, Any], mark: dict[str, Any] | None, language: Language
) -> dict[str, Any]:
    """A test with what a person decided about its item."""
    if mark is None:
        return test
    said = [test["output"]] if test["output"] else []
    said += _said(mark, language)
    if item["required"] or not item["max_score"]:
        test["score"], test["max_score"] = mark["points"], mark["max_points"]
        test["status"] = "passed" if mark["points"] >= mark["max_points"] else "failed"
    return {**test, "output": "\n".join(said)}


def _said(mark: dict[str, Any], language: Language) -> Iterator[str]:
    """What a person decided about an item, and what they said."""
    if mark["decided"]:
        points = f"{mark['points']:g} / {mark['max_points']:g}"
        yield _DECIDED.in_language(language) + f": {points} {clean(mark['reason'])}".rstrip()
    yield from criteria_said(mark, language)
    yield from (clean(one["text"], 2_000) for one in mark["comments"])


def _given(mark: dict[str, Any], language: Language) -> str:
    """The same behind the item's name, where there is no test to say it in."""
    said = ", ".join(_said(mark, language))
    return f"{mark['id']}: {said}" if said else ""


def _lines(item: dict[str, Any]) -> Iterator[str]:
    if item["message"]:
        yield clean(item["message"])
    facets: set[str] = set()
    for check in item["checks"]:
        if check["status"] in ("failed", "error") and check["facet"] not in facets:
            facets.add(check["facet"])
            yield f"{check['facet']}: {clean(check['message'])} {clean(check['hint'])}".rstrip()
    for check in unchecked(item):
        yield f"{check['facet']}: {clean(check['message'])}"
