"""Softmax whose backward leaves work to others: the network forms Z - Y, or forward is given Y."""

from pathlib import Path

import pytest

from tests.test_interfaces import judged

FORWARD = """
import numpy as np

class Softmax:
    def forward(self, A):
        e = np.exp(A - np.max(A, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def backward(self, dZ):
        return {gradient}
"""
NETWORK = """

class Network:
    def fit(self, X, y):
        for x_batch, {labels} in [(X, y)]:
            z = self.net.forward(x_batch)
            {before}
            self.net.backward({handed})
"""
OPTIONAL = """
import numpy as np

class SoftmaxWithLoss:
    def forward(self, x, t=None):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.p, self.t = e / np.sum(e, axis=1, keepdims=True), t
        if t is None:
            return self.p
        return -np.sum(t * np.log(self.p + 1e-9)) / len(x)

    def backward(self):
        if self.t is None:
            raise ValueError("labels first")
        return {gradient}
"""


def status(tmp_path: Path, source: str) -> tuple[str, dict[str, str]]:
    result = judged(tmp_path, source, ("softmax",))["softmax"]
    return result.status, {c.facet: c.status for c in result.checks}


@pytest.mark.parametrize(
    ("labels", "before", "handed"),
    [
        ("y_batch", "d = (z - y_batch) / len(z)", "d"),
        ("mini_y", "self.d = z - mini_y", "self.d"),
        ("t", "n = len(z)", "1 / n * (z - t)"),
    ],
)
def test_a_gradient_may_be_passed_on_where_the_network_forms_it(
    tmp_path: Path, labels: str, before: str, handed: str
) -> None:
    network = NETWORK.format(labels=labels, before=before, handed=handed)
    found, facets = status(tmp_path, FORWARD.format(gradient="dZ") + network)
    assert (found, facets["dX"]) == ("passed", "passed")


@pytest.mark.parametrize(
    ("gradient", "before", "handed"),
    [
        ("dZ", "d = z", "d"),  # nobody subtracts the labels
        ("dZ", "d = y_batch - z", "d"),  # the wrong way round
        ("dZ", "d = z - z_pred", "d"),
        ("dZ", "loss = np.sum((z - y_batch) ** 2)", "y_batch"),  # subtracted for the loss alone
        ("dZ * 2", "d = z - y_batch", "d"),
        ("dZ / len(dZ)", "d = (z - y_batch) / len(z)", "d"),
        ("dZ.T.reshape(dZ.shape)", "d = z - y_batch", "d"),
    ],
)
def test_what_is_passed_on_must_be_the_gradient_unchanged(
    tmp_path: Path, gradient: str, before: str, handed: str
) -> None:
    network = NETWORK.format(labels="y_batch", before=before, handed=handed)
    found, facets = status(tmp_path, FORWARD.format(gradient=gradient) + network)
    assert (found, facets["forward"], facets["dX"]) == ("partial", "passed", "failed")


@pytest.mark.parametrize(
    ("gradient", "right"),
    [("(self.p - self.t) / len(self.t)", True), ("self.p - self.t", True), ("self.t - self.p", False)],
)  # fmt: skip
def test_labels_may_be_optional_in_forward(tmp_path: Path, gradient: str, right: bool) -> None:
    found, facets = status(tmp_path, OPTIONAL.format(gradient=gradient))
    assert (found, facets["dX"]) == (("passed", "passed") if right else ("partial", "failed"))


def test_a_forward_that_is_wrong_is_named_though_backward_passes_on(tmp_path: Path) -> None:
    network = NETWORK.format(labels="y_batch", before="d = z - y_batch", handed="d")
    source = FORWARD.format(gradient="dZ").replace("axis=1", "axis=0") + network
    result = judged(tmp_path, source, ("softmax",))["softmax"]
    assert {c.facet: c.status for c in result.checks}["forward"] == "failed"
    assert "softmax-columns" in [n.id for d in result.diagnoses for n in d.names]


LOSS_ALONE = """
import numpy as np

def softmax_loss(x, t):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return -np.sum(t * np.log(p + {guard})) / len(x), (p - t) / len(x)
"""


@pytest.mark.parametrize(
    ("guard", "forward"),
    [
        ("0", "passed"),
        ("1e-8", "passed"),
        ("1e-5", "passed"),
        ("1e-3", "failed"),
        ("-1e-5", "failed"),
    ],
)
def test_a_small_number_may_keep_the_logarithm_from_zero(
    tmp_path: Path, guard: str, forward: str
) -> None:
    _, facets = status(tmp_path, LOSS_ALONE.format(guard=guard))
    assert (facets["forward"], facets["dX"]) == (forward, "passed")


BY_A_WORD = """
import numpy as np

class Activation:
    def __init__(self, kind{default}):
        self.kind = kind

    def forward(self, x):
        self.x = x
        return self.tanh(x) if self.kind == "tanh" else self.softmax(x)

    def backward(self, d):
        if self.kind == "tanh":
            return d * (1 - self.tanh(self.x) ** 2)
        if self.kind == "softmax":
            return {gradient}

    def tanh(self, x):
        return np.tanh(x)

    def softmax(self, x):
        e = np.exp(x - x.max(axis={axis}, keepdims=True))
        return e / e.sum(axis={axis}, keepdims=True)
"""


@pytest.mark.parametrize("default", ["", "='tanh'"])
@pytest.mark.parametrize(
    ("gradient", "axis", "forward", "backward"),
    [
        ("self.softmax(self.x) - d", 1, "passed", "passed"),
        ("d - self.softmax(self.x)", 1, "passed", "failed"),
        ("self.softmax(self.x) - d", 0, "failed", "failed"),
    ],
)
def test_softmax_may_be_one_of_several_activations_in_a_class(
    tmp_path: Path, default: str, gradient: str, axis: int, forward: str, backward: str
) -> None:
    source = BY_A_WORD.format(default=default, gradient=gradient, axis=axis)
    result = judged(tmp_path, source, ("softmax",))["softmax"]
    facets = {c.facet: c.status for c in result.checks}
    assert (facets["forward"], facets["dX"]) == (forward, backward)
