"""What is counted of the searches: by which idioms plans were tried, and by which they proved an item."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from graders.binding.definitions import read_definitions
from graders.binding.idioms import Count, Idiom, Searched, counted, idioms
from graders.binding.modes import Mode, Told
from graders.binding.plans import Argument, Call, LayerPlan
from graders.errors import UsageError
from graders.grading import Request
from graders.kinds.dropout.search import DropoutPlan, Meaning
from graders.kinds.estimator.search import EstimatorPlan
from graders.kinds.loss.search import LossPlan
from graders.kinds.softmax.search import SoftmaxPlan
from graders.searches import survey
from graders.submission import read_submission
from tests.idiom_examples import EXAMPLES, proved
from tests.one_item import judged

PLANS = (LayerPlan, SoftmaxPlan, LossPlan, DropoutPlan, EstimatorPlan)
# Shown by tests of their own: here, and in `test_slow_in_loops`. A check, and no search, asks what `talks`.
ELSEWHERE = {"LayerPlan.as_of", "LayerPlan.small", "EstimatorPlan.talks"}
FOLDERS = ("interfaces", "losses", "dropout", "estimators", "normalisation")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> LayerPlan:
    file = tmp_path_factory.mktemp("plain") / "work.py"
    file.write_text("class FC:\n    def forward(self, x):\n        return x\n")
    (definition,), _ = read_definitions(read_submission(file))
    return LayerPlan(definition, (), Call("forward", (Argument("x", "input"),)), None, ("N", "I"))


def names(plan: object) -> set[str]:
    return {str(i) for i in idioms(plan)}


def test_the_plainest_plan_has_its_arguments_alone(plain: LayerPlan) -> None:
    assert names(plain) == {"LayerPlan.forward: input"}


def test_a_field_that_is_not_plain_is_an_idiom(plain: LayerPlan) -> None:
    made = replace(plain, lazy=True, construct=(Argument("n", "size", "n_in"),), fixed={"I": 3})
    assert names(made) - names(plain) == {
        "LayerPlan.lazy", "LayerPlan.fixed", "LayerPlan.construct: size",
    }  # fmt: skip


def test_a_plan_in_a_plan_and_what_an_enumeration_says_count(plain: LayerPlan) -> None:
    mode = Mode(Told.ATTRIBUTE, "train")
    dropout = DropoutPlan(replace(plain, lazy=True), mode, Meaning.KEPT, own=0.5)
    assert names(dropout) == names(plain) | {
        "LayerPlan.lazy", "DropoutPlan.own", "DropoutPlan.means: kept", "DropoutPlan.mode: attribute",
    }  # fmt: skip


def test_plans_are_counted_where_they_ran_and_where_they_proved() -> None:
    a, b = Idiom("LayerPlan", "a"), Idiom("LayerPlan", "b")
    searches = [
        Searched((frozenset({a}), frozenset({a, b})), frozenset({a, b})),
        Searched((frozenset({b}),), None),
    ]
    assert counted(searches) == {a: Count(2, 1), b: Count(2, 1)}


def test_every_field_of_every_plan_has_an_example() -> None:
    """A rule that proves nothing anywhere is one that nobody needs."""
    fields = {
        f"{plan.__name__}.{field.name}"
        for plan in PLANS
        for field in dataclasses.fields(plan)
        if field.name in plan.__annotations__
        and (field.default, field.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
    }
    assert fields == EXAMPLES.keys() | ELSEWHERE
    files = {
        file.stem for folder in FOLDERS for file in (Path(__file__).parent / folder).glob("*.py")
    }
    assert set(EXAMPLES.values()) <= files


def test_a_layer_is_called_with_the_names_as_they_stood_in_its_section(
    write_notebook: Callable[..., Path],
) -> None:
    layer = """
        def product(a, b):
            return a @ b
        class FC:
            def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
                self.optimizer = optimizer
                self.W = initializer.W(n_nodes1, n_nodes2)
                self.B = initializer.B(n_nodes2)
            def forward(self, X):
                self.X = X
                return product(X, self.W) + self.B
            def backward(self, dA):
                dZ = product(dA, self.W.T)
                self.dW, self.dB = product(self.X.T, dA), dA.sum(axis=0)
                self.optimizer.update(self)
                return dZ
    """
    result = judged(
        write_notebook, "dnn", "fc", "md:## 【問題1】", layer,
        "md:## 【問題2】", "product = np.array([2, 3]).prod()",
    )  # fmt: skip
    assert result.status == "passed"
    assert "LayerPlan.as_of" in proved([result])


CLASS = "import numpy as np\n\n\nclass ReLU:\n    def forward(self, A):\n        self.A = A\n        return np.maximum(A, 0)\n\n    def backward(self, dZ):\n        return dZ * (self.A > 0)\n"


def test_the_command_counts_over_a_folder_and_says_what_it_could_not_grade(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "work.py").write_text(CLASS)
    (folder / "b.py").write_text(CLASS.replace("(self.A > 0)", "(self.A < 0)"))
    (folder / "c.ipynb").write_text("{")
    line = [
        sys.executable,
        "-m",
        "graders.cli",
        "explain",
        str(folder),
        "--rules",
        "--sprint",
        "dnn",
    ]
    run = subprocess.run([*line, "--lang", "en"], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    first, _, *table, last = run.stdout.splitlines()
    assert first == "2 submissions; 2 items were searched for, 1 of them are right by a plan"
    counts = {line.split(maxsplit=2)[2]: line.split()[:2] for line in table}
    tried, right = map(int, counts["LayerPlan.forward: input"])
    assert tried >= 2 and right == 1
    assert last.startswith("c.ipynb was not graded: ")
    run = subprocess.run([*line, "--lang", "ja"], capture_output=True, text=True, timeout=300)
    assert run.stdout.startswith("提出物 2")


@pytest.mark.parametrize("made", ["", "empty", "work.py"])
def test_a_folder_that_is_none_is_said_in_a_line(tmp_path: Path, made: str) -> None:
    place = tmp_path / (made or "absent")
    if made == "empty":
        place.mkdir()
    elif made:
        place.write_text(CLASS)
    with pytest.raises(UsageError, match=r"--rules takes a folder|no notebook and no module"):
        survey(Request(place))
