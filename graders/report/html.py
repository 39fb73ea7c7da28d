"""The report as one self-contained page: no scripts, nothing from elsewhere, readable anywhere.

It is rendered from the report's plain data by Jinja2, which escapes all text that comes from
the submission.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders.messages import Language, M, Message
from graders.report.criteria import criteria_said
from graders.report.figures import confusion_map, curve_of, growth_plot, heat_maps, slope_rows
from graders.report.late import late_said
from graders.report.pages import templates
from graders.report.report import replace_file
from graders.report.standing import unchecked
from graders.report.words import STATUS

_MARKS = {
    "passed": "✓",
    "partial": "◐",
    "failed": "✗",
    "missing": "–",
    "error": "!",
    "manual": "☐",
    "skipped": "·",
}
_FACETS = {
    "forward": M("forward"),
    "dX": M("gradient of the input (dX)"),
    "dW": M("gradient of the weights (dW)"),
    "dB": M("gradient of the bias (dB)"),
    "update": M("update"),
    "shape": M("shape"),
    "repeat": M("a second call"),
    "fit": M("fit"),
    "predict": M("predictions"),
    "predict_proba": M("probabilities"),
    "intercept": M("intercept"),
    "regularisation": M("regularisation"),
    "loss": M("losses"),
    "val_loss": M("losses of validation"),
    "support_vectors": M("support vectors"),
    "transform": M("coordinates"),
    "explained_variance": M("explained variance"),
    "test": M("testing"),
    "training": M("training"),
    "answers": M("written answers"),
    "cost": M("efficiency"),
}
_LABELS = {
    "report": M("Grading report"),
    "score": M("Score"),
    "points": M("points"),
    "optional": M("(optional)"),
    "overview": M("Overview"),
    "problem": M("Problem"),
    "status": M("Status"),
    "checked": M("What was checked"),
    "expected": M("Expected"),
    "actual": M("Yours"),
    "difference": M("Difference (yours − expected)"),
    "input": M("Input"),
    "shape": M("shape"),
    "part": M("shown: the part"),
    "gradient_check": M("Gradient check: numeric against analytic"),
    "nudged": M("What is moved"),
    "element": M("the element"),
    "direction": M("all elements, in a random direction"),
    "numeric": M("Numeric"),
    "analytic": M("Analytic"),
    "apart": M("Relative difference"),
    "slopes": M(
        "L is the sum of the upstream gradient times the output of your own forward, on random inputs. Numeric: how fast L grows when the elements are moved by ±0.00001. Analytic: how fast it should grow by your gradient. In a right backward both agree."
    ),
    "worst": M("▲ marks the worst element."),
    "called": M("How your code was called"),
    "defined": M("defined in"),
    "construct": M("constructed"),
    "forward": M("forward"),
    "backward": M("backward"),
    "hint": M("Hint"),
    "or": M("or"),
    "cells": M("Cells that did not run through"),
    "notes": M("Notes"),
    "about": M("About this run"),
    "submission": M("Submission"),
    "seed": M("Seed"),
    "isolation": M("Isolation"),
    "policy": M("Course policy"),
    "stopped": M("The run was stopped before everything was checked."),
    "accuracy": M("Accuracy"),
    "confusion": M("Confusion matrix"),
    "curve": M("Learning curve"),
    "interval": M("95 % interval"),
    "digits": M("digits that it has never seen"),
    "from": M("from"),
    "to": M("to"),
    "cost": M("What it costs: counted, not timed"),
    "lines": M("Lines of Python run in one forward and one backward"),
    "bytes": M("Most bytes held at once"),
    "reference": M("dashed: the reference"),
    "loops": M("What runs more often for larger inputs"),
    "place": M("Where"),
    "runs": M("Runs at the smallest sizes"),
    "grows": M("Grows with"),
    "functions": M("What it calls, and how often"),
    "decided": M("decided by a person"),
    "kept": M("kept from an earlier grading"),
    "graded_as": M("the grader's own points"),
    "reason": M("Reason"),
    "criteria": M("Criteria that are met"),
    "comment": M("Comment"),
    "outdated": M("Something else was handed in since this was decided."),
    "for_a_person": M("waits for a person"),
    "rows_true": M("Rows: the true digit; columns: what was predicted."),
    "too_slow": M("it took too long"),
    "died": M("the process ended"),
    "raised": M("it raised an exception"),
}
_ORDERS = {0: M("constant"), 1: M("linear"), 2: M("with the square"), 3: M("with the cube")}
_UNFINISHED = {"timeout": "too_slow", "died": "died", "error": "raised"}


def page(data: dict[str, Any]) -> str:
    """The page of a report's plain data, in the report's own language."""
    template = templates("graders.report").get_template("report.html.j2")
    marks = data.get("marks") or {"items": [], "comments": []}
    score, most = (marks.get(name, data[name]) for name in ("score", "max_score"))
    ids = {item["id"] for item in data["items"]}
    return template.render(
        report=data,
        score=score,
        most=most,
        share=min(100 * score / most, 100) if most else 0,
        comments=marks["comments"],
        late=_late(data),
        others=[_with_criteria(mark, data) for mark in marks["items"] if mark["id"] not in ids],
        **parts_of(data),
    )


def _late(data: dict[str, Any]) -> str:
    """What was taken off for being late, and why; "" where it is not."""
    said = late_said(data.get("marks", {}).get("late"))
    return said.in_language("ja" if data["language"] == "ja" else "en") if said is not None else ""


def parts_of(data: dict[str, Any]) -> dict[str, Any]:
    """What the parts of a page (``parts.html.j2``) are made of, in the report's own language."""
    language: Language = "ja" if data["language"] == "ja" else "en"

    def say(message: Message) -> str:
        return message.in_language(language)

    marks = (data.get("marks") or {"items": ()})["items"]
    marked = {mark["id"]: _with_criteria(mark, data) for mark in marks}
    return {
        "items": [{**_item(i), **_points(i, marked.get(i["id"]))} for i in data["items"]],
        "label": {name: say(message) for name, message in _LABELS.items()},
        "status": {name: (mark, say(STATUS[name])) for name, mark in _MARKS.items()},
        "facet": {name: say(message) for name, message in _FACETS.items()},
        "order": {power: say(message) for power, message in _ORDERS.items()},
        "unfinished": [c for c in data["load"]["cells"] if c["status"] in _UNFINISHED],
        "reason_of": _UNFINISHED,
    }


