"""The grader's own arithmetic has one thread, unless somebody says otherwise."""

import os
import subprocess
import sys

import pytest

from graders.processors import one_thread

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
