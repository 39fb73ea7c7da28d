"""Layers that loop for seconds are judged on small inputs; those that hang, or wait, are not."""

from __future__ import annotations

from pathlib import Path

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.idiom_examples import proved
from tests.twins import told

CONV = """
import time
import numpy as np


class Conv2d:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, A):
        self.A = A
        v = np.lib.stride_tricks.sliding_window_view(A, self.W.shape[2:], axis=(2, 3))
        return np.einsum("ncyxij,ocij->noyx", v, self.W) + self.b[:, None, None]

    def backward(self, dA):
        v = np.lib.stride_tricks.sliding_window_view(self.A, self.W.shape[2:], axis=(2, 3))
        self.dW, self.db = np.einsum("ncyxij,noyx->ocij", v, dA), dA.sum((0, 2, 3))
        dX = np.zeros(self.A.shape)
{dX}
        return dX
"""
ADDED = "dX[:, :, i:i + dA.shape[2], j:j + dA.shape[3]] += np.einsum('noyx,oc->ncyx', dA, self.W[:, :, i, j])"
EACH = f"""
        for i in range(self.W.shape[2]):
            for j in range(self.W.shape[3]):
                {ADDED}
"""
OVER_EVERYTHING = """
        for n in range(dX.shape[0]):
            for i in range(dX.shape[2]):
                for j in range(dX.shape[3]):
                    for o in range(dA.shape[1]):
                        for y in range(dA.shape[2]):
                            for x in range(dA.shape[3]):
                                mask = np.zeros(self.W.shape[2:])
                                if 0 <= i - y < mask.shape[0] and 0 <= j - x < mask.shape[1]:
                                    mask[i - y, j - x] = 1
                                {own} += dA[n, o, y, x] * np.sum(self.W[o] * mask, axis=(1, 2))
"""
SLOW = OVER_EVERYTHING.format(own="dX[n, :, i, j]")
SLOW_AND_WRONG = OVER_EVERYTHING.format(own="dX[n, :, i, j - 1]")
HANGS = EACH + "        while dA.size * self.A.size > 250_000:\n            pass\n"


def judged(folder: Path, dX: str, call: float = 1.0) -> ItemResult:
    path = folder / "work.py"
    path.write_text(CONV.format(dX=dX.strip("\n")), encoding="utf-8")
    options = Options(budget=Budget(call=call), items=frozenset(["conv2d"]))
    events = grade(read_submission(path), built_in_sprints()["cnn2"], options)
    return next(
        e.result for e in events if isinstance(e, ItemFinished) and e.result.spec.id == "conv2d"
    )


def small_alone(result: ItemResult) -> bool:
    assert result.binding is not None
    return any("small inputs only" in str(note) for note in result.binding.notes)


def test_a_layer_that_loops_over_everything_is_judged_on_small_inputs(tmp_path: Path) -> None:
    result = judged(tmp_path, SLOW)
    assert result.status == "passed", told(result)
    assert small_alone(result)
    assert "LayerPlan.small" in proved([result])


def test_its_wrong_twin_fails(tmp_path: Path) -> None:
    result = judged(tmp_path, SLOW_AND_WRONG)
    assert result.wrong_facets == {"dX"}, told(result)


def test_what_hangs_on_larger_inputs_is_wrong(tmp_path: Path) -> None:
    result = judged(tmp_path, HANGS, 0.4)
    assert "dX" in result.wrong_facets, told(result)
    assert not small_alone(result)


def test_one_that_is_fast_is_judged_on_all(tmp_path: Path) -> None:
    result = judged(tmp_path, EACH)
    assert result.status == "passed", told(result)
    assert not small_alone(result)
