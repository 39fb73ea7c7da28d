"""Which sprint a submission is for, from its headings and names alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.engine import detect_sprint
from graders.submission import read_submission
from tests.built_in import built_in_sprints

IM2COL = "def im2col({owner}x, height, width, stride=1):\n    return x\n"
LAYER = "class {name}:\n    def forward(self, x):\n        return im2col(x, 1, 3)\n"
METHOD = "    def im2col(self, x, height, width):\n        return x\n"
CELLS = {
    "one dimension by im2col": (
        "cnn1", "# 1次元畳み込み層 SimpleConv1d", IM2COL.format(owner=""), LAYER.format(name="SimpleConv1d"),
    ),
    "one dimension, im2col a method": ("cnn1", LAYER.format(name="SimpleConv1d") + METHOD),
    "two dimensions by the names of a book": (
        "cnn2", IM2COL.format(owner=""),
        LAYER.format(name="Convolution"), LAYER.format(name="Pooling"), "# Conv2d",
    ),
    "two dimensions, a full-width digit": (
        "cnn2", "# ２次元の畳み込み層\n# ２次元用畳み込み", LAYER.format(name="MaxPooling"),
    ),
    "functions alone": ("im2col", IM2COL.format(owner=""), "kernels = im2col(1, 2, 3)"),
    "nothing of the course": (None, "class Convolution:\n    pass\n", "print(1)"),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_the_sprint_is_found(write_notebook: Callable[..., Path], case: str) -> None:
    wanted, *cells = CELLS[case]
    found = detect_sprint(read_submission(write_notebook(*cells)), built_in_sprints())
    assert (found.id if found else None) == wanted
