"""One item of a notebook, judged in a real process."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult, right_facets
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints

# A dense layer as the text has it, right throughout.
FC = """
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        dZ = dA @ self.W.T
        self.dW = self.X.T @ dA
        self.dB = dA.sum(axis=0)
        self.optimizer.update(self)
        return dZ
"""


def dense(**changed: str) -> str:
    """`FC` with other expressions for its forward, dX, dW or dB."""
    right = {"forward": "X @ self.W + self.B", "dX": "dA @ self.W.T",
             "dW": "self.X.T @ dA", "dB": "dA.sum(axis=0)"}  # fmt: skip
    source = FC
    for facet, text in changed.items():
        source = source.replace(right[facet], text)
    return source


def judged(write: Callable[..., Path], sprint: str, item: str, *cells: str) -> ItemResult:
    """The verdict on an item of a notebook with these cells after the usual imports."""
    texts = (c if c.startswith("md:") else dedent(c) for c in cells)
    path = write("import math\nimport random\nimport numpy as np", *texts)
    options = Options(budget=Budget(cell=5, total=20), items=frozenset([item]))
    for event in grade(read_submission(path), built_in_sprints()[sprint], options):
        if isinstance(event, ItemFinished) and event.result.spec.id == item:
            return event.result
    raise AssertionError("no verdict")


def facets(result: ItemResult) -> set[str]:
    """Those that are right."""
    return set(right_facets(result.spec, result.checks))


def said(result: ItemResult) -> str:
    """Every sentence of the verdict."""
    return " ".join(str(c.message) for c in result.checks)
