"""Layer and batch normalisation in the ways that people write them, and how they are called."""

from pathlib import Path

import numpy as np
import pytest

import reference
from graders.judging.results import ItemResult
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.idiom_examples import shows
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "normalisation"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)


def judged(folder: Path, source: str, items: tuple[str, ...]) -> dict[str, ItemResult]:
    """The results of CS231n's items for a module with this source."""
    (sprint,) = load_course("cs231n", built_in_sprints()).values()
    return results_of(folder, source, sprint, items)


@pytest.mark.parametrize("name", MODULES)
def test_a_right_layer_passes(tmp_path: Path, name: str) -> None:
    results = judged(tmp_path, MODULES[name].right, MODULES[name].items)
    for result in results.values():
        assert result.status == "passed", told(result)
    shows(name, results.values())


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(tmp_path: Path, name: str, item: str, facets: str) -> None:
    result = judged(tmp_path, MODULES[name].wrong[item, facets], (item,))[item]
    fails_where_it_is_wrong(result, facets)


CONSTANTS = """
import numpy as np

class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta
    def forward(self, x):
        self.std = np.sqrt(x.var(axis=0) + 1e-5)
        self.norm = (x - x.mean(axis=0)) / self.std
        return self.gamma * self.norm + self.beta
    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.norm).sum(axis=0), dout.sum(axis=0)
        return dout * self.gamma / self.std
"""


def test_statistics_taken_for_constants_are_named(tmp_path: Path) -> None:
    result = judged(tmp_path, CONSTANTS, ("batch_norm",))["batch_norm"]
    assert result.wrong_facets == {"dX"}, told(result)
    named = [n.id for d in result.diagnoses for n in d.names]
    assert named == ["batch-norm-statistics-constant"]


@pytest.mark.parametrize("layer", [reference.LayerNorm, reference.BatchNorm])
def test_the_reference_gives_the_gradients_of_its_output(layer: type[reference.LayerNorm]) -> None:
    rng = np.random.default_rng(5)
    x, gamma, beta = rng.normal(size=(5, 4)), rng.normal(size=4), rng.normal(size=4)
    dy = rng.normal(size=(5, 4))
    one = layer(gamma, beta)
    one.forward(x)
    found = {"x": one.backward(dy), **one.grads}
    given = {"x": x, "gamma": gamma, "beta": beta}
    for name, array in given.items():
        by_differences = np.zeros(array.size)
        for i in range(array.size):
            step = np.zeros(array.size)
            step[i] = 1e-6
            ends = []
            for sign in (1, -1):
                moved = {**given, name: array + sign * step.reshape(array.shape)}
                y = layer(moved["gamma"], moved["beta"]).forward(moved["x"])
                ends.append(np.sum(y * dy))
            by_differences[i] = (ends[0] - ends[1]) / 2e-6
        assert np.allclose(found[name].ravel(), by_differences, atol=1e-6)
