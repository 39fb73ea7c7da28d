"""One budget for a whole submission: it is kept, and what it leaves unchecked is told as such."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.sandbox.clock import Clock, waited
from graders.sandbox.session import Budget, OutOfBudget, Session
from graders.submission import Cell, Section, Submission, read_submission
from tests.built_in import built_in_sprints

CONV = """\
import time
import numpy as np

class SimpleConv1d:
    def __init__(self, w, b):
        self.w, self.b = w, b
        {keeps}
    def forward(self, x):
        time.sleep({seconds})
        self.x = x
        n = len(x) - len(self.w) + 1
        return np.array([x[i:i + len(self.w)] @ self.w for i in range(n)]) + self.b
    def backward(self, da):
        self.dw = np.array([da @ self.x[s:s + len(da)] for s in range(len(self.w))])
        self.db = da.sum()
        dx = np.zeros(len(self.x))
        for i, d in enumerate(da):
            dx[i:i + len(self.w)] += d * self.w
        return dx
"""
linux = pytest.mark.skipif(not waited(os.getpid()), reason="the kernel keeps no such account")


def judged(tmp_path: Path, source: str, budget: Budget) -> ItemResult:
    """The verdict on the first convolution of a module."""
    file = tmp_path / "work.py"
    file.write_text(source)
    options = Options(budget=budget, items=frozenset(["simple_conv1d"]), seed=3)
    events = grade(read_submission(file), built_in_sprints()["cnn1"], options)
    results = {e.result.spec.id: e.result for e in events if isinstance(e, ItemFinished)}
    return results["simple_conv1d"]


def said(result: ItemResult) -> dict[str, str]:
    """Status and sentence of each check."""
    return {c.id: f"{c.status}: {c.message.in_language('en')}" for c in result.checks}


def opened(source: str, budget: Budget) -> Session:
    """A session with the function of a cell."""
    cells = (Cell(0, source, Section()),)
    work = Submission(Path("x.ipynb"), "notebook", "", cells, source, "en")
    session = Session(work, sys.executable, budget)
    session.load()
    return session


def call(session: Session, n: int) -> None:
    steps: list[dict[str, Any]] = [
        {"do": "call", "name": "f", "cell": 0, "args": [{"v": n}], "out": "y"},
        {"do": "harvest", "of": ["y"]},
    ]
    assert session.run(steps, []).ok


def call_again(session: Session, n: int) -> None:
    for _ in range(100):
        call(session, n)


def test_calls_of_an_item_may_use_half_of_what_is_left() -> None:
    source = "import time\ndef f(n):\n    time.sleep(0.2)\n    return n"
    with opened(source, Budget(calls=1.0)) as session:
        session.begin_item()
        with pytest.raises(OutOfBudget, match="Not checked: the calls take too long"):
            call_again(session, 1)
        assert 1 <= session.calls <= 4
        session.begin_item()
        call(session, 1)  # another item has its own share


def test_what_objects_keep_is_counted() -> None:
    source = "import numpy as np\ndef f(n):\n    return np.zeros(n)"
    with opened(source, Budget(replies=2e6)) as session:
        session.begin_item()
        with pytest.raises(OutOfBudget, match="Not checked: the objects keep too much"):
            call_again(session, 100_000)
        session.begin_item()
        call(session, 1)


def test_the_largest_arrays_are_left_out_of_what_is_too_much() -> None:
    """And the small ones, where a gradient is, are there."""
    cells = (
        Cell(0, "import numpy as np\nclass K:\n    def __init__(self):\n        self.k = 1", Section()),
        Cell(1, "def f():\n    k = K()\n    for i in range(70):\n"
                "        setattr(k, 'k%d' % i, np.zeros(200_000))\n    k.dW = np.ones(3)\n    return k", Section()),
    )  # fmt: skip
    work = Submission(Path("x.ipynb"), "notebook", "", cells, "", "en")
    with Session(work, sys.executable) as opened:
        opened.load()
        steps: list[dict[str, Any]] = [
            {"do": "call", "name": "f", "cell": 1, "out": "y"},
            {"do": "harvest", "of": ["y"]},
        ]
        found = opened.run(steps, []).found
    assert ("y", "dW") in {f.path for f in found}
    assert sum(f.array.nbytes for f in found) <= 8 * 2**20


def test_all_that_was_checked_of_a_slow_layer_counts(tmp_path: Path) -> None:
    """No false reason: what is right is right, what was not checked is told with the true reason."""
    source = CONV.format(seconds=0.05, keeps="pass")
    whole = said(judged(tmp_path, source, Budget()))
    assert all(v.startswith("passed") for v in whole.values())
    result = judged(tmp_path, source, Budget(calls=1.6))
    told = said(result)
    assert {v.partition(":")[0] for v in told.values()} == {"passed", "skipped"}
    assert told["forward"].startswith("passed")
    assert "Not checked: the calls take too long" in told["repeat"]
    assert result.status == "partial"
    assert "Not checked: the calls take too long" in result.message.in_language("en")


def test_of_a_layer_that_is_slower_nothing_is_said_that_was_not_seen(tmp_path: Path) -> None:
    result = judged(tmp_path, CONV.format(seconds=0.3, keeps="pass"), Budget(calls=0.8))
    assert {v.partition(":")[0] for v in said(result).values()} == {"skipped"}
    assert result.score == 0
    assert "Not checked" in result.message.in_language("en")


def test_a_slow_call_is_no_late_call_because_others_go_with_it(tmp_path: Path) -> None:
    """A limit for each call: several that keep to it are made in one go."""
    budget = Budget(call=0.4, calls=60.0)
    result = judged(tmp_path, CONV.format(seconds=0.15, keeps="pass"), budget)
    assert result.status == "passed"


@linux
def test_the_clock_stands_still_while_a_process_has_no_processor() -> None:
    """Two that reckon and share one processor: each has half of the time that goes by."""
    clock = Clock()
    one = min(os.sched_getaffinity(0))
    line = [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{one}])\nwhile True: pass"]
    both = [subprocess.Popen(line) for _ in range(2)]
    try:
        time.sleep(0.3)
        clock.follow(both[0].pid)
        began, by_the_wall = clock.now(), time.monotonic()
        time.sleep(1.0)
        own, wall = clock.now() - began, time.monotonic() - by_the_wall
        assert own < 0.8 * wall
        both[0].kill()
        both[0].wait()
        assert clock.now() >= began + own  # what one that is gone had waited stays known
    finally:
        for process in both:
            process.kill()
            process.wait()


@linux
def test_an_answer_that_waits_for_us_costs_nothing() -> None:
    """We share our processor with others: while we stand in line, nobody's time goes by."""
    allowed = os.sched_getaffinity(0)
    one = min(allowed)
    line = [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{one}])\nwhile True: pass"]
    others = [subprocess.Popen(line) for _ in range(3)]
    try:
        os.sched_setaffinity(0, [one])
        took, by_the_wall = Clock().stopwatch(), time.monotonic()
        while time.monotonic() - by_the_wall < 1.0:
            pass
        own, wall = took(), time.monotonic() - by_the_wall
        assert own < 0.8 * wall
    finally:
        os.sched_setaffinity(0, allowed)
        for process in others:
            process.kill()
            process.wait()


@linux
def test_a_stopwatch_tells_no_less_than_was_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both sides stand in line at once, the wall's time less both waits is too little."""
    line = [sys.executable, "-c", "while True: pass"]
    process = subprocess.Popen(line)
    try:
        clock = Clock()
        clock.follow(process.pid)
        began = time.monotonic()
        monkeypatch.setattr("graders.sandbox.clock.waited", lambda _: time.monotonic() - began)
        took, had = clock.stopwatch(), clock.used()
        while clock.used() - had < 0.2:
            time.sleep(0.05)
        assert took() >= 0.2
    finally:
        process.kill()
        process.wait()
