"""A template that nobody filled in earns nothing, no mistake is made up, no right way is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_interfaces import MODULES, judged

STUB = """
class {name}:
    def __init__(self):
        pass
    def forward(self{given}):
        {body}
    def backward(self{given}):
        {body}
"""
LAYERS = {
    "sigmoid": "Sigmoid", "relu": "ReLU", "softmax": "Softmax",
    "flatten": "Flatten", "max_pool2d": "MaxPooling",
}  # fmt: skip


@pytest.mark.parametrize("body", ["pass", "return"])
@pytest.mark.parametrize("given", ["", ", x"])
@pytest.mark.parametrize("item", LAYERS)
def test_an_empty_class_earns_nothing(tmp_path: Path, item: str, given: str, body: str) -> None:
    source = STUB.format(name=LAYERS[item], given=given, body=body)
    result = judged(tmp_path, source, (item,))[item]
    assert result.status in ("failed", "error")  # error: it takes no input and is given one
    assert result.score == 0.0
    if given:
        assert "returns nothing" in str(result.message)
    names = {n.id for d in result.diagnoses for n in d.names}
    assert names <= {"not-written"}
    assert bool(names) == (item != "softmax")


def test_what_is_right_but_not_returned_still_repeats(tmp_path: Path) -> None:
    source = """
import numpy as np

class Tanh:
    def forward(self, a):
        self.z = np.tanh(a)

    def backward(self, dz):
        return dz * (1 - self.z**2)
"""
    result = judged(tmp_path, source, ("tanh",))["tanh"]
    facets = {c.facet for c in result.checks if c.status == "passed"}
    assert facets == {"dX", "repeat"}


def test_integers_of_the_example_are_not_what_is_wrong(tmp_path: Path) -> None:
    module = MODULES["conv2d_optimizer_answers_in_place"]
    result = judged(tmp_path, module.wrong["conv2d", "dX"], ("conv2d",))["conv2d"]
    wrong = [str(c.message) for c in result.checks if c.status != "passed"]
    assert wrong
    assert not [m for m in wrong if "Cannot cast" in m]


def test_padding_by_a_word_is_not_set_to_a_number(tmp_path: Path) -> None:
    source = """
import numpy as np

class Conv1d:
    def __init__(self, stride=1, pad='VALID'):
        self.stride, self.pad = stride, pad

    def forward(self, x, w, b):
        if self.pad == 'VALID':
            p = 0
        elif self.pad == 'SAME':
            p = (w.shape[-1] - 1) // 2
        x = np.pad(x, ((0, 0), (0, 0), (p, p)))
        at = range(0, x.shape[-1] - w.shape[-1] + 1, self.stride)
        a = [np.einsum('ncf,ocf->no', x[..., i : i + w.shape[-1]], w) for i in at]
        return np.stack(a, axis=-1) + b[:, None]
"""
    result = judged(tmp_path, source, ("conv1d_padding",))["conv1d_padding"]
    assert result.status == "missing"


@pytest.mark.parametrize("given", ["", "n_in, f, p, s"])
def test_an_empty_function_forgets_nothing(tmp_path: Path, given: str) -> None:
    source = f"def calc_out_size({given}):\n    pass\n"
    result = judged(tmp_path, source, ("conv1d_out_size",))["conv1d_out_size"]
    assert result.status == "failed"
    assert result.diagnoses == ()


def test_a_softmax_that_returns_nothing_is_told_so_though_backward_raises(tmp_path: Path) -> None:
    source = """
class Softmax:
    def forward(self, a):
        a.max()

    def backward(self, z, y):
        return self.missing - y
"""
    result = judged(tmp_path, source, ("softmax",))["softmax"]
    told = {c.facet: str(c.message) for c in result.checks}
    assert "returns nothing" in told["forward"]
    assert "missing" in told["dX"]


def test_a_method_that_only_takes_sizes_is_no_wrong_answer(tmp_path: Path) -> None:
    source = """
import numpy as np

class Conv1d:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def windows(self, x, filter_size, stride=1, pad=0):
        return np.stack([np.roll(x, -i)[::stride] for i in range(filter_size)])

    def forward(self, x):
        return self.w @ self.windows(x, len(self.w)) + self.b
"""
    result = judged(tmp_path, source, ("conv1d_out_size",))["conv1d_out_size"]
    assert result.status == "missing"


@pytest.mark.parametrize(
    ("names", "gradient", "right"),
    [
        ("Z, Y", "Z - Y", True), ("Z, Y", "Y - Z", False), ("y_true, y_pred", "y_true - y_pred", False),
        ("y_true, y_pred", "y_pred - y_true", True), ("ans, y", "y - ans", True),
    ],
)  # fmt: skip
def test_names_that_say_output_and_labels_are_believed(
    tmp_path: Path, names: str, gradient: str, right: bool
) -> None:
    source = f"""
import numpy as np

class Softmax:
    def forward(self, a):
        e = np.exp(a - a.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, {names}):
        return {gradient}
"""
    result = judged(tmp_path, source, ("softmax",))["softmax"]
    assert result.status == ("passed" if right else "partial")


@pytest.mark.parametrize(("base", "status"), [("nn.Module", "missing"), ("Base", "partial")])
def test_a_class_of_a_framework_is_no_answer(tmp_path: Path, base: str, status: str) -> None:
    source = f"""
import numpy as np
import torch.nn as nn

class Base:
    pass

class Tanh({base}):
    def forward(self, a):
        return np.tanh(a)

    def backward(self, dz):
        return dz
"""
    result = judged(tmp_path, source, ("tanh",))["tanh"]
    assert result.status == status
    right = (
        source
        + """
class TanhLayer:
    def forward(self, a):
        self.z = np.tanh(a)
        return self.z

    def backward(self, dz):
        return dz * (1 - self.z**2)
"""
    )
    assert judged(tmp_path, right, ("tanh",))["tanh"].status == "passed"


@pytest.mark.parametrize(("name", "told"), [("SGD", False), ("Sigmoidal", True)])
def test_what_answers_another_item_is_not_told_as_alike(
    tmp_path: Path, name: str, told: bool
) -> None:
    source = f"""
class {name}:
    def update(self, layer):
        layer.W -= 0.1 * layer.dW
"""
    result = judged(tmp_path, source, ("sigmoid",))["sigmoid"]
    assert result.status == "missing"
    assert (name in str(result.message)) == told


@pytest.mark.parametrize(("raises", "status"), [("np.sum(dA, axis=1)", "error"), ("0", "failed")])
def test_what_the_constructor_set_is_no_gradient_that_backward_computed(
    tmp_path: Path, raises: str, status: str
) -> None:
    source = f"""
import numpy as np

class SimpleConv1d:
    def __init__(self, filter_size, initializer, optimizer):
        self.W, self.B = initializer.W(filter_size), initializer.B(1)
        self.dW = self.dB = 0

    def forward(self, X):
        self.X = X
        n = len(X) - len(self.W) + 1
        return np.array([X[i:i + len(self.W)] @ self.W for i in range(n)]) + self.B

    def backward(self, dA):
        first = {raises}
        return np.convolve(dA, self.W)
"""
    result = judged(tmp_path, source, ("simple_conv1d",))["simple_conv1d"]
    check = next(c for c in result.checks if c.id == "dW")
    assert check.status == status
    assert ("raised" in str(check.message)) is (status == "error")
