"""Evidence that changes what counts as right was executed; what is put into an object could have
been there.
"""

from pathlib import Path

import pytest

from graders.binding.definitions import read_definitions
from graders.binding.differences import Differences
from graders.binding.reached import Reached
from graders.submission import read_submission
from tests.test_interfaces import MODULES, judged

SOFTMAX = """
import numpy as np

class Softmax:
    def forward(self, A):
        e = np.exp(A - A.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, dZ):
        return dZ

class FC:
    def backward(self, dA):
        return dA @ self.W.T

class Sigmoid:
    def backward(self, z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2
"""
NET = """
class Net:
    def __init__(self):
        self.fc, self.last, self.act = FC(), Softmax(), Sigmoid()

    def fit(self, X, Y):
        Z = self.last.forward(X)
        {statement}
"""
CALLED = "\nNet().fit(np.ones((2, 3)), np.eye(3)[:2])\n"
HANDED = "self.last.backward(Z - Y)"


def differences(folder: Path, source: str) -> tuple[Differences, dict[str, object]]:
    path = folder / "work.py"
    path.write_text(source, encoding="utf-8")
    work = read_submission(path)
    return Differences(Reached(work)), {d.name: d for d in read_definitions(work)[0]}


@pytest.mark.parametrize(
    ("rest", "counts"),
    [
        (NET.format(statement=HANDED) + CALLED, True),
        (NET.format(statement=HANDED), True),  # classes alone: they are there to be used
        (NET.format(statement=HANDED) + "\nprint(Softmax().forward(np.eye(3)))\n", False),
        (NET.format(statement=f"if False: {HANDED}") + CALLED, False),
        (NET.format(statement=f"while 0: {HANDED}") + CALLED, False),
        (NET.format(statement=f"for _ in []: {HANDED}") + CALLED, False),
        (NET.format(statement=f"return Z; {HANDED}") + CALLED, False),
        (NET.format(statement=f"raise ValueError; {HANDED}") + CALLED, False),
        (NET.format(statement=f"DEBUG = False\n        if DEBUG: {HANDED}") + CALLED, False),
        (NET.format(statement=f"if not True or 0: {HANDED}") + CALLED, False),
        (NET.format(statement=f"if len(X) > 1: {HANDED}") + CALLED, True),
        (NET.format(statement=f"def inner(): {HANDED}") + CALLED, False),
        (NET.format(statement=f"def inner(): {HANDED}\n        inner()") + CALLED, True),
        (NET.format(statement="self.fc.backward(Z - Y)") + CALLED, False),
        (NET.format(statement="self.fc.backward(self.last.backward(Z - Y))") + CALLED, True),
        ("\ndef never(net, Z, Y):\n    net.last.backward(Z - Y)\n", False),
        ("\nif 0:\n    Softmax().backward(Z - Y)\n", False),
        ("\nsoftmax = Softmax()\nd = Z - Y\nsoftmax.backward(d)\n", True),
        ("\nlayers = [FC(), Softmax()]\nfor layer in reversed(layers):\n    layer.backward(Z - Y)\n", True),
        ("\nlayers = [FC(), FC()]\nfor layer in reversed(layers):\n    layer.backward(Z - Y)\n", False),
    ],
)  # fmt: skip
def test_an_error_handed_in_by_a_statement_that_ran(
    tmp_path: Path, rest: str, counts: bool
) -> None:
    found, by_name = differences(tmp_path, SOFTMAX + rest)
    assert found.error_is_handed_in(by_name["Softmax"], "backward") is counts  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("d = Z * self.act.backward(X)", True),
        ("d = self.act.backward(X) * Z", True),
        ("slope = self.act.backward(X); d = Z * slope", True),
        ("slope = self.act.backward(X); d = Z * X", False),
        ("slope = self.fc.backward(X); d = Z * slope", False),
        ("slope = self.act.backward(X); d = 2 * slope", False),
        ("d = Z * self.fc.backward(X)", False),  # another class's method of that name
        ("lr = 0.1; d = lr * self.act.backward(X)", False),
        ("d = 2 * self.act.backward(X)", False),
        ("return Z; d = Z * self.act.backward(X)", False),
        ("if None: d = Z * self.act.backward(X)", False),
    ],
)
def test_derivatives_multiplied_by_a_statement_that_ran(
    tmp_path: Path, statement: str, counts: bool
) -> None:
    found, by_name = differences(tmp_path, SOFTMAX + NET.format(statement=statement) + CALLED)
    assert found.multiplied(by_name["Sigmoid"], "backward") is counts  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rest", "right"),
    [
        ("\ndef never(net, Z, Y):\n    net.softmax.backward(Z - Y)\n", False),
        (NET.format(statement=HANDED), True),
    ],
)
def test_a_dead_statement_excuses_no_softmax(tmp_path: Path, rest: str, right: bool) -> None:
    result = judged(tmp_path, SOFTMAX + rest, ("softmax",))["softmax"]
    status = {c.facet: c.status for c in result.checks}
    assert (status["dX"] == "passed") is right


