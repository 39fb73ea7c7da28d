"""Activations that give their derivative alone, and networks that multiply by it, or do not."""

from pathlib import Path

import pytest

from tests.test_interfaces import judged

ACTIVATIONS = """
import numpy as np

class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))
    def {method}(self, x):
        s = self(x)
        return {sigmoid}

class Tanh:
    def __call__(self, x):
        return np.tanh(x)
    def {method}(self, x):
        return {tanh}

class ReLU:
    def __call__(self, x):
        return np.maximum(0, x)
    def {method}(self, x):
        return {relu}
"""
RIGHT = {"sigmoid": "s * (1 - s)", "tanh": "1 - np.tanh(x) ** 2", "relu": "x > 0"}
WRONG = {"sigmoid": "x * (1 - x)", "tanh": "(1 - np.tanh(x)) ** 2", "relu": "x < 0"}
NETWORK = """
class Network:
    def backward(self, d):
        for act, z, w in reversed(self.layers):
            d = {product}
            d = d @ w.T
"""
FUNCTIONS = """
import numpy as np

def tanh(x):
    return np.tanh(x)

def tanh_derivative(x):
    return {tanh}

def train(x, w, d):
    z = x @ w
    return {product}
"""


@pytest.mark.parametrize("method", ["gradient", "derivative", "backward"])
@pytest.mark.parametrize("product", ["d * act.{}(z)", "act.{}(z) * d", "np.multiply(d, act.{}(z))"])
def test_the_network_may_multiply(tmp_path: Path, method: str, product: str) -> None:
    source = ACTIVATIONS.format(method=method, **RIGHT)
    source += NETWORK.format(product=product.format(method))
    results = judged(tmp_path, source, tuple(RIGHT))
    assert {i: r.status for i, r in results.items()} == dict.fromkeys(RIGHT, "passed")


@pytest.mark.parametrize(
    ("product", "formulas"),
    [
        ("act.gradient(d)", RIGHT),
        ("2 * act.gradient(d)", RIGHT),
        ("np.multiply(2, act.gradient(d))", RIGHT),
        ("d * act.gradient(z)", WRONG),
        ("np.multiply(d, act.gradient(z))", WRONG),
    ],
)
def test_a_derivative_must_be_right_and_multiplied(
    tmp_path: Path, product: str, formulas: dict[str, str]
) -> None:
    source = ACTIVATIONS.format(method="gradient", **formulas) + NETWORK.format(product=product)
    results = judged(tmp_path, source, tuple(RIGHT))
    for result in results.values():
        facets = {c.facet: c.status for c in result.checks}
        assert (facets["forward"], facets["dX"]) == ("passed", "failed")


CHOICE = """
import numpy as np

class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A
    def backward(self):
        return np.where(self.A > 0, 1.0, 0.0)

class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A
    def backward(self):
        return {tanh}
    {more}

class Network:
    def __init__(self):
        self.f = [ReLU()]
    def backward(self, dA):
        return dA * self.f[0].backward()
{rest}
"""


@pytest.mark.parametrize(
    ("tanh", "more", "rest", "status"),
    [
        ("1 - self.A**2", "", "", "passed"),  # the network may as well take the other one
        ("1 - self.A", "", "", "partial"),
        ("1 - self.A**2", "def name(self): pass", "", "partial"),  # another kind of thing
        ("1 - self.A**2", "", "d = Tanh().backward()", "partial"),  # taken, and not multiplied
    ],
)
def test_an_activation_stands_in_for_one_that_is_multiplied(
    tmp_path: Path, tanh: str, more: str, rest: str, status: str
) -> None:
    source = CHOICE.format(tanh=tanh, more=more, rest=rest)
    assert judged(tmp_path, source, ("tanh",))["tanh"].status == status


@pytest.mark.parametrize(
    ("tanh", "product", "status"),
    [
        ("1 - np.tanh(x) ** 2", "d * tanh_derivative(z)", "passed"),
        ("1 - np.tanh(x) ** 2", "tanh_derivative(d)", "partial"),
        ("1 - x ** 2", "d * tanh_derivative(z)", "partial"),
    ],
)
def test_so_may_functions(tmp_path: Path, tanh: str, product: str, status: str) -> None:
    source = FUNCTIONS.format(tanh=tanh, product=product)
    assert judged(tmp_path, source, ("tanh",))["tanh"].status == status
