"""Folds a grading's events into the report: one JSON object, valid against its schema."""

from __future__ import annotations

import json
import math
import os
import platform
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import numpy as np

from graders.checks.model import CheckResult, Slope
from graders.edits.model import Repair
from graders.engine import Event, Finished, ItemFinished, ItemJudged, Loaded, now
from graders.errors import GraderError
from graders.judging.results import ItemResult
from graders.messages import Language, M, Message, clean
from graders.report.cells import compiles, reason
from graders.report.costs import cost_data
from graders.report.feedback import Feedback, hint_on, misconceptions, repair_of, told, told_of_item
from graders.report.standing import counts, succeeds
from graders.report.trainings import training_data
from graders.report.words import note_of
from graders.sandbox.isolation import NOT_STARTED, words
from graders.sandbox.session import CellRun
from graders.specs import SprintSpec
from graders.submission import Submission

SCHEMA_VERSION = 1
SeedFrom = Literal["option", "secret", "run"]
"""Where a seed comes from: ``--seed``, a secret that is kept, or one that was this run's alone."""
MAX_ELEMENTS = 64


class Report:
    """Everything that is known about one grading so far; complete after `Finished`."""

    def __init__(
        self,
        path: Path,
        language: Language,
        submission: Submission | None = None,
        sprint: SprintSpec | None = None,
        seed: int = 0,
        feedback: Feedback = "full",
    ) -> None:
        self.path, self.language, self.feedback = path, language, feedback
        self.submission, self.sprint, self.seed = submission, sprint, seed
        self.loaded: Loaded | None = None
        self.items: dict[str, ItemResult] = {}
        self.complete = False
        self.seed_from: SeedFrom = "option"
        self.policy: dict[str, str] | None = None  # its name, file and hash
        self.error: str | None = None
        self._unfinished: set[str] = set()  # cost or repairs are still to come
        self._started_at = now()
        self._began = time.monotonic()

    def take(self, event: Event) -> None:
        """Fold one event in."""
        if isinstance(event, Loaded):
            self.loaded = event
        elif isinstance(event, ItemFinished | ItemJudged):
            self.items[event.result.spec.id] = event.result
            if isinstance(event, ItemJudged):
                self._unfinished.add(event.result.spec.id)
            else:
                self._unfinished.discard(event.result.spec.id)
        elif isinstance(event, Finished):
            self.complete = True

    def is_final(self, item: str) -> bool:
        """True if nothing more comes to the item's verdict: no cost, no repairs."""
        return item in self.items and item not in self._unfinished

    def fail(self, reason: str) -> None:
        """Nothing could be graded, and why."""
        self.error = clean(reason, 1000)

    @property
    def passed(self) -> bool:
        """True if every required item that was asked for passed (those for a person aside)."""
        return self.error is None and all(
            succeeds(item) and (item["id"] in self.items or not item["required"])
            for item in map(self.item, self._ids())
        )

    # -- the JSON object -----------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data, as `specs/report.schema.json` describes it."""
        items = [self.item(spec_id) for spec_id in self._ids()]
        graded = [i for i in items if counts(i)]
        loaded, submission = self.loaded, self.submission
        return {
            "schema_version": SCHEMA_VERSION,
            "submission": {
                "path": os.fsencode(self.path).decode("utf-8", "replace"),
                "sha256": submission.sha256 if submission else "",
                "kind": submission.kind if submission else "unreadable",
                "cells": len(submission.cells) if submission else 0,
            },
            "sprint": self.sprint.id if self.sprint else None,
            "edition": self._edition(),
            "language": self.language,
            "seed": self.seed,
            "seed_from": self.seed_from,
            "policy": self.policy,
            "complete": self.complete,
            "error": self.error,
            "runtime": {
                "python": loaded.python if loaded else None,
                "numpy": loaded.numpy if loaded else None,
                "platform": platform.platform(terse=True),
            },
            "isolation": self._isolation(),
            "load": {
                "notes": [
                    note_of(n).in_language(self.language) for n in (loaded.notes if loaded else ())
                ],
                "cells": [self._cell(run) for run in (loaded.runs if loaded else ())],
            },
            "items": items,
            "score": sum(i["score"] for i in graded if i["required"]),
            "max_score": sum(i["max_score"] for i in graded if i["required"]),
            "events_dropped": 0,
            "started_at": self._started_at,
            "duration_s": round(time.monotonic() - self._began, 3),
        }  # fmt: skip

    def _isolation(self) -> dict[str, Any]:
        seen = self.loaded.isolation if self.loaded else NOT_STARTED
        always = ["own process", "own process group", "wall-clock limit"] if self.loaded else []
        # That the grader isn't root is for `doctor` to say: an ordinary user knows, and reads it each time.
        lacking = [words.lacking(*m) for m in seen.missing if m != ("uid", "needs root")]
        missing = lacking + [words.possible(a) for a in seen.acts]
        return {
            "level": seen.level,
            "layers": [*always, *seen.layers],
            "missing": [m.in_language(self.language) for m in missing],
        }

    def _edition(self) -> str | None:
        """The edition of the course whose problem numbers the notebook has, if one stands out."""
        votes: Counter[str] = Counter()
        for result in self.items.values():
            if result.binding is None or result.binding.cell is None or self.submission is None:
                continue
            problems = self.submission.cell(result.binding.cell).section.problems
            votes.update(e.edition for e in result.spec.editions if e.problem in problems)
        ranked = votes.most_common(2)
        if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
            return None
        return ranked[0][0]

    def _place(self, cell: int | None, line: int | None = None) -> str | None:
        if cell is None or self.submission is None:
            return None
        return self.submission.place(cell, line).in_language(self.language)

    def _ids(self) -> list[str]:
        return [spec.id for spec in self.sprint.items] if self.sprint else []

    def _cell(self, run: CellRun) -> dict[str, Any]:
        assert self.submission is not None
        cell = self.submission.cell(run.index)
        said = reason(run, cell)
        error = said.in_language(self.language) if isinstance(said, Message) else said
        line = run.error.line if run.error is not None and run.error.cell == run.index else None
        return {
            "index": run.index,
            "place": self.submission.place(run.index, line).in_language(self.language),
            "section": clean(self.submission.cell(run.index).section.title, 120),
            "status": run.status,
            "seconds": round(run.seconds, 4),
            "error": error,
            "compiles": compiles(run, cell),
        }

    def item(self, spec_id: str) -> dict[str, Any]:
        """One item of the report as plain data."""
        assert self.sprint is not None
        spec = self.sprint.item(spec_id)
        result = self.items.get(spec_id)
        if result is None:
            text = M("The run was stopped before this was checked.").in_language(self.language)
            return _item_dict(spec_id, spec.title.in_language(self.language), spec.required,
                              "skipped", 0.0, spec.max_score, text)  # fmt: skip
        data = _item_dict(
            spec_id, spec.title.in_language(self.language), spec.required, result.status,
            result.score, spec.max_score,
            told_of_item(result, self.feedback).in_language(self.language),
        )  # fmt: skip
        data["checks"] = [self._check(c, result) for c in result.checks]
        data["waits_for"] = list(result.waits_for)
        data["misconceptions"] = misconceptions(result, self.feedback, self.language)
        if result.repairs and self.feedback != "score":
            data["repairs"] = [self._repair(r) for r in result.repairs]
        if result.cost is not None and self.feedback != "score":
            data["cost"] = cost_data(result.cost, result.spec, self.language)
        if result.training is not None:
            data["training"] = training_data(result.training)
        binding = result.binding
        if binding is not None:
            data["binding"] = {
                "name": clean(binding.name),
                "cell": binding.cell,
                "place": self._place(binding.cell),
                "construct": clean(binding.construct),
                "forward": clean(binding.forward),
                "backward": clean(binding.backward),
                "notes": [n.in_language(self.language) for n in binding.notes],
                "calls": binding.calls,
                "seconds": binding.seconds,
            }
        return data

    def _repair(self, repair: Repair) -> dict[str, Any]:
        """What is told of a repair; the line before and after only where everything is told."""
        lines = []
        for edit in repair.edits:
            before, after = edit.before_and_after() if self.feedback == "full" else ("", "")
            lines.append(
                {
                    "place": self._place(edit.function.cell, edit.line),
                    "cell": edit.function.cell,
                    "lines": list(edit.lines),
                    "kind": edit.kind.id,
                    "before": clean(before) or None,
                    "after": clean(after) or None,
                }
            )
        return {
            "facets": list(repair.facets),
            "text": repair_of(repair, self.feedback).in_language(self.language),
            "choice": lines,
        }

    def _check(self, check: CheckResult, result: ItemResult) -> dict[str, Any]:
        full = self.feedback == "full"
        where = None if self.feedback == "score" else check.where
        return {
            "id": check.id,
            "facet": check.facet,
            "status": check.status,
            "message": told(check, self.feedback).in_language(self.language),
            "hint": hint_on(check, result, self.feedback).in_language(self.language),
            "expected": array_data(check.expected if full else None, check.where),
            "actual": array_data(check.actual if full else None, check.where),
            "input": array_data(check.input if full and _small(check.input) else None, None),
            "max_abs_error": _number(check.max_abs_error if full else None),
            "max_rel_error": _number(check.max_rel_error if full else None),
            "where": None if where is None else list(where),
            "gradient_check": [_slope(s) for s in check.slopes] if full else [],
        }


