"""Batch normalisation in a test: what is kept of trainings, in the ways that people write it."""

from pathlib import Path

import numpy as np
import pytest

import reference
from graders.judging.results import ItemResult
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "running"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)


def judged(folder: Path, source: str, items: tuple[str, ...]) -> dict[str, ItemResult]:
    """The results of CS231n's items for a module with this source."""
    (sprint,) = load_course("cs231n", built_in_sprints()).values()
    return results_of(folder, source, sprint, items)


@pytest.mark.parametrize("name", MODULES)
def test_a_right_layer_passes(tmp_path: Path, name: str) -> None:
    for result in judged(tmp_path, MODULES[name].right, MODULES[name].items).values():
        assert result.status == "passed", told(result)


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(tmp_path: Path, name: str, item: str, facets: str) -> None:
    result = judged(tmp_path, MODULES[name].wrong[item, facets], (item,))[item]
    fails_where_it_is_wrong(result, facets)
    if facets == "test":
        assert [n.id for d in result.diagnoses for n in d.names], told(result)


NAMED = {
    "tested-by-batch": "mean, var = x.mean(0), x.var(0)",
    "statistics-never-kept": "mean, var = 0, 1",
    "test-no-root": "var = var**2",
    "last-batch-alone": "mean, var = self.last",
    "test-changes-statistics": "self.keep(x.mean(0), x.var(0))",
}
KEPT = """
import numpy as np

class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta
        self.mean, self.var = np.zeros(len(gamma)), np.ones(len(gamma))
    def keep(self, mean, var):
        self.mean = 0.8 * self.mean + 0.2 * mean
        self.var = 0.8 * self.var + 0.2 * var
        self.last = mean, var
    def forward(self, x, is_test=False):
        mean, var = (self.mean, self.var) if is_test else (x.mean(0), x.var(0))
        if is_test:
            {slip}
        else:
            self.keep(mean, var)
        return self.gamma * (x - mean) / np.sqrt(var + 1e-5) + self.beta
"""


@pytest.mark.parametrize("name", NAMED)
def test_slips_in_a_test_are_named(tmp_path: Path, name: str) -> None:
    source = KEPT.format(slip=NAMED[name])
    result = judged(tmp_path, source, ("batch_norm_running",))["batch_norm_running"]
    assert result.wrong_facets == {"test"}, told(result)
    assert [n.id for d in result.diagnoses for n in d.names] == [f"batch-norm-{name}"]


def test_what_counts_is_told_where_it_is_not_the_usual(tmp_path: Path) -> None:
    source = MODULES["train_and_eval"].right
    result = judged(tmp_path, source, ("batch_norm_running",))["batch_norm_running"]
    assert result.binding is not None
    notes = [note.in_language("en") for note in result.binding.notes]
    assert any("divided by one less" in note and "starts at 1" in note for note in notes), notes


def test_a_layer_that_knows_no_test_is_not_called_wrong(tmp_path: Path) -> None:
    source = KEPT.format(slip="pass").replace("is_test=False", "*, k=0").replace("is_test", "k")
    result = judged(tmp_path, source, ("batch_norm_running",))["batch_norm_running"]
    assert [c.status for c in result.checks if c.facet == "test"] == ["skipped"], told(result)


@pytest.mark.parametrize("unbiased", [False, True])
@pytest.mark.parametrize("images", [False, True])
def test_the_reference_is_what_loops_keep(images: bool, unbiased: bool) -> None:
    rng = np.random.default_rng(3)
    shape = (5, 3, 2, 4) if images else (5, 3)
    gamma, beta = rng.normal(size=(2, 3))
    layer = reference.SpatialBatchNorm if images else reference.RunningBatchNorm
    one = layer(gamma, beta, momentum=0.7, start=1.0, unbiased=unbiased)
    mean, variance = [0.0] * 3, [1.0] * 3
    for _ in range(3):
        x = rng.normal(1, 3, shape)
        one.forward(x)
        for c in range(3):
            values = [float(v) for v in x[:, c].ravel()]
            middle = sum(values) / len(values)
            squares = sum((v - middle) ** 2 for v in values) / (len(values) - unbiased)
            mean[c] = 0.7 * mean[c] + 0.3 * middle
            variance[c] = 0.7 * variance[c] + 0.3 * squares
    x = rng.normal(size=shape)
    expected = np.empty(shape)
    for place in np.ndindex(shape):
        c = place[1]
        normal = (x[place] - mean[c]) / (variance[c] + 1e-5) ** 0.5
        expected[place] = gamma[c] * normal + beta[c]
    assert np.allclose(one.forward(x, training=False), expected, rtol=1e-12, atol=1e-12)


def test_images_are_rows_of_their_channels_and_back() -> None:
    rng = np.random.default_rng(4)
    x, dy = rng.normal(size=(2, 4, 3, 2, 5))
    gamma, beta = rng.normal(size=(2, 3))
    images, rows = reference.SpatialBatchNorm(gamma, beta), reference.BatchNorm(gamma, beta)

    def flat(array: np.ndarray) -> np.ndarray:
        return array.transpose(0, 2, 3, 1).reshape(-1, 3)

    assert np.allclose(flat(images.forward(x)), rows.forward(flat(x)), rtol=1e-12)
    assert np.allclose(flat(images.backward(dy)), rows.backward(flat(dy)), atol=1e-12)
    assert all(np.allclose(images.grads[k], rows.grads[k], rtol=1e-12) for k in rows.grads)
