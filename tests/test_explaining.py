"""What explains a verdict is looked for when it is one: of several candidates for that which answers."""

from pathlib import Path
from typing import Any

import pytest

from graders.judging.results import verdicts_only
from graders.kinds.estimator import judge
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.twins import results_of, told

TWO = """
import numpy as np


class ScratchDecesionTreeClassifier:
    def __init__(self, max_depth=None):
        self.max_depth = max_depth

    def fit(self, X, y):
        self.labels = np.unique(y)

    def predict(self, X):
        return self.labels[(X.sum(axis=1) > 0).astype(int)]


class ScratchDecisionTreeClassifier(ScratchDecesionTreeClassifier):
    def predict(self, X):
        return self.labels[(X[:, 0] > 0).astype(int)]
"""


def explained(folder: Path, monkeypatch: pytest.MonkeyPatch, fault: bool = False) -> list[str]:
    """Which classes are explained where two that are wrong could answer."""
    names: list[str] = []

    def diagnose(spec: Any, checks: Any, results: Any) -> tuple[()]:
        names.append(checks.plan.definition.name)
        if fault:
            raise ValueError("a fault of what explains")
        return ()

    monkeypatch.setattr(judge, "diagnose_estimator", diagnose)
    (sprint,) = load_course("diveintocode_ml", built_in_sprints()).values()
    result = results_of(folder, TWO, sprint, ("decision_tree",))["decision_tree"]
    assert result.status == "failed", told(result)
    assert result.explain is None
    assert result.binding is not None
    assert names in ([], [result.binding.name])
    return names


def test_of_two_that_could_answer_one_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(explained(tmp_path, monkeypatch)) == 1


def test_a_fault_in_the_explaining_costs_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCRATCHGRADE_DEBUG", raising=False)
    assert len(explained(tmp_path, monkeypatch, fault=True)) == 1


def test_an_audit_explains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with verdicts_only():
        assert explained(tmp_path, monkeypatch) == []
