"""The pytest front-end, loaded through the entry point ``pytest11``: thin, and light to import.

Options, one pytest item for each check, one execution of the submission whatever the number
of workers, the summary and the report. It decides nothing: verdicts come from the engine.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from graders import own, processors, streams
from graders.options import OPTIONS, fields
from graders.pytest_verdict import Verdict

if TYPE_CHECKING:
    from graders.grading import Grading
    from graders.pytest_class import Case
    from graders.specs import SprintSpec

_HERE = Path(__file__).parent
_POLL_SECONDS = 0.02


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a grading; with one, streams that are closed get somewhere to go, before
    pytest takes hold of them.
    """
    if any(a.partition("=")[0] == "--submission" for a in sys.argv):
        streams.hold_open()
    group = parser.getgroup("scratchgrade", "Scratch Grader")
    add = group.addoption
    add(
        "--submission",
        metavar="PATH",
        help="what to grade: a notebook, module, folder or archive, or a class of them",
    )
    for option in OPTIONS:
        add(option.flag, **option.keywords)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """A pytest.ini beside a submission must not steer the grader: before any conftest is read.

    This is as early as a plugin hears of it. What such a file may name to be imported (`-p` with
    `pythonpath`) pytest has imported by then: SECURITY.md says how to write the command.
    """
    submission, settings = early_config.known_args_namespace.submission, early_config.inipath
    if submission is None:
        return
    own.stand_aside()
    named = early_config.known_args_namespace
    elsewhere = Path("graders").resolve() != _HERE.resolve()
    if elsewhere and "graders" in named.file_or_dir and not named.pyargs:
        raise pytest.UsageError(
            "there is no Scratch Grader in this folder: `pytest graders` is for its clone; "
            "write: python -m pytest --pyargs graders --submission PATH"
        )
    if settings is None:
        return
    folder = Path(os.path.realpath(submission))  # resolve() raises for a link to itself
    if settings.resolve().parent in (folder, folder.parent) and folder.parent != _HERE.parent:
        raise pytest.UsageError(
            f"pytest took its settings from the submission's folder ({settings.name}); "
            "write: pytest graders --submission PATH"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Read the submission before anything is collected, so that bad input is one clear line."""
    config.addinivalue_line("markers", "required: checks of required items")
    config.addinivalue_line("markers", "optional: checks of optional items")
    if config.getoption("submission") is None:
        return
    processors.one_thread()
    try:
        with processors.importing("graders.grading"):
            side = _side_of(config)
    except OSError as error:
        refusal = f"this machine refuses what the grading needs ({error.strerror or error})"
        raise pytest.UsageError(f"{refusal}; nothing was judged") from None
    config.pluginmanager.register(side, "scratchgrade-run")
    config.pluginmanager.register(_ExitStatus(), "scratchgrade-exit-status")


def _side_of(config: pytest.Config) -> object:
    """What answers for the verdicts here: of one submission or a class, at home or in a worker."""
    if hasattr(config, "workerinput"):
        if "scratchgrade_class" in config.workerinput:
            from graders.pytest_class import ClassWorker

            return ClassWorker(config)
        return _WorkerSide(config)
    from graders.sandbox.forkserver import Kind, servers
    from graders.sandbox.preloading import modules_in_file

    given = config.getoption("submission")
    modules = modules_in_file(Path(given))  # it starts while the rest loads
    with contextlib.suppress(OSError):  # the grading itself says what can't be had
        servers.prepare(Kind(config.getoption("student_python")), modules)
    from graders.batch.discover import is_class
    from graders.errors import GraderError
    from graders.grading import Request
    from graders.messages import clean

    try:
        if is_class(given):
            from graders.pytest_class import ClassHome

            _quiet(config)
            return ClassHome(config, Request(Path(given), **fields(vars(config.option))))
    except GraderError as error:
        raise pytest.UsageError(clean(str(error), 2000)) from None
    return _HomeSide(config)


def _quiet(config: pytest.Config) -> None:
    """The summary has every sentence already."""
    if config.option.tbstyle == "auto":
        config.option.tbstyle = "no"
    if not config.option.reportchars or config.option.reportchars == "fE":
        config.option.reportchars = ""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The checks are in one module; the thirty folders beside it have none."""
    if config.getoption("submission") is None or collection_path.parent != _HERE:
        return None
    return collection_path.is_dir() or None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """`test_problems.py` stands for the problems."""
    if file_path.name == "test_problems.py" and file_path.parent.resolve() == _HERE.resolve():
        collector: pytest.Collector = ProblemFile.from_parent(parent, path=file_path)
        return collector
    return None


class ProblemFile(pytest.File):
    """Collects one item for each check of the sprint."""

    def collect(self) -> Iterator[pytest.Item]:
        """Items in the order of the spec; nothing is run for it."""
        from graders.grading import checks_of

        side = self.config.pluginmanager.get_plugin("scratchgrade-run")
        if side is None:
            raise self.CollectError(
                "say what to grade: pytest graders --submission PATH (a notebook, module or folder)"
            )
        if hasattr(side, "plan"):
            yield from self._of_class(side)
            return
        sprint: SprintSpec = side.sprint
        for spec in sprint.items:
            for check_id, facet in checks_of(spec) or [("manual", "manual")]:
                item: CheckItem = CheckItem.from_parent(
                    self, name=f"{sprint.id}/{spec.id}/{check_id}"
                )
                item.spec_id, item.check_id, item.required = spec.id, check_id, spec.required
                item.add_marker(pytest.mark.required if spec.required else pytest.mark.optional)
                item.extra_keyword_matches.add(facet)
                yield item

    def _of_class(self, side: Any) -> Iterator[pytest.Item]:
        from graders.pytest_class import cases

        for case in cases(side.plan, side.sprints):
            item: CheckItem = CheckItem.from_parent(self, name=case.name)
            item.spec_id, item.check_id, item.required = case.item, case.check, case.required
            item.case = case
            item.add_marker(pytest.mark.required if case.required else pytest.mark.optional)
            item.extra_keyword_matches.add(case.facet)
            yield item


class CheckFailed(Exception):
    """A check that did not pass; its text is the sentence for the student."""


class CheckItem(pytest.Item):
    """One check of one item."""

    spec_id: str
    check_id: str
    required: bool
    case: Case | None = None  # of a class

    def runtest(self) -> None:
        """Pass, fail or skip as the engine judged."""
        side: Any = self.config.pluginmanager.get_plugin("scratchgrade-run")
        if self.case is not None:
            status, check, message, costs = side.verdict_of(self.case)
        else:
            status, check, message, costs = side.verdict(self.spec_id, self.check_id)
        if check == "passed":
            return
        if status in ("manual", "skipped") or (status == "missing" and not self.required):
            check = "skipped"
        if check == "skipped":
            if costs and self.required:
                self.user_properties.append((_NO_SUCCESS, True))
            pytest.skip(message)
        if not self.required:
            pytest.xfail(message)
        raise CheckFailed(message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The sentence, without a traceback."""
        if isinstance(excinfo.value, CheckFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the item stands: its own name says it all."""
        return self.path, 0, self.name


_NO_SUCCESS = "scratchgrade-no-success"


class _ExitStatus:
    """What could not be verified is shown as skipped, but the exit status is no success."""

    def __init__(self) -> None:
        self._unverified = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of it, whichever worker came to it."""
        self._unverified |= any(name == _NO_SUCCESS for name, _ in report.user_properties)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Nothing failed, but not everything is right; or nobody can read what was found."""
        if "stdout" in streams.were_closed():
            streams.say("scratchgrade: standard output is closed: what was found can't be shown")
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self._unverified and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


class _HomeSide:
    """In the process that owns the grading: it executes the submission and writes the report."""

    def __init__(self, config: pytest.Config) -> None:
        from graders.errors import GraderError
        from graders.grading import Grading, Request
        from graders.messages import clean

        self._config = config
        given = fields(vars(config.option))
        try:
            self.grading: Grading = Grading(Request(Path(config.getoption("submission")), **given))
        except GraderError as error:
            raise pytest.UsageError(clean(str(error), 2000)) from None
        self.sprint = self.grading.sprint
        self._failure: str | None = None
        self._thread: threading.Thread | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._finished = False
        _quiet(config)
        if getattr(config.option, "numprocesses", None):
            self._folder = tempfile.TemporaryDirectory(prefix="scratchgrade-run-")
            self._thread = threading.Thread(target=self._run_all, daemon=True)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _as_interrupt)

    # -- without workers -----------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Judge only the items that -k, -m and node ids left."""
        chosen = {i.spec_id for i in items if isinstance(i, CheckItem)}
        if self._thread is None and len(chosen) < len(self.sprint.items):
            self.grading.select(frozenset(chosen))

    def verdict(self, spec_id: str, check_id: str) -> Verdict:
        """The verdict on a check; drives the engine as far as needed."""
        from graders.errors import GraderError
        from graders.messages import clean

        if self._failure is not None:
            raise pytest.skip.Exception(self._failure)
        try:
            result = self.grading.result(spec_id)
        except GraderError as error:
            self._failure = clean(str(error), 2000)
            pytest.exit(self._failure, returncode=pytest.ExitCode.USAGE_ERROR)
        if result is None:
            return Verdict("skipped", "skipped", "not reached", costs=True)
        return _verdict(self.grading, spec_id, check_id)

    # -- with workers (pytest-xdist) -----------------------------------------------------

    def _run_all(self) -> None:
        from graders.engine import ItemFinished
        from graders.errors import GraderError
        from graders.messages import clean

        assert self._folder is not None
        folder = Path(self._folder.name)
        try:
            for event in self.grading.events():
                if isinstance(event, ItemFinished):
                    spec = event.result.spec
                    ids = [c.id for c in event.result.checks] or [""]
                    verdicts = {i: _verdict(self.grading, spec.id, i) for i in {*ids, ""}}
                    _write(folder / f"{spec.id}.json", json.dumps(verdicts))
        except GraderError as error:
            self._failure = clean(str(error), 2000)
            self.grading.report.fail(str(error))
        finally:
            _write(folder / "end", self._failure or "")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The first worker's collection says what -k and -m left: then the grading begins."""
        if self._thread is None or self._thread.ident is not None:
            return
        chosen = frozenset(i.split("::")[-1].split("/")[1] for i in ids if i.count("/") >= 2)
        if len(chosen) < len(self.sprint.items):
            self.grading.select(chosen)
        self._thread.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell each worker where the verdicts will be."""
        assert self._folder is not None
        node.workerinput["scratchgrade_folder"] = self._folder.name
        node.workerinput["scratchgrade_sprint"] = self.sprint.id
        node.workerinput["scratchgrade_course"] = self.grading.course

    # -- the end ---------------------------------------------------------------------------

    def pytest_keyboard_interrupt(self) -> None:
        """pytest-xdist waits for its workers before anything is finished: no verdict comes meanwhile."""
        if self._thread is not None:
            self.grading.stop()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Whatever happened, the student's process ends and the report is written."""
        self._end(wait=120 if session.exitstatus in (0, 1) else 0)
        if self._failure or self.grading.written:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _end(self, wait: float) -> None:
        """End the student's process, then write the report, once."""
        if self._finished:
            return
        self._finished = True
        if self._thread is None:
            self.grading.finish()
            return
        from graders.sandbox.process import end_all

        if self._thread.ident is not None:
            self._thread.join(wait)
        if self._thread.is_alive():
            self.grading.stop()
            end_all()
            self._thread.join(5)
        self.grading.write()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The part that a student reads."""
        from graders.report.terminal import summary

        if self._failure:
            terminalreporter.write_line(f"ERROR: {self._failure}", red=True)
            return
        for text, style in summary(self.grading.report):
            terminalreporter.write_line(text, **{style: True} if style else {})
        if self.grading.written:
            terminalreporter.write_line(f"ERROR: {self.grading.written}", red=True)

    def pytest_unconfigure(self) -> None:
        """A run that never came to its session still ends the process and keeps its report."""
        self._end(wait=0)
        if self._folder is not None:
            self._folder.cleanup()


class _WorkerSide:
    """In a pytest-xdist worker: it waits for the verdicts of the process that grades."""

    def __init__(self, config: pytest.Config) -> None:
        from graders.policy import sprints_under

        given: dict[str, str] = config.workerinput  # type: ignore[attr-defined]
        specs, policy = (config.getoption(name) for name in ("specs", "policy"))
        sprints = sprints_under(
            Path(specs) if specs else None, Path(policy) if policy else None,
            given["scratchgrade_course"],
        )  # fmt: skip
        self.sprint = sprints[given["scratchgrade_sprint"]]
        self._folder = Path(given["scratchgrade_folder"])

    def verdict(self, spec_id: str, check_id: str) -> Verdict:
        """Wait until the item has been judged."""
        file = self._folder / f"{spec_id}.json"
        while not file.exists():
            if (self._folder / "end").exists() and not file.exists():
                failure = (self._folder / "end").read_text()
                pytest.skip(failure or "not reached")
            time.sleep(_POLL_SECONDS)
        verdicts = json.loads(file.read_text())
        return Verdict(*(verdicts.get(check_id) or verdicts[""]))


def _verdict(grading: Grading, spec_id: str, check_id: str) -> Verdict:
    from graders.grading import check_of
    from graders.report.feedback import told, told_of_item
    from graders.report.standing import costs

    language = grading.report.language
    result = grading.report.items[spec_id]
    check = check_of(result, check_id)
    feedback = grading.report.feedback
    lost = costs(grading.report.item(spec_id), check_id)
    if check is None:
        status = "skipped" if result.status in ("manual", "skipped") else "failed"
        message = told_of_item(result, feedback)
    else:
        status, message = check.status, told(check, feedback)
    return Verdict(result.status, status, message.in_language(language), lost)


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def _as_interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
