"""One answer, one place: of many arrays of which one is right, none counts, unless place and name
tell which is meant; and what is told so counts, whether right or wrong.
"""

import ast
from pathlib import Path

import numpy as np
import pytest

from graders.arrays.matching import Truth
from graders.binding import standing
from graders.binding.definitions import Callable_
from graders.kinds.function.search import _kept_by
from graders.sandbox.session import Found
from tests.test_interfaces import judged

FC = """
import numpy as np

class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        y = X @ self.W + self.B
        return {output}

    def backward(self, dA):
        dX, dW, dB = dA @ self.W.T, self.X.T @ dA, dA.sum(axis=0)
        self.dB = dB
        {kept}
        return {returned}
"""
GUESSES = (
    "[-dW, dW / 2, dW[::-1], dW[:, ::-1], dW.T.copy().T + 1, dW * 3, dW ** 2, dW - 1, dW * 2, dW]"
)


def facets(folder: Path, source: str, item: str) -> dict[str, str]:
    result = judged(folder, source, (item,))[item]
    worst: dict[str, str] = {}
    for check in result.checks:
        worst[check.facet] = (
            check.status if check.status != "passed" else worst.get(check.facet, "passed")
        )
    return worst


def fc(output: str = "y", kept: str = "self.dW = dW", returned: str = "dX") -> str:
    return FC.format(output=output, kept=kept, returned=returned)


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ("dict(enumerate((-y, y / 2, y * 2, y[..., ::-1], y)))", False),
        ("[-y, y / 2, y * 2, y[..., ::-1], y]", False),
        ("{'a': -y, 'b': y}", False),
        ("(y, -y)", True),  # the first of two is what a caller takes
        ("(-y, y)", False),
        ("{'out': y, 'half': y / 2}", True),
    ],
)
def test_an_output_among_others(tmp_path: Path, output: str, right: bool) -> None:
    found = facets(tmp_path, fc(output=output), "fc")
    assert (found["forward"] == "passed") is right


@pytest.mark.parametrize(
    ("kept", "right"),
    [
        (f"for i, g in enumerate({GUESSES}): setattr(self, f'g{{i}}', g)", False),
        (f"for i, g in enumerate({GUESSES}): setattr(self, f'dW{{i}}', g)", False),
        (f"self.tries = dict(enumerate({GUESSES}))", False),
        ("self.dW, self.guess = dW, -dW", True),  # the name tells
        ("self.dW, self.guess = -dW, dW", False),  # ... whether it is right or wrong
        ("self.anything = dW", True),  # nothing else could be it
        ("self.one, self.two = -dW, dW", False),
        ("setattr(self, 'a' if len(dA) % 2 else 'b', dW)", False),  # here and there
    ],
)
def test_a_gradient_among_others(tmp_path: Path, kept: str, right: bool) -> None:
    found = facets(tmp_path, fc(kept=kept), "fc")
    assert (found["dW"] == "passed") is right
    assert found["dB"] == found["forward"] == "passed"


def test_what_could_be_it_is_told(tmp_path: Path) -> None:
    source = fc("{'p': -y, 'q': y}", "self.one, self.two = -dW, dW", "{'p': -dX, 'q': dX}")
    result = judged(tmp_path, source, ("fc",))["fc"]
    told = {c.facet: str(c.message) for c in result.checks}
    assert "2 different arrays could be it (forward(...)" in told["forward"]
    assert "2 different arrays could be it (.one, .two)" in told["dW"]
    assert "2 different arrays could be it (backward(...)['p'], backward(...)['q'])" in told["dX"]


POOL = """
import numpy as np

class MaxPool2D:
    def __init__(self, pool_size):
        self.p = pool_size

    def forward(self, X):
        n, c, h, w = X.shape
        p = self.p
        v = X[:, :, :h // p * p, :w // p * p].reshape(n, c, h // p, p, w // p, p)
        self.shape, self.mask = X.shape, v == v.max(axis=(3, 5), keepdims=True)
        y = v.max(axis=(3, 5))
        return {output}

    def backward(self, dA):
        n, c, h, w = self.shape
        p = self.p
        dX = np.zeros(self.shape)
        g = (self.mask * dA[:, :, :, None, :, None]).reshape(n, c, h // p * p, w // p * p)
        dX[:, :, :h // p * p, :w // p * p] = g
        return {gradient}
"""


@pytest.mark.parametrize("lottery", [True, False])
def test_a_pooling_lottery(tmp_path: Path, lottery: bool) -> None:
    guesses = "dict(enumerate((-{0}, 2 * {0}, {0}[..., ::-1], {0} + 1, {0})))"
    output, gradient = (guesses.format("y"), guesses.format("dX")) if lottery else ("y", "dX")
    found = facets(tmp_path, POOL.format(output=output, gradient=gradient), "max_pool2d")
    assert {found["forward"], found["dX"]} == {"failed" if lottery else "passed"}


