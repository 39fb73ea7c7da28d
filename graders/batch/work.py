"""One submission of a class through the engine: what a worker does, wherever it runs."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from graders.batch.model import Part
from graders.batch.similarity.winnowing import fingerprints
from graders.batch.staging import stage
from graders.batch.store import Result
from graders.errors import GraderError
from graders.grading import Grading, Request
from graders.judging import ItemResult
from graders.messages import clean
from graders.plugins import use_plugins
from graders.report.report import Report
from graders.specs import SprintSpec, load_sprints
from graders.submission import Submission

_NO_CODE: tuple[tuple[int, str], ...] = ()
_MOST_CODE = 100_000  # characters of a cell


class Failed(Exception):
    """The grading of a submission broke off; it may come through another time."""


def settings_of(request: Request) -> dict[str, Any]:
    """A request as plain data, for a worker."""
    data = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(request).items()}
    return {**data, "submission": ""}


def grade_task(task: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Grade what a task (`Handed.task`) names; the fields of a `Result` as plain data.

    Raises:
        Failed: the student's process could not be started, or the grader has a fault.
    """
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="scratchgrade-submission-"))
    try:
        result = _graded(task, settings, folder)
    except Exception as error:
        raise Failed(clean(f"{type(error).__name__}: {error}", 500)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return asdict(replace(result, seconds=round(time.monotonic() - began, 3)))


def _graded(task: dict[str, Any], settings: dict[str, Any], folder: Path) -> Result:
    path = folder
    request = _request(settings, folder)
    use_plugins(request.plugin)
    shown = task["shown"]
    reason = ""
    prints, code = "", _NO_CODE
    try:
        if task["whole"]:
            path = Path(task["whole"])
        else:
            path = stage([Part(n, Path(p), m) for n, p, m in task["parts"]], folder)
        request = replace(request, submission=path)
        grading = Grading(request, _sprints(request.specs), early=False)
        if task["items"] is not None:
            grading.select(frozenset(task["items"]))
        report = grading.report
    except GraderError as error:
        reason = str(error)
        if path != folder:
            reason = reason.replace(str(path), shown)
        reason = reason.replace(f"{folder}/", "").replace(str(folder), shown)
        report = Report(path, "ja" if request.language == "ja" else "en")
        report.fail(reason)
    else:
        for _ in grading.events():  # an error here is none of the submission's
            pass
        grading.finish()
        prints, code = _fingerprints(grading.submission)
    data = report.as_dict()
    data["submission"]["path"] = shown
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return Result(
        "unreadable" if reason else "graded", clean(reason, 500), data["sprint"] or "",
        data["score"], data["max_score"], 0.0, _summary(data, report.items), text,
        prints, code,
    )  # fmt: skip


def _fingerprints(submission: Submission) -> tuple[str, tuple[tuple[int, str], ...]]:
    """What tells near-identical code, and the code to show; a fault here costs nobody a grade."""
    try:
        prints = base64.b64encode(fingerprints(submission).packed()).decode()
    except Exception:
        if os.environ.get("SCRATCHGRADE_DEBUG"):
            raise
        return "", ()
    return prints, tuple((cell.index, cell.source[:_MOST_CODE]) for cell in submission.cells)


def _request(settings: dict[str, Any], submission: Path) -> Request:
    paths = {"specs", "mnist", "overrides", "policy"}
    given: dict[str, Any] = {k: Path(v) if k in paths and v else v for k, v in settings.items()}
    given["submission"] = submission
    return Request(**given)


@functools.cache
def _sprints(folder: Path | None) -> dict[str, SprintSpec]:
    return load_sprints(folder)


def _summary(data: dict[str, Any], results: dict[str, ItemResult]) -> dict[str, Any]:
    """What the pages of a class need of a report, a fraction of its size."""
    items = [[i["id"], i["status"], i["score"], i["max_score"]] for i in data["items"]]
    mistakes: dict[str, dict[str, str]] = {}
    told = {m["id"] for item in data["items"] for m in item["misconceptions"]}
    for result in results.values():
        for diagnosis in result.diagnoses:
            if diagnosis.best.id in told:  # --feedback score tells none
                title = diagnosis.best.lesson.title
                mistakes[diagnosis.best.id] = {
                    "ja": title.in_language("ja"), "en": title.in_language("en"),
                }  # fmt: skip
    return {"items": items, "mistakes": mistakes, "language": data["language"]}
