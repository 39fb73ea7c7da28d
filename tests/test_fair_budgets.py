"""What one definition costs is not taken from the next: others that break or are slow before the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging import searching
from graders.sandbox.session import Budget
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.twins import told

_BODIES = {
    "raises": "raise ValueError('not yet')",
    "is slow": "import time; time.sleep(0.1); return self",
    "never ends": "import itertools; return sum(1 for _ in itertools.count())",
}
_LAYER = """
import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out) * 0.1, np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(0)
        return dy @ self.W.T
"""
_OTHER_LAYER = """

class {name}:
    def __init__(self, alpha, beta, gamma, initializer, optimizer, weight=None, bias=None):
        self.W, self.b = initializer.W(alpha, beta), initializer.B(beta)

    def forward(self, x):
        {body}

    def backward(self, dy):
        {body}
"""
_OPTIMIZER = """
class StochasticGradientDescent:
    def __init__(self, lr=0.1):
        self.lr = lr

    def update(self, W, dW):
        return W - self.lr * dW
"""
_OTHER_OPTIMIZER = """

class {name}:
    def __init__(self, lr=0.1):
        self.lr = lr

    def update(self, W, dW):
        {body}
"""
_INITIALIZER = """
import numpy as np


class GaussianInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n, m):
        return self.sigma * np.random.randn(n, m)

    def B(self, m):
        return self.sigma * np.random.randn(m)
"""
_OTHER_INITIALIZER = """

class {name}:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, n, m):
        {body}

    def B(self, m):
        {body}
"""
_SOFTMAX = """
import numpy as np


class SoftmaxLoss:
    def forward(self, A):
        e = np.exp(A - A.max(1, keepdims=True))
        self.Z = e / e.sum(1, keepdims=True)
        return self.Z

    def backward(self, Y):
        return (self.Z - Y) / len(Y)
"""
_OTHER_SOFTMAX = """

class {name}:
    def forward(self, A):
        {body}

    def backward(self, Y):
        {body}
"""
_KINDS = {
    "fc": (_LAYER, _OTHER_LAYER, ("FC", "FullyConnected", "Dense")),
    "sgd": (_OPTIMIZER, _OTHER_OPTIMIZER, ("SGD", "GradientDescent", "PlainSGD")),
    "simple_initializer": (
        _INITIALIZER,
        _OTHER_INITIALIZER,
        ("SimpleInitializer", "NormalInitializer", "SimpleInit"),
    ),
    "softmax": (_SOFTMAX, _OTHER_SOFTMAX, ("Softmax", "SoftmaxCrossEntropy", "SoftmaxWithLoss")),
}


@pytest.mark.parametrize("body", _BODIES)
@pytest.mark.parametrize("item", _KINDS)
def test_the_right_one_is_called_after_three_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, item: str, body: str
) -> None:
    monkeypatch.setattr(searching, "SEARCH_SECONDS", 0.5)
    right, other, names = _KINDS[item]
    path = tmp_path / "work.py"
    others = (other.format(name=name, body=_BODIES[body]) for name in names)
    path.write_text(right + "".join(others), encoding="utf-8")
    budget = Budget(call=0.25, program=1.0, calls=8.0)
    options = Options(items=frozenset([item]), budget=budget)
    events = grade(read_submission(path), built_in_sprints()["dnn"], options)
    found = {e.result.spec.id: e.result for e in events if isinstance(e, ItemFinished)}
    result = found[item]
    assert result.status == "passed", told(result)
