"""Lines are counted as students see them: the empty ones that a cell begins with, too."""

from __future__ import annotations

from pathlib import Path

import nbformat

from graders.engine import ItemFinished, Loaded, Options, grade
from graders.submission import read_submission
from tests.built_in import built_in_sprints

SIGMOID = """


import helper
class Sigmoid:
    def forward(self, X):
        self.Z = 1 / (1 + np.exp(-X))
        return self.Z
    def backward(self, dA):
        k = self.nope
        return dA * self.Z * (1 - self.Z)
"""
CELLS = [
    "import numpy as np",
    "\n\n%%writefile helper.py\nk = 3\n",  # a magic stays one
    SIGMOID,
    "\n  \n    %time y = 2\n    1 / 0",
    "\n\n>>> z = 3\n>>> 1 / 0",
    "\n\n\n",
]


def test_the_line_of_an_error_is_that_of_the_cell_as_it_is_shown(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]  # type: ignore[no-untyped-call]
    nbformat.write(notebook, tmp_path / "work.ipynb")  # type: ignore[no-untyped-call]
    submission = read_submission(tmp_path / "work.ipynb")
    options = Options(items=frozenset({"sigmoid"}))
    lines, said = {}, ""
    for event in grade(submission, built_in_sprints()["dnn"], options):
        if isinstance(event, Loaded):
            lines = {run.index: run.error.line for run in event.runs if run.error is not None}
        elif isinstance(event, ItemFinished):
            said += " ".join(str(check.message) for check in event.result.checks)
    assert lines == {3: 4, 4: 4}
    assert "'Sigmoid' object has no attribute 'nope' (cell 2, line 10: k = self.nope)" in said
