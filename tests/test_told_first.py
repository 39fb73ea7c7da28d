"""What the rest hangs on is told first: cells that did not run, a save that is being graded, a plan in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.cli import main
from graders.errors import UsageError
from graders.grading import Grading, Request
from graders.report.terminal import summary
from graders.watch.loop import Watch

Write = Callable[..., Path]
RELU = """\
class ReLU:
    def forward(self, A):
        self.M = A > 0
        return A * self.M
    def backward(self, dZ):
        return dZ * self.M
"""


def _told(path: Path, *items: str) -> list[str]:
    grading = Grading(Request(path, "dnn", language="en", seed=1))
    grading.select(frozenset(items))
    for _ in grading.events():
        pass
    grading.finish()
    return [line for line, _ in summary(grading.report) if line]


def test_a_cell_stands_before_the_verdict_that_hangs_on_it(write_notebook: Write) -> None:
    derived = RELU.replace("class ReLU:", "class ReLU(Activation):")
    path = write_notebook(derived, "raise ValueError('a plot')")
    lines = _told(path, "relu")
    first = next(i for i, line in enumerate(lines) if line.startswith(("..", "!!", "NG")))
    assert "cell 0" in lines[0] and "NameError" in lines[0]
    assert first == 1
    assert any("cell 1" in line and "a plot" in line for line in lines[first:])


def test_a_watch_of_one_item_tells_of_it_alone(write_notebook: Write) -> None:
    path = write_notebook("import numpy as np", RELU, "def f(:")
    said = io.StringIO()
    Watch(Request(path, "dnn", language="en"), said, rounds=1, items=["relu"]).run()
    lines = said.getvalue().splitlines()
    assert lines[0] == "Grading ..."
    assert "cell 2" in lines[1] and "no Python as it stands" in lines[1]
    assert sum("no Python as it stands" in line for line in lines) == 1
    assert [line.split()[1] for line in lines if line.startswith(("ok", "..", "!!"))] == ["relu"]


def test_a_watch_of_an_item_that_is_not_there_is_refused(write_notebook: Write) -> None:
    with pytest.raises(UsageError, match="--item relux: not in dnn"):
        Watch(Request(write_notebook(RELU), "dnn"), io.StringIO(), rounds=1, items=["relux"]).run()


def test_a_way_to_call_is_told_once_and_in_words(
    write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(RELU)
    assert main(["explain", str(path), "--item", "relu", "--sprint", "dnn", "--lang", "ja"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(set(lines))
    assert lines[0].startswith("relu: 正解")
    assert any("正しい出力" in line for line in lines)
    assert not any("looked at" in line or "plans" in line for line in lines)
