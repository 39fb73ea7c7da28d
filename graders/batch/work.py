"""One submission of a class through the engine: what a worker does, wherever it runs."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from graders.batch.model import Part, Status
from graders.batch.similarity.winnowing import fingerprints
from graders.batch.staging import stage
from graders.batch.store import Result
from graders.errors import GraderError, MachineError
from graders.extension import use_plugins
from graders.grading import Grading, OtherSprint, Request
from graders.judging.results import ItemResult
from graders.messages import Bilingual, Language, Message, clean
from graders.report.report import Report
from graders.report.standing import counts
from graders.report.words import reason_of
from graders.sandbox.process import ended_by_others
from graders.specs import SprintSpec, offered
from graders.submission import Submission

MOST_GRADINGS = 3  # of one whose process is killed, which the machine may have done
_MOST_CODE = 100_000  # characters of a cell


class Failed(Exception):
    """The grading of a submission broke off; it may come through another time. `scarce`: this
    machine has too little for any.
    """

    def __init__(self, reason: str, scarce: bool = False) -> None:
        super().__init__(reason)
        self.scarce = scarce


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
    for _ in range(MOST_GRADINGS):
        before = ended_by_others()
        folder = Path(tempfile.mkdtemp(prefix="scratchgrade-submission-"))
        try:
            result = _graded(task, settings, folder)
        except MachineError as error:
            raise Failed(str(error), scarce=True) from error
        except Exception as error:
            raise Failed(clean(f"{type(error).__name__}: {error}", 500)) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if ended_by_others() == before:
            break  # nobody killed its process; who kills it again and again is the student
    return asdict(replace(result, seconds=round(time.monotonic() - began, 3)))


def not_graded(
    status: Status, said: Mapping[Language, str], shown: str, language: str
) -> Result:  # fmt: skip
    """A result that is no grade. `said`: why, in each language; `language`: the report's."""
    reason: dict[Language, str] = {name: clean(text, 500) for name, text in said.items()}
    report = Report(Path(shown), "ja" if language == "ja" else "en")
    report.fail(reason[report.language])
    data = report.as_dict()
    data["submission"]["path"] = shown
    return Result(
        status, reason["en"], max_score=data["max_score"], report=report_text(data),
        summary={**_summary(data, report.items), "reason": reason},
    )  # fmt: skip


def in_both(message: Bilingual) -> dict[Language, str]:
    """A message in each language."""
    return {"en": message.in_language("en"), "ja": message.in_language("ja")}


def _graded(task: dict[str, Any], settings: dict[str, Any], folder: Path) -> Result:
    path = folder
    request = request_of(settings, folder)
    use_plugins(request.plugin)
    shown = task["shown"]
    try:
        if task["whole"]:
            path = Path(task["whole"])
        else:
            path = stage([Part(n, Path(p), m) for n, p, m in task["parts"]], folder)
        request = replace(request, submission=path)
        grading = Grading(
            request, _sprints(request.specs, request.course), early=False, of_class=True
        )
        if task["items"] is not None:
            grading.select(frozenset(task["items"]))
    except GraderError as error:
        said = in_both(error if isinstance(error.said, Message) else reason_of(str(error)))
        said["en"] = str(error)
        for language, text in said.items():
            for place in {str(path), clean(str(path))} if path != folder else ():
                text = text.replace(place, shown)
            said[language] = text.replace(f"{folder}/", "").replace(str(folder), shown)
        status: Status = "aside" if isinstance(error, OtherSprint) else "unreadable"
        return not_graded(status, said, shown, request.language)
    for _ in grading.events():  # an error here is none of the submission's
        pass
    grading.finish()
    prints, code = _fingerprints(grading.submission)
    data = grading.report.as_dict()
    data["submission"]["path"] = shown
    return Result(
        "graded", "", data["sprint"] or "", data["score"], data["max_score"], 0.0,
        _summary(data, grading.report.items), report_text(data), prints, code,
    )  # fmt: skip


def report_text(report: dict[str, Any]) -> str:
    """A report as its file has it."""
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _fingerprints(submission: Submission) -> tuple[str, tuple[tuple[int, str], ...]]:
    """What tells near-identical code, and the code to show; a fault here costs nobody a grade."""
    try:
        prints = base64.b64encode(fingerprints(submission).packed()).decode()
    except Exception:
        if os.environ.get("SCRATCHGRADE_DEBUG"):
            raise
        return "", ()
    return prints, tuple((cell.index, cell.source[:_MOST_CODE]) for cell in submission.cells)


def request_of(settings: dict[str, Any], submission: Path) -> Request:
    """The request that `settings_of` made plain data of."""
    paths = {"specs", "mnist", "overrides", "policy", "secret_file"}
    given: dict[str, Any] = {k: Path(v) if k in paths and v else v for k, v in settings.items()}
    given["submission"] = submission
    return Request(**given)


@functools.cache
def _sprints(folder: Path | None, course: str) -> dict[str, SprintSpec]:
    return offered(folder, course)


def _summary(data: dict[str, Any], results: dict[str, ItemResult]) -> dict[str, Any]:
    """What the pages of a class need of a report, a fraction of its size."""
    # The maximum of an item that does not count is 0: it is neither judged nor has it points.
    items = [
        [i["id"], i["status"], i["score"], i["max_score"] if counts(i) else 0]
        for i in data["items"]
    ]
    mistakes: dict[str, dict[str, str]] = {}
    told = {m["id"] for item in data["items"] for m in item["misconceptions"]}
    for result in results.values():
        for diagnosis in result.diagnoses:
            if diagnosis.best.id in told:  # --feedback score tells none
                title = diagnosis.best.lesson.title
                mistakes[diagnosis.best.id] = {
                    "ja": title.in_language("ja"), "en": title.in_language("en"),
                }  # fmt: skip
    optional = [i["id"] for i in data["items"] if not i["required"]]
    return {
        "items": items, "mistakes": mistakes, "language": data["language"], "optional": optional
    }  # fmt: skip
