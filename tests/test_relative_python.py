"""An interpreter by a relative path, with `..` in it, starts behind the same walls as by its whole one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from graders.engine import Loaded
from graders.report.report import Report
from graders.sandbox.isolation import Isolation, Wanted
from graders.sandbox.isolation.interpreter import absolute, files_of
from graders.sandbox.process import StudentProcess

RELATIVE = os.path.relpath(sys.executable)
WITH_DOTS = os.path.join(os.path.dirname(sys.executable), "..", "bin", Path(sys.executable).name)


@pytest.mark.parametrize("python", [RELATIVE, WITH_DOTS])
def test_it_is_walled_off_as_by_its_whole_path(python: str) -> None:
    with StudentProcess(wanted=Wanted("limits")) as whole:
        level = whole.isolation.level
    with StudentProcess(python, wanted=Wanted("limits")) as process:
        assert process.isolation.level == level


def test_a_grader_that_was_started_so_reads_the_same_files(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = files_of(sys.executable).roots
    monkeypatch.setattr(sys, "executable", WITH_DOTS)
    assert files_of(WITH_DOTS).roots == expected


def test_a_bare_name_and_the_link_of_an_environment_stay() -> None:
    assert absolute("python3") == "python3"
    assert absolute(WITH_DOTS).endswith(Path(sys.executable).name)
    assert ".." not in absolute(WITH_DOTS)


def test_an_ordinary_user_does_not_read_each_time_that_the_grader_is_not_root(
    tmp_path: Path,
) -> None:
    report = Report(tmp_path / "x.py", "en")
    missing = (("uid", "needs root"), ("landlock", "Function not implemented"))
    report.take(Loaded((), (), "", "", Isolation("full", ("bubblewrap",), missing)))
    told = report.as_dict()["isolation"]["missing"]
    assert told == ["walled-off files (Landlock): this kernel does not have it"]