# -- what is put into an object -------------------------------------------------------------------

FC = """
import numpy as np
{initializer}
class FC:
    def __init__(self, n_nodes1, n_nodes2{parameter}):
        self.W = {weight}
        self.b = {bias}

    def forward(self, x):
        self.x = x
        return x @ self.W + {used}

    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(0)
        return d @ self.W.T
"""
INITIALIZER = """
class Simple:
    def __init__(self, sigma):
        self.sigma = sigma
    def W(self, n, m):
        return self.sigma * np.random.randn(n, m)
    def B(self, m):
        return np.zeros({shape})
"""
OWN = {
    "initializer": "", "parameter": "", "weight": "np.random.randn(n_nodes1, n_nodes2)",
}  # fmt: skip
GIVEN = {"parameter": ", initializer", "weight": "initializer.W(n_nodes1, n_nodes2)",
         "bias": "initializer.B(n_nodes2)"}  # fmt: skip


@pytest.mark.parametrize(
    ("made", "right"),
    [
        ({**OWN, "bias": "np.zeros(n_nodes2)", "used": "self.b"}, True),
        ({**OWN, "bias": "np.zeros(n_nodes2)", "used": "self.b[0]"}, False),
        ({**OWN, "bias": "np.zeros(n_nodes2)", "used": "self.b[::-1]"}, False),
        ({**OWN, "bias": "np.zeros((1, n_nodes2))", "used": "self.b[0]"}, True),
        ({**OWN, "bias": "np.zeros((1, n_nodes2))", "used": "self.b[::-1]"}, True),
        ({**GIVEN, "initializer": INITIALIZER.format(shape="m"), "used": "self.b[0]"}, False),
        ({**GIVEN, "initializer": INITIALIZER.format(shape="m"), "used": "self.b[::-1]"}, False),
        ({**GIVEN, "initializer": INITIALIZER.format(shape="(1, m)"), "used": "self.b[0]"}, True),
        ({**GIVEN, "initializer": "", "used": "self.b[0]"}, False),
    ],
)
def test_a_bias_has_the_shape_that_the_class_or_its_initialiser_makes(
    tmp_path: Path, made: dict[str, str], right: bool
) -> None:
    result = judged(tmp_path, FC.format(**made), ("fc",))["fc"]
    status = {c.facet: c.status for c in result.checks}
    assert (status["forward"] == "passed") is right


PASSED = """
import numpy as np

class FC:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w + {used}

    def backward(self, d):
        return d @ self.w.T, self.x.T @ d, d.sum(0)
{site}
"""


@pytest.mark.parametrize(
    ("used", "site", "right"),
    [
        ("b", "", True),
        ("b[0]", "", False),  # nothing shows a row, and it takes the usual shape
        ("b[0]", "FC().forward(np.ones((2, 3)), np.ones((3, 2)), np.ones((1, 2)))", True),
        ("b[0]", "if 0: FC().forward(np.ones((2, 3)), np.ones((3, 2)), np.ones((1, 2)))", False),
        ("b[:, 0]", "", True),  # it refuses the usual shape
    ],
)
def test_a_bias_is_passed_as_the_notebook_passes_it(
    tmp_path: Path, used: str, site: str, right: bool
) -> None:
    result = judged(tmp_path, PASSED.format(used=used, site=site), ("fc",))["fc"]
    status = {c.facet: c.status for c in result.checks}
    assert (status["forward"] == "passed") is right


XAVIER = """
import numpy as np

class XavierInitializer:
    def W(self, layer):
        return np.random.randn(layer.n_in, layer.{out}) / np.sqrt(layer.n_in)

    def B(self, layer):
        return np.zeros(layer.{out})

class FC:
    def __init__(self, n_in, n_out, initializer):
        self.n_in, self.n_out = n_in, n_out
        self.W, self.B = initializer.W(self), initializer.B(self)
"""


@pytest.mark.parametrize(("out", "right"), [("n_out", True), ("out_features", False)])
def test_an_initialiser_reads_what_a_layer_has(tmp_path: Path, out: str, right: bool) -> None:
    result = judged(tmp_path, XAVIER.format(out=out), ("xavier_initializer",))
    assert (result["xavier_initializer"].status == "passed") is right


def test_a_derivative_alone_that_nobody_multiplies_is_no_gradient(tmp_path: Path) -> None:
    """A backward that takes nothing can give no more; it is right only where somebody goes on with it."""
    source = MODULES["derivative_without_a_gradient"].right.partition("class Net")[0]
    result = judged(tmp_path, source, ("sigmoid",))["sigmoid"]
    assert result.wrong_facets == {"dX"}
