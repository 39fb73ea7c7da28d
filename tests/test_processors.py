"""The grader's own arithmetic has one thread, unless somebody says otherwise."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.processors import one_thread
from graders.sandbox.isolation import Level, Wanted
from graders.sandbox.session import Session
from graders.submission import read_submission

NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
THREADS = """
from threadpoolctl import threadpool_info
print([i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"])
"""


@pytest.mark.parametrize(
    "line",
    [
        "from graders.processors import one_thread; one_thread(); import numpy",
        "import numpy; from graders.processors import one_thread; one_thread()",
    ],
)
def test_blas_has_one_thread(line: str) -> None:
    free = {k: v for k, v in os.environ.items() if k not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", line + THREADS], env=free, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[1]"


def test_who_says_how_many_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)  # it is not even asked
    one_thread()
    assert {n: os.environ.get(n) for n in NAMES} == {NAMES[0]: None, NAMES[1]: "3", NAMES[2]: None}


@pytest.mark.parametrize("line", [["grade", "nothing.py", "--sprint", "cnn1"], ["specs", "check"]])
def test_garbage_is_looked_for_once_all_is_imported(line: list[str]) -> None:
    program = f"import gc; from graders.cli import main; main({line!r}); print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "True", done.stderr


@pytest.mark.parametrize("level", ["limits", "kernel"])
def test_garbage_is_looked_for_where_students_code_runs(
    write_notebook: Callable[..., Path], level: Level
) -> None:
    submission = read_submission(write_notebook("import gc\nprint(gc.isenabled())"))
    wanted = Wanted(required="limits", ceiling=level)
    with Session(submission, sys.executable, wanted=wanted) as session:
        session.load()
        assert [run.output for run in session.runs.values()] == ["True\n"]
