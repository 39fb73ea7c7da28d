"""A cell that does not compile, or ends the program, is told for what it is, and first where it matters."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.engine import Finished, ItemFinished, Loaded, Options, grade
from graders.report.report import Report
from graders.report.terminal import summary
from graders.submission import read_submission
from tests.built_in import built_in_sprints

Write = Callable[..., Path]
RELU = """class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(A, 0)
    def backward(self, dZ):
        return dZ * (self.A > 0)
"""
DNN = built_in_sprints()["dnn"]


def told(path: Path, language: str = "en") -> list[str]:
    """The lines of the summary of one item."""
    submission = read_submission(path)
    report = Report(path, "ja" if language == "ja" else "en", submission, DNN)
    for event in grade(submission, DNN, Options(items=frozenset(["relu"]))):
        if isinstance(event, Loaded | ItemFinished | Finished):
            report.take(event)
    return [line for line, _ in summary(report) if line]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def f(:\n    pass", "SyntaxError"),
        (
            "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b",
            "unresolved conflict of a merge in line 1",
        ),
        ("if True:\nx = 1", "IndentationError"),
    ],
)
def test_what_does_not_compile_comes_first(write_notebook: Write, cell: str, said: str) -> None:
    lines = told(write_notebook("import numpy as np", cell, RELU))
    assert "is no Python as it stands" in lines[0]
    assert said in lines[0]
    assert lines[1].startswith("ok relu")


@pytest.mark.parametrize("cell", ["quit()", "exit()", "import sys\nsys.exit('done')"])
def test_what_ends_the_program_is_told_so(write_notebook: Write, cell: str) -> None:
    lines = told(write_notebook("import numpy as np", cell, RELU))
    assert lines[0].startswith("ok relu")
    assert "it ends the program" in lines[1]


def test_code_that_was_given_to_eval_is_the_cells_exception(write_notebook: Write) -> None:
    lines = told(write_notebook("import numpy as np", "eval('1 +')", RELU))
    assert lines[0].startswith("ok relu")
    assert "did not run through: SyntaxError" in lines[1]


def test_it_is_told_in_japanese(write_notebook: Write) -> None:
    lines = told(write_notebook("import numpy as np", "def f(:", "quit()", RELU), "ja")
    assert "Python として読めない" in lines[0]
    assert "プログラムを終了させています" in lines[2]
