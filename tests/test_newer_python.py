"""What is written for a newer Python than the one that grades."""

from pathlib import Path

import pytest

from graders.grading import Grading, Request

RELU = """\
import numpy as np
from typing import Generator


def batches(x: np.ndarray) -> Generator[np.ndarray]:
    yield from x


def pairs(x: np.ndarray) -> Generator[np.ndarray, None, None]:
    yield from x


class ReLU:
    def forward(self, X):
        self.X = X
        return np.maximum(X, 0)

    def backward(self, dA):
        return np.array([d * (x > 0) for d, x in zip(batches(dA), pairs(self.X))])
"""


@pytest.mark.parametrize(
    ("text", "status"), [(RELU, "passed"), (RELU.replace("x > 0", "x < 0"), "partial")]
)
def test_a_generator_says_only_what_it_yields(text: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(text)
    grading = Grading(Request(tmp_path / "layer.py", "dnn", language="en"))
    grading.select(frozenset({"relu"}))
    for _ in grading.events():
        pass
    data = grading.report.as_dict()
    assert [c["error"] for c in data["load"]["cells"] if c["error"]] == []
    assert next(i for i in data["items"] if i["id"] == "relu")["status"] == status
