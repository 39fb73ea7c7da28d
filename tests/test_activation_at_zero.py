"""An activation's gradient where its input is exactly 0: black pixels, and what a ReLU cut off, are."""

from pathlib import Path

import pytest

from graders.grading import Grading, Request

RELU = """\
import numpy as np


class ReLU:
    def forward(self, X):
        self.X = X
        return np.maximum(X, 0)

    def backward(self, dA):
        with np.errstate(all="ignore"):
            return dA * ({derivative})
"""
RIGHT = {
    "the one side": "self.X > 0",
    "the other side": "self.X >= 0",
    "half-way": "(np.sign(self.X) + 1) / 2",
}
WRONG = {
    "no number": "np.maximum(self.X / np.abs(self.X), 0)",
    "more than either side": "(self.X > 0) + 2.0 * (self.X == 0)",
    "the sign turned round": "(self.X > 0) - 1.0 * (self.X == 0)",
}


def graded(tmp_path: Path, text: str, item: str) -> tuple[str, list[str]]:
    (tmp_path / "layer.py").write_text(text)
    grading = Grading(Request(tmp_path / "layer.py", "dnn", language="en"))
    grading.select(frozenset({item}))
    for _ in grading.events():
        pass
    found = next(i for i in grading.report.as_dict()["items"] if i["id"] == item)
    return found["status"], [c["message"] for c in found["checks"] if c["status"] == "failed"]


@pytest.mark.parametrize("name", RIGHT)
def test_either_side_of_a_corner_is_right(name: str, tmp_path: Path) -> None:
    assert graded(tmp_path, RELU.format(derivative=RIGHT[name]), "relu") == ("passed", [])


@pytest.mark.parametrize("name", WRONG)
def test_what_is_neither_is_wrong(name: str, tmp_path: Path) -> None:
    status, failed = graded(tmp_path, RELU.format(derivative=WRONG[name]), "relu")
    assert status == "partial"
    assert [text.startswith("Where the input is exactly 0: ") for text in failed] == [True]


def test_a_smooth_activation_has_one_derivative_there(tmp_path: Path) -> None:
    text = RELU.replace("ReLU", "Tanh").replace("np.maximum(X, 0)", "np.tanh(X)")
    right = "1 - np.tanh(self.X) ** 2"
    assert graded(tmp_path, text.format(derivative=right), "tanh") == ("passed", [])
    wrong = f"np.where(self.X == 0, 0, {right})"
    assert graded(tmp_path, text.format(derivative=wrong), "tanh")[0] == "partial"
