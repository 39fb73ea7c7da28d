"""Which definition of which section answers an item, where none of them is right."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from graders.engine import ItemFinished, Options, detect_sprint, grade
from graders.judging.results import ItemResult, right_facets
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints

Grade = Callable[..., ItemResult]


@pytest.fixture
def judged(write_notebook: Callable[..., Path]) -> Grade:
    """Grades one item of a notebook of the given cells."""

    def run(item: str, *cells: str) -> ItemResult:
        path = write_notebook("import numpy as np", *map(dedent, cells))
        options = Options(budget=Budget(cell=5, total=20), items=frozenset([item]))
        sprint = next(s for s in built_in_sprints().values() if item in [i.id for i in s.items])
        for event in grade(read_submission(path), sprint, options):
            if isinstance(event, ItemFinished) and event.result.spec.id == item:
                return event.result
        raise AssertionError("no verdict")

    return run


ONE = """
    class CNN:
        def __init__(self, w, b, optimizer):
            self.W, self.B, self.optimizer = w, b, optimizer
        def forward(self, x):
            self.x = x
            n = len(x) - 2  # right for a filter of three only
            return np.array([np.sum(x[i:i + 3] * self.W[:3]) for i in range(n)]) + self.B
        def backward(self, da):
            self.dB = da.sum()
            self.dW = np.zeros(len(self.W))
            self.optimizer.update(self)
"""
MANY = """
    class CNN2dim:
        def __init__(self, w, b, optimizer):
            self.W, self.B, self.optimizer = w, b, optimizer
        def forward(self, x):
            self.x = x
            O, C, F = self.W.shape
            a = np.zeros((O, x.shape[1] - F + 1))
            for o in range(O):
                for i in range(a.shape[1]):
                    a[o, i] = np.sum(x[:, i:i + F] * self.W[o, :, ::-1]) + self.B[o]
            return a
        def backward(self, da):
            self.dB = da.sum(axis=1)
            self.optimizer.update(self)
"""
DENSE = """
    class Dense:
        def __init__(self, n_nodes1, n_nodes2):
            self.W, self.B = np.zeros((n_nodes1, n_nodes2)), np.zeros(n_nodes2)
        def forward(self, x):
            return x @ self.W + self.B
        def backward(self, da):
            return da @ self.W.T
"""
CELLS = ("md:# 【問題1】", ONE, "md:# 【問題4】", MANY)


def test_a_wrong_layer_of_another_name_is_judged_in_its_section(judged: Grade) -> None:
    result = judged("simple_conv1d", *CELLS)
    assert result.binding is not None
    assert result.binding.name == "CNN"
    assert {"dB", "forward"} & set(right_facets(result.spec, result.checks)) == {"dB"}


def test_each_section_has_its_own(judged: Grade) -> None:
    result = judged("conv1d", *CELLS)
    assert result.binding is not None
    assert result.binding.name == "CNN2dim"
    assert "dB" in right_facets(result.spec, result.checks)
    assert "forward" not in right_facets(result.spec, result.checks)


def test_a_layer_of_another_kind_in_the_section_is_no_answer(judged: Grade) -> None:
    assert judged("simple_conv1d", "md:# 【問題1】", DENSE).status == "missing"


BROKEN = """
    class SimpleInitializer:
        def __init__(self, sigma):
            self.sigma = sigma
        def W(self, n_nodes1, n_nodes2):
            return self.sigma * np.random.randn(self.n_nodes1, n_nodes2)
        def B(self, n_nodes2):
            return np.zeros(n_nodes2)
"""
HE = """
    class HeInitializer:
        def __init__(self, n_nodes1):
            self.sigma = np.sqrt(2 / n_nodes1)
        def W(self, n_nodes1, n_nodes2):
            return self.sigma * np.random.randn(n_nodes1, n_nodes2)
        def B(self, n_nodes2):
            return np.zeros(n_nodes2)
"""


def test_an_initialiser_that_raises_is_not_replaced_by_another_scheme(judged: Grade) -> None:
    cells = ("md:# 【問題2】", BROKEN, "md:# 【問題6】", HE)
    result = judged("simple_initializer", *cells)
    assert result.status == "error"
    assert result.binding is not None
    assert result.binding.name == "SimpleInitializer"
    assert "n_nodes1" in str(result.message)
    assert judged("he_initializer", *cells).status == "passed"


def test_a_notebook_without_problems_is_told_by_its_title_and_example(
    write_notebook: Callable[..., Path],
) -> None:
    title = "md:# 深層学習スクラッチ 畳み込みニューラルネットワーク1"
    example = "w = np.array([3, 5, 7])"
    found = detect_sprint(read_submission(write_notebook(title, example, ONE)), built_in_sprints())
    assert found is not None
    assert found.id == "cnn1"
    for other in (title.rstrip("1"), title.replace("1", "3")):
        assert (
            detect_sprint(read_submission(write_notebook(other, ONE)), built_in_sprints()) is None
        )


SIMPLE = ONE.replace("class CNN", "class SimpleConv1d")
SIMPLE_OF_MANY = MANY.replace("class CNN2dim", "class SimpleConv1d_many")


def test_a_wrong_layer_under_the_name_of_another_item_is_judged_in_its_section(
    judged: Grade,
) -> None:
    result = judged("conv1d", "md:# 【問題1】", SIMPLE, "md:# 【問題4】", SIMPLE_OF_MANY)
    assert result.status == "partial"
    assert result.binding is not None
    assert result.binding.name == "SimpleConv1d_many"


def test_the_layer_of_one_channel_alone_answers_for_no_other_item(judged: Grade) -> None:
    result = judged("conv1d", "md:# 【問題1】", SIMPLE, "md:# 【問題4】", "n = 3")
    assert result.status == "missing"


EXAMPLE_ONLY = """
    class SimpleConv1d:
        def forward(self, x, w, b):
            a = []
            for i in range(len(w) - 1):  # as many as in the example
                a.append((x[i:i + len(w)] * w).sum() + b[0])
            return np.array(a)
        def backward(self, x, w, da):
            dw = np.array([da @ x[i:i + len(da)] for i in range(len(w))])
            return da.sum(), dw, np.convolve(da, w)
"""


def test_sizes_of_one_are_no_evidence_of_a_layout(judged: Grade) -> None:
    result = judged("simple_conv1d", "md:# 【問題1】", EXAMPLE_ONLY)
    assert result.binding is not None
    assert [str(note) for note in result.binding.notes][:1] == ["arrays as (L,)"]
    checks = {c.id: c.status for c in result.checks}
    assert checks["forward-documented-1"] == "passed"
    assert checks["forward"] == "failed"
