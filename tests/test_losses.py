"""Losses in the ways that people write them: what is right passes, each slip fails where it is made, by its name."""

from pathlib import Path

import numpy as np
import pytest

import reference
from graders.judging.results import ItemResult
from graders.specs import load_course
from reference.losses import REDUCTIONS, Loss
from tests.built_in import built_in_sprints
from tests.idiom_examples import shows
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "losses"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)
ITEMS = ("mean_squared_error", "cross_entropy", "binary_cross_entropy", "hinge_loss")
HEAD = "course: own\ntitle: {en: Own, ja: 自作}\nsource: ours\ndetect: {x: 1}\nitems:\n"
LOSSES = (
    reference.MeanSquaredError,
    reference.HalfSquaredError,
    reference.CrossEntropy,
    reference.CrossEntropyOfScores,
    reference.BinaryCrossEntropy,
    reference.BinaryCrossEntropyOfScores,
    reference.Hinge,
)


def judged(
    folder: Path, source: str, items: tuple[str, ...], said: str = ""
) -> dict[str, ItemResult]:
    """The results of the catalogue's losses for a module with this source; `said`: what a course says of them."""
    course = folder / "specs" / "courses" / "own" / "course.yaml"
    course.parent.mkdir(parents=True, exist_ok=True)
    entries = "".join(f"  - {{item: {name}{said}}}\n" for name in ITEMS)
    course.write_text(HEAD + entries, encoding="utf-8")
    (sprint,) = load_course("own", built_in_sprints(), folder / "specs").values()
    return results_of(folder, source, sprint, items)


def test_every_loss_is_there_in_at_least_three_styles() -> None:
    for item in ITEMS[:3]:
        assert sum(item in module.items for module in MODULES.values()) >= 3


@pytest.mark.parametrize("name", MODULES)
def test_a_right_loss_passes(tmp_path: Path, name: str) -> None:
    results = judged(tmp_path, MODULES[name].right, MODULES[name].items)
    for result in results.values():
        assert result.status == "passed", told(result)
    shows(name, results.values())


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(tmp_path: Path, name: str, item: str, facets: str) -> None:
    result = judged(tmp_path, MODULES[name].wrong[item, facets], (item,))[item]
    fails_where_it_is_wrong(result, facets)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_reference_is_the_derivative_of_its_loss(loss: type[Loss], reduction: str) -> None:
    rng = np.random.default_rng(3)
    x, t = rng.uniform(0.2, 0.8, (4, 3)), np.eye(3)[rng.integers(0, 3, 4)]
    one = loss(reduction)
    one.forward(x, t)
    step = 1e-6 * np.eye(x.size).reshape(-1, *x.shape)
    by_differences = [
        (loss(reduction).forward(x + d, t).sum() - loss(reduction).forward(x - d, t).sum()) / 2e-6
        for d in step
    ]
    assert np.allclose(one.backward().ravel(), by_differences, atol=1e-7)


MEAN_WITHOUT_SCALE = """
import numpy as np

class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        return np.sum((A - Y) ** 2) / A.size
    def backward(self):
        return 2 * (self.A - self.Y)

class CrossEntropyLoss:
    def forward(self, A, Y):
        self.Y = Y
        self.softmax = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
        return -np.sum(Y * np.log(self.softmax)) / len(A)
    def backward(self):
        return self.softmax - self.Y
"""


def test_a_derivative_of_the_sum_beside_a_mean_is_named_in_every_form(tmp_path: Path) -> None:
    results = judged(tmp_path, MEAN_WITHOUT_SCALE, ITEMS[:2])
    for item, name in zip(
        ITEMS, ("squared-error-slope-not-scaled", "cross-entropy-slope-not-scaled"), strict=False
    ):
        result = results[item]
        assert result.wrong_facets == {"dX"}, told(result)
        assert [n.id for d in result.diagnoses for n in d.names] == [name]


def test_a_course_may_take_it(tmp_path: Path) -> None:
    for result in judged(tmp_path, MEAN_WITHOUT_SCALE, ITEMS[:2], ", unscaled: true").values():
        assert result.status == "passed", told(result)


NAMES_TELL_NOTHING = """
import numpy as np

def mse(u, v):
    return np.mean((u - v) ** 2)

def mse_grad(u, v):
    return {sign}2 * (u - v) / u.size
"""


def test_where_no_name_tells_which_is_the_prediction_it_is_the_first(tmp_path: Path) -> None:
    for sign, wrong in (("", set()), ("-", {"dX"})):
        source = NAMES_TELL_NOTHING.format(sign=sign)
        result = judged(tmp_path, source, ITEMS[:1])["mean_squared_error"]
        assert result.wrong_facets == wrong, told(result)


NOT_A_LOSS_OF_TWO = """
import numpy as np

def mse_loss(X, y, w):
    return np.mean((X @ w - y) ** 2)

class MSE:
    def forward(self, network):
        return network.cost
"""


def test_what_can_not_be_called_with_two_arrays_is_not_called_wrong(tmp_path: Path) -> None:
    result = judged(tmp_path, NOT_A_LOSS_OF_TWO, ITEMS[:1])["mean_squared_error"]
    assert result.status == "missing", told(result)


ONE_OUTPUT_ALONE = """
import numpy as np

def mse(y_pred, y_true):
    loss = np.mean(np.sum((y_pred - y_true) ** 2, axis=0))
    return loss, 2 * (y_pred - y_true)
"""


def test_a_loss_that_takes_several_outputs_is_judged_with_several(tmp_path: Path) -> None:
    result = judged(tmp_path, ONE_OUTPUT_ALONE, ITEMS[:1])["mean_squared_error"]
    assert "forward" in result.wrong_facets, told(result)


DIVIDED_TWICE = """
import numpy as np

def binary_cross_entropy(y_true, y_pred):
    return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))

def binary_cross_entropy_grad(y_true, y_pred):
    return ((1 - y_true) / (1 - y_pred) - y_true / y_pred) / y_pred.size / len(y_pred)
"""


def test_a_second_division_by_the_samples_is_not_hidden_by_a_row(tmp_path: Path) -> None:
    """Of a row of samples, (1, N), the length is 1."""
    result = judged(tmp_path, DIVIDED_TWICE, ITEMS[2:3])["binary_cross_entropy"]
    assert result.wrong_facets == {"dX"}, told(result)
    assert [n.id for d in result.diagnoses for n in d.names] == [
        "binary-entropy-slope-divided-twice"
    ]
