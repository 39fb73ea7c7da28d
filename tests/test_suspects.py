"""Which array a wrong gradient is laid beside: what the optimiser was handed counts, too."""

from __future__ import annotations

from pathlib import Path

from tests.test_interfaces import judged

FC = """
import numpy as np


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.optimizer.update(self, {arguments})
        return dA @ self.W.T
"""


def told(folder: Path, arguments: str) -> dict[str, str]:
    result = judged(folder, FC.format(arguments=arguments), ("fc",))["fc"]
    return {c.facet: str(c.message) for c in result.checks if c.status == "failed"}


def test_a_weight_gradient_that_only_the_optimiser_sees_is_shown(tmp_path: Path) -> None:
    wrong = told(
        tmp_path, "(self.X.T @ dA).sum(axis=1, keepdims=True) + np.zeros((1, 2)), dA.sum(axis=0)"
    )
    assert wrong.keys() == {"dW"}
    assert "has shape" in wrong["dW"]


def test_a_bias_gradient_that_only_the_optimiser_sees_is_shown(tmp_path: Path) -> None:
    wrong = told(tmp_path, "self.X.T @ dA, dA.sum(axis=1)")
    assert wrong.keys() == {"dB"}
    assert "has shape" in wrong["dB"]


def test_what_is_computed_nowhere_is_said_to_be_missing(tmp_path: Path) -> None:
    wrong = told(tmp_path, "dA, self.W")  # the upstream gradient and the weight are no gradients
    assert wrong.keys() == {"dW", "dB"}
    assert all("was not found" in message for message in wrong.values())
