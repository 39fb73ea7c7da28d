"""Gradients that add up in the attributes that a course's network sets to zero, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_courses import judged
from tests.test_interfaces import judged as judged_in_a_sprint
from tests.twins import told

LAYER = """
import numpy as np
class Linear:
    def __init__(self, in_feature, out_feature):
        self.W, self.b = np.random.randn(in_feature, out_feature), np.zeros(out_feature)
        self.dW, self.db = np.zeros((in_feature, out_feature)), np.zeros(out_feature)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, delta):
        self.dW += self.x.T @ delta
        self.dW /= len(delta)
        self.db += delta.mean(axis=0)
        return delta @ self.W.T
"""
WRONG = {
    "another attribute": (LAYER.replace("dW", "dweights"), {"dW"}),
    "not begun at zero": (
        LAYER.replace("self.dW, self.db = np.zeros", "self.dW, self.db = np.ones"),
        {"dW"},
    ),
    "summed over the wrong axis": (LAYER.replace("axis=0", "axis=1, keepdims=True"), {"dB"}),
    "forward remembers": (
        LAYER.replace("self.x = x\n", "self.x = getattr(self, 'x', x)\n"),
        {"dW"},
    ),
}


def test_what_the_course_sets_to_zero_is_judged_from_zero(tmp_path: Path) -> None:
    result = judged(tmp_path, "cmu11785", LAYER, ("fc",))["fc"]
    assert result.status == "passed", told(result)


def test_where_no_course_does_it_the_same_is_wrong(tmp_path: Path) -> None:
    result = judged_in_a_sprint(tmp_path, LAYER, ("fc",))["fc"]
    assert {"dW", "dB"} <= result.wrong_facets, told(result)


@pytest.mark.parametrize("name", WRONG)
def test_only_the_adding_up_is_forgiven(tmp_path: Path, name: str) -> None:
    source, facets = WRONG[name]
    result = judged(tmp_path, "cmu11785", source, ("fc",))["fc"]
    assert facets <= result.wrong_facets, told(result)
