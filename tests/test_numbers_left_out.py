"""What a plain descent has of other rules is told to be nothing; a class of another rule is no plain descent."""

from pathlib import Path

import pytest

from tests.test_interfaces import judged

LAYER = """
import numpy as np

class FC:
    def __init__(self, n_in, n_out):
        self.W, self.B = np.random.randn(n_in, n_out), np.random.randn(n_out)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        return dA @ self.W.T
"""
RULE = """
class {name}:
    def __init__(self, lr, {number}):
        self.lr, self.kept, self.v = lr, {kept}, {{}}
    def update(self, layer):
        for name in ("W", "B"):
            g = getattr(layer, "d" + name)
            self.v[name] = self.kept * self.v.get(name, 0) {sign} self.lr * g
            setattr(layer, name, getattr(layer, name) + self.v[name])
        return layer
"""
PLAIN = """
class SGD:
    def __init__(self, lr):
        self.lr = lr
    def update(self, layer):
        layer.W = layer.W - self.lr * layer.dW
        return layer
"""


def source(name: str, number: str, sign: str = "-") -> str:
    return LAYER + RULE.format(name=name, number=number, kept=number.partition("=")[0], sign=sign)


@pytest.mark.parametrize("number", ["momentum=0.9", "mu=0.5", "momentum=0"])
def test_a_momentum_by_default_is_told_0(tmp_path: Path, number: str) -> None:
    assert judged(tmp_path, source("SGD", number), ("sgd",))["sgd"].status == "passed"
    wrong = judged(tmp_path, source("SGD", number, "+"), ("sgd",))["sgd"]
    assert wrong.status == "failed"


def test_another_number_is_not(tmp_path: Path) -> None:
    """What the class has made of its own rule stays."""
    assert judged(tmp_path, source("SGD", "keep=0.9"), ("sgd",))["sgd"].status == "failed"


def test_the_rule_of_momentum_does_not_stand_in_for_a_wrong_descent(tmp_path: Path) -> None:
    both = source("MomentumSGD", "momentum=0.9") + PLAIN
    assert judged(tmp_path, both, ("sgd",))["sgd"].status == "failed"