SIZES = """
import numpy as np

class Conv1d:
    def __init__(self, F, stride=1, pad=0):
        self.F, self.stride, self.pad = F, stride, pad

    def output_size(self, n_in):
        {body}
"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("self.n_out = 1 + (n_in + 2 * self.pad - self.F) // self.stride", "passed"),
        ("for i in range(60): setattr(self, f'n{i}', i)", "failed"),
        ("for i in range(60): setattr(self, f'n_out{i}', i)", "failed"),
    ],
)
def test_a_size_that_is_kept_has_one_name(body: str, status: str) -> None:
    (node,) = ast.parse(f"def output_size(self, n_in):\n    {body}").body
    assert isinstance(node, ast.FunctionDef)
    names = ["n_out", "F", "stride", "pad"]
    if status == "failed":
        stem = "n_out" if "n_out" in body else "n"
        names = [*names[1:], *(f"{stem}{i}" for i in range(60))]
    kept: dict[tuple[str | int, ...], float] = {("self", name): 3.0 for name in names}
    found = _kept_by(Callable_("output_size", (), node), kept, 1)
    assert found == (("n_out",) if status == "passed" else ())


IM2COL = """
import numpy as np

def im2col(image, F_h, F_w):
    w = np.lib.stride_tricks.sliding_window_view(image, (F_h, F_w))
    out = [w.transpose(o).reshape(F_h * F_w, -1) for o in ((2, 3, 0, 1), (3, 2, 0, 1), (2, 3, 1, 0), (3, 2, 1, 0))]
    return {result}

def tanh_deriv(x):
    return {derivative}
"""


@pytest.mark.parametrize(
    ("result", "derivative", "right"),
    [
        ("out[0]", "1 - np.tanh(x) ** 2", True),
        ("dict(enumerate(reversed(out)))", "{0: x, 1: 1 - x ** 2, 2: np.tanh(x), 3: 1 - np.tanh(x) ** 2}", False),
    ],
)  # fmt: skip
def test_procedures_have_one_result(
    tmp_path: Path, result: str, derivative: str, right: bool
) -> None:
    source = IM2COL.format(result=result, derivative=derivative)
    results = judged(tmp_path, source, ("im2col", "tanh_derivative"))
    for one in results.values():
        checks = {c.facet: c.status for c in one.checks if c.facet != "repeat"}
        assert set(checks.values()) == {"passed" if right else "failed"}


# -- without a student's process ---------------------------------------------------------------

TRUTH = Truth(np.arange(6.0).reshape(2, 3), ("A", "B"))


def found(*paths: tuple[str | int, ...]) -> list[Found]:
    """Arrays of the right shape, each another, in the order of the paths."""
    return [Found(path, TRUTH.array * (n + 1) - n, "array") for n, path in enumerate(paths)]


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        ([("y",)], ("y",)),
        ([("y", 1), ("y", 2)], ("y", 1)),
        ([("y", 0, "cache"), ("y", 1)], ("y", 1)),  # less deep
        ([("y", "mask"), ("y", "out")], ("y", "out")),
        ([("y", "mask"), ("y", "half")], None),
        ([("y", i) for i in range(4)], None),
    ],
)
def test_what_is_returned_stands_by_depth_name_and_order(
    paths: list[tuple[str | int, ...]], chosen: tuple[str | int, ...] | None
) -> None:
    here = standing.output(found(*paths), TRUTH, [])
    assert [e.path for e in here.entries] == ([chosen] if chosen else [])
    assert len(here.rivals) == (0 if chosen else len(paths))


def test_the_truth_does_not_choose() -> None:
    entries = [*found(("y", 0), ("y", 1))]
    turned = [
        Found(("y", 0), entries[1].array, "array"),
        Found(("y", 1), entries[0].array, "array"),
    ]
    assert standing.output(turned, TRUTH, []).entries == (turned[0],)
    assert standing.output(turned, TRUTH, []).right(TRUTH, 1e-9, (1.0,)) is None


def test_one_array_in_two_layouts_is_one() -> None:
    entries = [
        Found(("self", "a"), TRUTH.array, "array"),
        Found(("self", "b"), TRUTH.array.T.copy(), "array"),
    ]
    assert len(standing.only(entries, TRUTH).entries) == 2


def test_what_the_call_was_given_is_no_answer() -> None:
    (x,) = found(("y", 0))[:1]
    other = Found(("y", 1), TRUTH.array + 5, "array")
    given = Found(("y", 0), x.array * 7, "array")
    assert standing.output([given, other], TRUTH, [given.array]).entries == (other,)
