"""A course's policy: what it lays down reaches the verdict and the report, and a broken one is refused."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graders.cli import main
from graders.errors import SpecError
from graders.policy import read_policy
from graders.specs.document import BUILTIN
from tests import warm
from tests.built_in import built_in_sprints
from tests.refusals import nothing_executed, told_well

LAYERS = """
import numpy as np


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return np.dot(X, self.W) + self.B

    def backward(self, dA):
        self.dB, self.dW = dA.sum(axis=0), np.dot(self.X.T, dA)
        dZ = np.dot(dA, self.W.T)
        self.optimizer.update(self)
        return dZ


class AdaGrad:
    def __init__(self, lr):
        self.lr, self.HW, self.HB = lr, 1, 1

    def update(self, layer):
        self.HW = self.HW + layer.dW ** 2
        self.HB = self.HB + layer.dB ** 2
        layer.W -= self.lr * layer.dW / np.sqrt(self.HW)
        layer.B -= self.lr * layer.dB / np.sqrt(self.HB)
"""
FROM_ONE = "items:\n  adagrad:\n    accept: [adagrad-from-one]\n"
Grade = Callable[..., dict[str, Any]]


@pytest.fixture
def graded(tmp_path: Path) -> Grade:
    """The report on one item of a module, graded by the command under a policy."""

    def run(source: str, item: str, policy: str, *options: str) -> dict[str, Any]:
        work, file, report = tmp_path / "work.py", tmp_path / "policy.yaml", tmp_path / "r.json"
        work.write_text(source)
        given = []
        if policy:
            file.write_text(policy)
            given = ["--policy", str(file)]
        sprint = next(
            n for n, s in built_in_sprints().items() if any(i.id == item for i in s.items)
        )
        status = main(
            ["grade", str(work), "--sprint", sprint, "--item", item, "--report", str(report),
             *given, *options]
        )  # fmt: skip
        data: dict[str, Any] = json.loads(report.read_text())
        jsonschema.validate(data, json.loads((BUILTIN / "report.schema.json").read_text()))
        (found,) = (i for i in data["items"] if i["id"] == item)
        return {**found, "exit": status, "report": data}

    return run


# -- what is laid down ---------------------------------------------------------------------------


def test_a_deviation_that_the_course_accepts_costs_nothing(graded: Grade) -> None:
    without = graded(LAYERS, "adagrad", "")
    assert without["status"] in ("failed", "partial")
    assert without["report"]["policy"] is None
    item = graded(LAYERS, "adagrad", FROM_ONE)
    assert item["status"] == "passed"
    assert item["score"] == item["max_score"]
    assert item["message"].startswith("Accepted in this course: ")
    assert item["misconceptions"] == []


def test_only_that_deviation_is_accepted(graded: Grade) -> None:
    other = LAYERS.replace("self.HW, self.HB = lr, 1, 1", "self.HW, self.HB = lr, 0, 0")
    other = other.replace("/ np.sqrt(self.HW)", "/ self.HW")
    assert graded(other, "adagrad", FROM_ONE)["status"] != "passed"
    both = LAYERS.replace("/ np.sqrt(self.HW)", "/ self.HW")
    assert graded(both, "adagrad", FROM_ONE)["status"] != "passed"


def test_true_division_in_the_output_size_can_be_accepted(graded: Grade) -> None:
    source = "def output_size(n_in, P, F, S):\n    return (n_in + 2 * P - F) / S + 1\n"
    assert graded(source, "conv1d_out_size", "")["status"] == "failed"
    policy = "items:\n  conv1d_out_size:\n    accept: [size-1d-no-floor]\n"
    assert graded(source, "conv1d_out_size", policy)["status"] == "passed"


def test_points_and_what_is_required(graded: Grade) -> None:
    wrong = LAYERS.replace("dA.sum(axis=0), np.dot", "dA.sum(axis=1), np.dot")
    policy = (
        "name: Evening course\nitems:\n  fc:\n    required: false\n    points: {dB: 7.5, dX: 0}\n"
    )
    item = graded(wrong, "fc", policy)
    assert item["required"] is False
    assert item["exit"] == 0  # what is optional never turns it red
    before = graded(wrong, "fc", "")
    assert before["exit"] == 1
    spec = next(i for i in built_in_sprints()["dnn"].items if i.id == "fc")
    gained = 7.5 - spec.facets["dB"] - spec.facets["dX"]
    assert item["max_score"] == before["max_score"] + gained
    assert item["report"]["policy"] == {
        "name": "Evening course", "file": "policy.yaml",
        "sha256": hashlib.sha256(policy.encode()).hexdigest(),
    }  # fmt: skip


def test_a_tolerance(graded: Grade) -> None:
    rough = LAYERS.replace(
        "return np.dot(X, self.W) + self.B", "return np.dot(X, self.W) * 1.0005 + self.B"
    )
    assert graded(rough, "fc", "")["status"] != "passed"
    item = graded(rough, "fc", "items:\n  fc:\n    tolerance: 0.002\n")
    assert {c["facet"]: c["status"] for c in item["checks"]}["forward"] == "passed"


def test_a_package_that_answers_may_not_use(graded: Grade) -> None:
    source = "from scipy import special as sp\nimport numpy as np\n\n\nclass Sigmoid:\n"
    source += "    def forward(self, A):\n        self.Z = sp.expit(A)\n        return self.Z\n"
    source += "    def backward(self, dZ):\n        return dZ * self.Z * (1 - self.Z)\n"
    assert graded(source, "sigmoid", "")["status"] == "passed"
    item = graded(source, "sigmoid", "forbidden_imports: [scipy.special]\n")
    assert item["status"] == "failed"
    assert item["score"] == 0
    assert "uses scipy.special" in item["message"]
    assert graded(source, "sigmoid", "forbidden_imports: [scipy.signal]\n")["status"] == "passed"


def test_feedback_and_strictness(graded: Grade) -> None:
    wrong = LAYERS.replace("np.dot(X, self.W) + self.B", "np.dot(X, self.W)")
    item = graded(wrong, "fc", "feedback: hint\n")
    assert all(c["expected"] is None for c in item["checks"])
    named = LAYERS.replace("n_nodes1", "rows").replace("n_nodes2", "columns")
    assert graded(named, "fc", "budget: 30\n")["status"] == "passed"
    assert graded(named, "fc", "strict_interface: true\n")["status"] == "missing"


# -- broken policies -----------------------------------------------------------------------------

# the text; the line, the key and a part of the reason that the error names
BROKEN: dict[str, tuple[str, int, str, str]] = {
    "a misspelt key": ("feedbak: hint\n", 1, "feedbak", "did you mean 'feedback'?"),
    "an unknown level": ("feedback: all\n", 1, "feedback", "none of full, hint, score"),
    "an unknown item": (
        "items:\n  conv1:\n    required: true\n", 2, "items.conv1", "did you mean 'conv1d'?",
    ),
    "a misspelt key of an item": (
        "items:\n  fc:\n    require: true\n", 3, "items.fc.require", "did you mean 'required'?",
    ),
    "a facet that the item has not": (
        "items:\n  relu:\n    points:\n      forward: 1\n      dW: 2\n", 5, "items.relu.points.dW",
        "relu has no facet 'dW'; it has forward, dX",
    ),
    "points below 0": ("items:\n  fc:\n    points: {dX: -1}\n", 3, "items.fc.points.dX", "-1"),
    "points that are no number": (
        "items:\n  fc:\n    points: {dX: many}\n", 3, "items.fc.points.dX", "'many' is text; expected a number",
    ),
    "points of what a person looks at": (
        "items:\n  model_survey:\n    points: {answers: 2}\n", 3, "items.model_survey.points",
        "model_survey is looked at by a person",
    ),
    "a misspelt misconception": (
        "items:\n  adagrad:\n    accept:\n      - adagrad-from-on\n", 4, "items.adagrad.accept.0",
        "unknown misconception 'adagrad-from-on'; did you mean 'adagrad-from-one'?",
    ),
    "another item's misconception": (
        "items:\n  sgd:\n    accept: [adagrad-from-one]\n", 3, "items.sgd.accept.0",
        "'adagrad-from-one' is none of sgd",
    ),
    "a misconception twice": (
        "items:\n  adagrad:\n    accept: [adagrad-from-one, adagrad-from-one]\n", 3,
        "items.adagrad.accept", "'adagrad-from-one' stands here twice",
    ),
    "a tolerance that lets everything pass": (
        "items:\n  fc:\n    tolerance: 1\n", 3, "items.fc.tolerance", "0.01",
    ),
    "a tolerance of what has none": (
        "items:\n  adagrad:\n    tolerance: 0.001\n", 3, "items.adagrad.tolerance",
        "kinds that have: layer, softmax",
    ),
    "a tolerance of 0": ("items:\n  fc:\n    tolerance: 0\n", 3, "items.fc.tolerance", "0"),
    "a budget below 0": ("budget: -5\n", 1, "budget", "-5"),
    "a budget that is text": ("budget: a minute\n", 1, "budget", "is text; expected a number"),
    "a budget that never ends": ("training_budget: .inf\n", 1, "training_budget", "at most 86400"),
    "a budget that is no number": (
        "training_budget: .nan\n", 1, "training_budget", "nan is no number to go by",
    ),
    "a package that is no name": (
        "forbidden_imports: ['os; import sys']\n", 1, "forbidden_imports.0", "a package or module",
    ),
    "one package instead of a list": (
        "forbidden_imports: scipy\n", 1, "forbidden_imports", "expected a list",
    ),
    "strictness that is a word": (
        "strict_interface: very\n", 1, "strict_interface", "expected true or false",
    ),
    "an item without anything": ("items:\n  fc: {}\n", 2, "items.fc", "is empty; expected one of required"),
    "nothing at all": ("{}\n", 1, "", "is empty; expected one of name"),
    "a list": ("- fc\n", 1, "", "is a list; expected keys and values"),
    "a key twice": ("budget: 1\nbudget: 2\n", 2, "", "'budget' stands here twice"),
    "a tag that runs code": (
        "name: !!python/object/apply:os.system ['touch ran']\n", 1, "", "tag",
    ),
    "aliases that multiply": (
        "name: x\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{n}: &{n} [*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p}]\n"
            for p, n in zip("abcdefg", "bcdefgh", strict=True)
        ), 2, "", "more than",
    ),
    "no YAML": ("items: [fc\n", 2, "", "no valid YAML"),
    "an alias to itself": ("items: &a\n  fc: *a\n", 1, "", "too deeply nested"),
    "nesting without end": ("name: " + "[" * 300_000, 1, "", "too deeply nested"),
    "a name of Python": ("name: !!python/name:os.system ''\n", 1, "", "not allowed"),
    "points that are code": (
        "items:\n  fc:\n    points: {dX: __import__('os').getpid()}\n", 3, "items.fc.points.dX",
        "is text; expected a number",
    ),
    "points for each item at once": ("items: {fc: 3}\n", 1, "items.fc", "expected keys and values"),
    "a list of items": ("items: [fc]\n", 1, "items", "expected keys and values"),
    "an empty list": ("forbidden_imports: []\n", 1, "forbidden_imports", "is empty"),
    "a control character": ("name: x\x07\n", 1, "", "not allowed"),
    "late penalties": ("late_penalty: 0.1\n", 1, "late_penalty", "unknown key"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_policy_is_refused_where_it_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    text, line, key, reason = BROKEN[case]
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    sprints = built_in_sprints()
    with nothing_executed(), pytest.raises(SpecError) as caught:
        read_policy(file, sprints)
    told = str(caught.value)
    assert told.startswith(f"{file}, line {line}")
    assert told_well(told, "", text)[1] == key
    assert reason in told
    assert not (tmp_path / "ran").exists()


def test_the_command_refuses_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, work = tmp_path / "policy.yaml", tmp_path / "work.py"
    work.write_text(LAYERS)
    file.write_text("items:\n  conv1:\n    required: true\n")
    assert main(["grade", str(work), "--sprint", "dnn", "--policy", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "line 2" in error
    assert main(["grade", str(work), "--policy", str(tmp_path / "none.yaml")]) == 2
    assert "can't be read" in capsys.readouterr().err


def test_pytest_marks_and_ends_by_the_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("items:\n  fc:\n    required: false\n")
    (tmp_path / "work.py").write_text(LAYERS.replace("dA.sum(axis=0)", "dA.sum(axis=1)"))
    command = [
        sys.executable, "-m", "pytest", "graders", "--submission", str(tmp_path / "work.py"),
        "--sprint", "dnn", "-k", "fc/", "-n", "2", "-q",
    ]  # fmt: skip
    for given, status in (([], 1), (["--policy", str(tmp_path / "policy.yaml")], 0)):
        done = warm.run([*command, *given])
        assert done.returncode == status, done.stdout
