"""The pytest front-end for a class: each submission is executed once, by workers as in a batch.

Whoever runs the items (pytest itself, or pytest-xdist's workers) waits for the reports of the
process that grades; `pytest_plugin` makes the items.
"""

from __future__ import annotations

import json
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graders.batch.discover import discover
from graders.batch.local import LocalExecutor
from graders.batch.model import Found
from graders.batch.run import Class, grade_class, opened, scratch
from graders.batch.staging import stage
from graders.batch.store import Result
from graders.batch.work import settings_of
from graders.engine import choose_sprint, other_sprint
from graders.errors import GraderError, UsageError
from graders.grading import Request, checks_of, policy_of, sprints_for
from graders.messages import clean
from graders.policy import sprints_under
from graders.pytest_verdict import Verdict
from graders.report.standing import costs
from graders.specs import SprintSpec
from graders.submission import read_submission

_POLL_SECONDS = 0.05
UNREAD = "submission"  # the item and the check of a submission of which nothing can be graded


class Case(NamedTuple):
    """One item for pytest: a check of an item of a submission."""

    of: str
    sprint: str
    item: str
    check: str
    facet: str
    required: bool

    @property
    def name(self) -> str:
        """What it is called: the submission, then as with a single one."""
        return "/".join(part for part in (self.of, self.sprint, self.item, self.check) if part)


def cases(plan: dict[str, str], sprints: dict[str, SprintSpec]) -> Iterator[Case]:
    """Every check of every submission. `plan`: sprint by submission, "" for one that is none."""
    for of, name in plan.items():
        if not name:
            yield Case(of, "", "", UNREAD, UNREAD, True)
            continue
        for spec in sprints[name].items:
            for check, facet in checks_of(spec) or [("manual", "manual")]:
                yield Case(of, name, spec.id, check, facet, spec.required)


class Reports:
    """Reports as they come into a folder, and the verdicts that stand in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: tuple[str, dict[str, Any]] = ("", {})  # items of a submission come in a row

    def verdict_of(self, case: Case) -> Verdict:
        """The verdict on a check, as soon as it is known."""
        report = self._wait(case.of)
        if report["error"] or not case.item:
            return Verdict("failed", "failed", clean(report["error"] or "graded after all", 2_000))
        item = next(i for i in report["items"] if i["id"] == case.item)
        check = next((c for c in item["checks"] if c["id"] == case.check), None)
        lost = costs(item, case.check)
        if check is None:
            status = "skipped" if item["status"] in ("manual", "skipped") else "failed"
            return Verdict(item["status"], status, item["message"], lost)
        return Verdict(item["status"], check["status"], check["message"], lost)

    def _wait(self, of: str) -> dict[str, Any]:
        if self._last[0] != of:
            file = self.folder / f"{of}.json"
            while not file.exists():
                end = self.folder.parent / "end"
                if end.exists() and not file.exists():
                    pytest.skip(end.read_text(encoding="utf-8") or "not reached")
                time.sleep(_POLL_SECONDS)
            self._last = of, json.loads(file.read_text(encoding="utf-8"))
        return self._last[1]


class _Stopped(Exception):
    """The session is over."""


class _Listener:
    """Hears only that time goes by."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def begin(self, total: int, done: int) -> None: ...

    def finished(self, id_: str, result: Result) -> None: ...

    def again(self, id_: str, reason: str) -> None: ...

    def wait(self) -> None:
        if self._stop.is_set():
            raise _Stopped