def _item_dict(
    id_: str, title: str, required: bool, status: str, score: float, max_score: float, message: str
) -> dict[str, Any]:
    return {
        "id": id_, "title": title, "required": required, "status": status, "score": score,
        "max_score": max_score, "message": message, "binding": None, "checks": [],
        "misconceptions": [], "waits_for": [],
    }  # fmt: skip


def _slope(slope: Slope) -> dict[str, Any]:
    return {
        "where": None if slope.where is None else list(slope.where),
        "numeric": _number(slope.numeric),
        "analytic": _number(slope.analytic),
    }


def _small(array: np.ndarray | None) -> bool:
    return array is not None and array.size <= MAX_ELEMENTS


def _number(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def array_data(array: np.ndarray | None, where: tuple[int, ...] | None) -> dict[str, Any] | None:
    """At most 64 elements: the part around the worst one."""
    if array is None:
        return None
    shape = list(array.shape)
    offset = None
    if array.size > MAX_ELEMENTS:
        array, offset = _around(array, where or (0,) * array.ndim)
    values = _values(array.tolist())
    data: dict[str, Any] = {"shape": shape, "values": values}
    if offset is not None:
        data["offset"] = offset
    return data


def _around(array: np.ndarray, where: tuple[int, ...]) -> tuple[np.ndarray, list[int]]:
    sides = [1] * array.ndim
    if len(where) != array.ndim:
        where = (0,) * array.ndim
    for axis in reversed(range(array.ndim)):  # the last axes first: rows stay readable
        room = MAX_ELEMENTS // math.prod(sides)
        sides[axis] = max(1, min(array.shape[axis], room, 8))
    offset = []
    for axis, side in enumerate(sides):
        start = min(max(0, where[axis] - side // 2), array.shape[axis] - side)
        offset.append(max(0, start))
    window = tuple(slice(o, o + s) for o, s in zip(offset, sides, strict=True))
    return array[window], offset


def _values(value: Any) -> Any:
    if isinstance(value, list):
        return [_values(v) for v in value]
    return _number(value) if isinstance(value, float) else value


def write_json(report: Report, path: Path) -> None:
    """Write the report, whole or not at all.

    Raises:
        GraderError: the file can't be written; the message says where it was put instead.
    """
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        replace_file(path, text)
    except OSError as error:
        reason = error.strerror or error
        try:
            handle, name = tempfile.mkstemp(prefix="scratchgrade-report-", suffix=".json")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            raise GraderError(
                f"--report {path}: can't be written ({reason}), nor can it anywhere else"
            ) from error
        raise GraderError(
            f"--report {path}: can't be written ({reason}); the report is in {name}"
        ) from error


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError if it can't be written."""
    if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
        raise PermissionError(13, "is a folder" if path.is_dir() else "not writable", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


__all__ = ["Report", "replace_file", "write_json"]
