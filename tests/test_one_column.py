"""One sample in each call, as a column: whose code that is, and whose it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_interfaces import MODULES, judged
from tests.twins import told

RIGHT = MODULES["fc_one_column_at_a_time"].right
_UPDATE = "self.bias -= learning_rate * output_gradient"
_DW = "weights_gradient = np.dot(output_gradient, self.input.T)"


def test_it_is_told_that_more_than_one_break_it(tmp_path: Path) -> None:
    result = judged(tmp_path, RIGHT, ("fc",))["fc"]
    assert result.binding is not None
    assert any("one sample in each call" in str(note) for note in result.binding.notes), told(
        result
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_DW, f"{_DW} / self.input.shape[1]"),  # it counts samples: code for batches
        (_DW, f"{_DW}; self.loss = (weights_gradient**2).sum(axis=1)"),
        (_UPDATE, "self.bias = self.bias - learning_rate * output_gradient"),  # nothing breaks
        (_UPDATE, "self.bias -= learning_rate * output_gradient.mean()"),
    ],
)
def test_batches_without_the_sum_stay_wrong(tmp_path: Path, old: str, new: str) -> None:
    assert old in RIGHT
    result = judged(tmp_path, RIGHT.replace(old, new), ("fc",))["fc"]
    assert "dB" in result.wrong_facets, told(result)


def test_rows_of_one_sample_stay_wrong(tmp_path: Path) -> None:
    rows = RIGHT.replace("np.dot(self.weights, self.input)", "np.dot(self.input, self.weights)")
    rows = rows.replace("(output_size, input_size)", "(input_size, output_size)")
    rows = rows.replace("(output_size, 1)", "(1, output_size)")
    rows = rows.replace(_DW, "weights_gradient = np.dot(self.input.T, output_gradient)")
    rows = rows.replace(
        "np.dot(self.weights.T, output_gradient)", "output_gradient @ self.weights.T"
    )
    result = judged(tmp_path, rows, ("fc",))["fc"]
    assert {"dB"} <= result.wrong_facets, told(result)


SOFTMAX = MODULES["softmax_one_column_at_a_time"].right
_JACOBIAN = "np.dot((np.identity(n) - self.output.T) * self.output, output_gradient)"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_JACOBIAN, "self.output * (output_gradient - np.sum(output_gradient * self.output))"),
        (_JACOBIAN, "self.output - output_gradient"),
        ("n = np.size(self.output)", "n = self.output.shape[0]"),  # it knows of samples, or could
        ("def __init__(self)", "def __init__(self, function, prime)"),  # no network can make one
    ],
)
def test_a_softmax_of_a_whole_batch_stays_wrong(tmp_path: Path, old: str, new: str) -> None:
    assert old in SOFTMAX
    result = judged(tmp_path, SOFTMAX.replace(old, new), ("softmax",))["softmax"]
    assert "forward" in result.wrong_facets, told(result)