def _with_criteria(mark: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """A mark with what is said of the criteria that are met, in the report's own language."""
    return {**mark, "met": criteria_said(mark, "ja" if data["language"] == "ja" else "en")}


def _points(item: dict[str, Any], mark: dict[str, Any] | None) -> dict[str, Any]:
    """What an item counts for in the end: a person's word goes before the grader's."""
    if mark is None:
        return {"points": item["score"], "most": item["max_score"], "mark": None}
    return {"points": mark["points"], "most": mark["max_points"], "mark": mark}


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """An item with the state of each facet, and of each failed facet its first failed check."""
    facets: dict[str, str] = {}
    shown: dict[str, dict[str, Any]] = {}
    for check in item["checks"]:
        name, status = check["facet"], check["status"]
        facets[name] = _worse(facets.get(name, status), status)
        if status in ("failed", "error") and name not in shown:
            maps = heat_maps(check["expected"], check["actual"], check["where"])
            given = heat_maps(check["input"], None, None) if check["input"] else {}
            if given:
                maps = {"input": given["expected"], **maps}
            mistakes = [m for m in item["misconceptions"] if m["facet"] == name]
            repairs = [r["text"] for r in item.get("repairs", ()) if name in r["facets"]]
            shown[name] = {
                **check, "maps": maps, "mistakes": mistakes, "repairs": repairs, "slopes": [],
            }  # fmt: skip
        if name in shown and not shown[name]["slopes"]:
            shown[name]["slopes"] = slope_rows(check.get("gradient_check", []))
    for check in unchecked(item):
        facets[check["facet"]] = check["status"]
        shown[check["facet"]] = {**check, "maps": {}, "mistakes": [], "repairs": [], "slopes": []}
    training = item.get("training")
    if training is not None:
        training = {
            **training,
            "map": confusion_map(training["confusion"]),
            "drawn": curve_of(training["curve"]),
        }
    cost = item.get("cost")
    if cost is not None:
        plots = {kind: [p for g in cost[kind] if (p := growth_plot(g))] for kind in _GROWTHS}
        cost = {**cost, "plots": {kind: drawn for kind, drawn in plots.items() if drawn}}
    return {
        **item, "facets": facets, "shown": list(shown.values()), "training": training, "cost": cost
    }  # fmt: skip


_GROWTHS = ("work", "memory")


_ORDER = ("error", "failed", "passed", "skipped")


def _worse(one: str, other: str) -> str:
    return min(one, other, key=_ORDER.index)


def write_page(data: dict[str, Any], path: Path) -> None:
    """Write the page, whole or not at all. Raises OSError if the file can't be written."""
    replace_file(path, page(data))