class ClassHome:
    """In the process that owns the grading: it hands submissions to workers and keeps the reports."""

    def __init__(self, config: pytest.Config, request: Request) -> None:
        self._config, self._request = config, request
        self._outputs = request.outputs
        for option, path in self._outputs.items():
            if option != "--report-md" and (path.is_file() or path.suffix):
                raise UsageError(f"{option} {path}: of several submissions it has to be a folder")
        self.request = replace(
            request, report=None, report_html=None, report_markdown=None, report_gradescope=None
        )
        sprints = sprints_for(request)
        self.sprints = policy_of(request, sprints).applied(sprints)
        self._found = discover(str(request.submission))
        self.plan = {h.id: "" for h in self._found.handed}
        for handed in self._found.handed:
            if handed.refused is not None:
                continue  # so has its report
            with tempfile.TemporaryDirectory(prefix="scratchgrade-look-") as look:
                try:
                    submission = read_submission(
                        handed.whole or stage(list(handed.parts), Path(look))
                    )
                    chosen = choose_sprint(submission, request.sprint, self.sprints)
                    aside = other_sprint(submission, chosen, self.sprints)
                    if aside is None or request.insist_sprint:
                        self.plan[handed.id] = chosen.id
                except GraderError:
                    continue  # its report will say why
        self._folder = tempfile.TemporaryDirectory(prefix="scratchgrade-class-")
        self.out = Path(self._folder.name) / "out"
        self.reports = Reports(self.out / "reports")
        workers = getattr(config.option, "numprocesses", None)
        self._workers = int(workers) if workers else 1
        self._chosen: dict[str, list[str]] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure = ""
        self._ended = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)

    # -- grading ---------------------------------------------------------------------------

    def _run(self) -> None:
        chosen = self._chosen or {}
        handed = tuple(h for h in self._found.handed if h.id in chosen)
        try:
            self._grade(replace(self._found, handed=handed), chosen)
        except _Stopped:
            pass
        except GraderError as error:
            self._failure = clean(str(error), 2_000)
        finally:
            self.out.mkdir(parents=True, exist_ok=True)
            (self.out / "end").write_text(self._failure, encoding="utf-8")

    def _grade(self, found: Found, chosen: dict[str, list[str]]) -> None:
        workers = min(self._workers, len(found.handed)) or 1
        with (
            opened(found, self.out, self.request, False) as graded,
            scratch(graded.store) as files,
            LocalExecutor(workers, settings_of(graded.request), files) as executor,
        ):
            whole = Class(graded.out, graded.store, graded.handed, graded.request, chosen)
            grade_class(whole, executor, _Listener(self._stop))

    def begin(self, chosen: list[tuple[str, str]]) -> None:
        """Grade what was chosen, (submission, item), once."""
        if self._thread.ident is None:
            self._chosen = {}
            for of, item in chosen:
                items = self._chosen.setdefault(of, [])
                if item not in items:
                    items.append(item)
            self._thread.start()

    def verdict_of(self, case: Case) -> Verdict:
        """The verdict, when it is there."""
        return self.reports.verdict_of(case)

    # -- pytest ----------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist: what -k, -m and node ids left is graded."""
        found = [i.case for i in session.items if getattr(i, "case", None) is not None]  # type: ignore[attr-defined]
        option = self._config.option
        if found and not getattr(option, "numprocesses", None) and not option.collectonly:
            self.begin([(c.of, c.item) for c in found])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The first worker's collection says what is left."""
        parts = [i.split("::")[-1].split("/") for i in ids]
        self.begin([(p[0], p[2] if len(p) == 4 else "") for p in parts])

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell each worker what there is and where the reports will be."""
        node.workerinput["scratchgrade_class"] = json.dumps(self.plan)
        node.workerinput["scratchgrade_folder"] = str(self.reports.folder)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End what runs, write what was asked for."""
        if not self._end(60 if session.exitstatus in (0, 1) else 0):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _end(self, wait: float) -> bool:
        if self._ended:
            return not self._failure
        self._ended = True
        if self._thread.ident is not None:
            self._thread.join(wait)
            self._stop.set()
            self._thread.join(30)
        try:
            self._write()
        except (GraderError, OSError) as error:
            self._failure = self._failure or clean(str(error), 2_000)
        return not self._failure

    def _graded(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for of in self.plan:
            file = self.reports.folder / f"{of}.json"
            if file.exists():
                yield of, json.loads(file.read_text(encoding="utf-8"))

    def _write(self) -> None:
        from graders.report.gradescope import write_results
        from graders.report.html import write_page
        from graders.report.markdown import write_markdown
        from graders.report.report import replace_file

        for option, path in self._outputs.items():
            if option != "--report-md":
                path.mkdir(parents=True, exist_ok=True)
        for of, data in self._graded():
            for option, path in self._outputs.items():
                if option == "--report":
                    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
                    replace_file(path / f"{of}.json", text)
                elif option == "--report-html":
                    write_page(data, path / f"{of}.html")
                elif option == "--report-gradescope":
                    write_results(data, path / f"{of}.json")
                else:
                    write_markdown(data, path)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """A line a submission, and what was left out."""
        for note in self._found.notes:
            terminalreporter.write_line(f"note: {note}")
        for of, data in self._graded():
            points = f"{data['score']:g} of {data['max_score']:g}"
            terminalreporter.write_line(f"{of}: {clean(data['error'] or points, 300)}")
        if self._failure:
            terminalreporter.write_line(f"ERROR: {self._failure}", red=True)

    def pytest_unconfigure(self) -> None:
        """However it ended, nothing is left."""
        self._end(0)
        self._folder.cleanup()


class ClassWorker:
    """In a pytest-xdist worker: it waits for reports."""

    def __init__(self, config: pytest.Config) -> None:
        given: dict[str, str] = config.workerinput  # type: ignore[attr-defined]
        specs, policy = (config.getoption(name) for name in ("specs", "policy"))
        self.sprints = sprints_under(
            Path(specs) if specs else None, Path(policy) if policy else None
        )
        self.plan: dict[str, str] = json.loads(given["scratchgrade_class"])
        self.reports = Reports(Path(given["scratchgrade_folder"]))

    def verdict_of(self, case: Case) -> Verdict:
        """The verdict, when it is there."""
        return self.reports.verdict_of(case)


__all__ = ["Case", "ClassHome", "ClassWorker", "cases"]
