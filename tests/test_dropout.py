"""Dropout in the ways that people write it: what is right passes, each slip fails where it is made, by its name."""

from pathlib import Path

import numpy as np
import pytest

import reference.dropout_slips
from graders.judging.results import ItemResult
from graders.kinds.dropout.checks import ALL_RUNS, depends, follows, mask_of
from graders.specs import load_course
from tests.built_in import built_in_sprints
from tests.idiom_examples import shows
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "dropout"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)


def judged(folder: Path, source: str) -> ItemResult:
    """The result of the dropout of Saito's course for a module with this source."""
    (sprint,) = load_course("saito", built_in_sprints()).values()
    return results_of(folder, source, sprint, ("dropout",))["dropout"]


@pytest.mark.parametrize("name", MODULES)
def test_a_right_dropout_passes(tmp_path: Path, name: str) -> None:
    result = judged(tmp_path, MODULES[name].right)
    assert result.status == "passed", told(result)
    shows(name, [result])


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_a_slip_fails_where_it_is_made(tmp_path: Path, name: str, item: str, facets: str) -> None:
    fails_where_it_is_wrong(judged(tmp_path, MODULES[name].wrong[item, facets]), facets)


def test_right_draws_are_far_inside_the_bounds_and_slips_far_outside() -> None:
    rng = np.random.default_rng(7)
    for slip, wrong in (
        (reference.Dropout, ()),
        (reference.dropout_slips.OneForAll, (0,)),
        (reference.dropout_slips.WholeSamples, (1,)),
    ):
        for _ in range(40):
            inputs = [rng.standard_normal((40, 50)) for _ in range(6)]
            layers = [slip(drop, True, rng) for drop in (0.3, 0.65) * 3]
            masks = [mask_of(x, layer.forward(x)) for x, layer in zip(inputs, layers, strict=True)]
            kept = [m.kept for m in masks if m is not None]
            assert len(kept) == 6
            assert follows(kept, inputs) < ALL_RUNS
            for axis in (0, 1):
                far = depends(kept, axis)
                assert far > 5 * ALL_RUNS if axis in wrong else far < ALL_RUNS


OF_THE_INPUT = """
import numpy as np

class Dropout:
    def __init__(self, ratio):
        self.ratio = ratio
    def forward(self, x, train_flg=True):
        if not train_flg:
            return x * (1 - self.ratio)
        self.mask = x > np.quantile(x, self.ratio)
        return x * self.mask
    def backward(self, dout):
        return dout * self.mask
"""


def test_what_is_left_out_is_drawn(tmp_path: Path) -> None:
    result = judged(tmp_path, OF_THE_INPUT)
    assert {"forward", "repeat"} == result.wrong_facets, told(result)


NOTHING_DROPPED = """
class Dropout:
    def __init__(self, ratio):
        pass
    def forward(self, x, train_flg=True):
        return x {what}
    def backward(self, dout):
        return dout {what}
"""


@pytest.mark.parametrize("what", ["", "* 0"])
def test_what_leaves_out_nothing_or_everything_earns_nothing(tmp_path: Path, what: str) -> None:
    result = judged(tmp_path, NOTHING_DROPPED.format(what=what))
    assert result.score == 0, told(result)


ONE_SLIP = """
import numpy as np

class Dropout:
    def __init__(self, ratio):
        self.ratio = ratio
    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.{draws} > self.ratio
            return x * self.mask
        return x
    def backward(self, dout):
        return dout * {back}
"""


@pytest.mark.parametrize(
    ("draws", "back", "names"),
    [
        ("rand(*x.shape)", "self.mask", {"dropout-never-scaled"}),
        ("rand(x.shape[1])", "self.mask", {"dropout-one-mask-for-all", "dropout-never-scaled"}),
        ("rand(*x.shape)", "(np.random.rand(*dout.shape) > self.ratio)", {"dropout-back-redrawn", "dropout-never-scaled"}),
    ],
)  # fmt: skip
def test_slips_are_named(tmp_path: Path, draws: str, back: str, names: set[str]) -> None:
    result = judged(tmp_path, ONE_SLIP.format(draws=draws, back=back))
    assert {n.id for d in result.diagnoses for n in d.names} == names, told(result)


def test_the_reference_keeps_the_mean_and_its_gradient() -> None:
    rng = np.random.default_rng(3)
    x, dy = np.ones((300, 300)), rng.standard_normal((300, 300))
    for inverted, scale in ((True, 1.0), (False, 0.7)):
        layer = reference.Dropout(0.3, inverted, rng)
        tested = layer.forward(x, training=False)
        assert np.array_equal(tested, x * scale)
        trained = layer.forward(x)
        assert abs(trained.mean() - scale) < 0.01
        assert np.array_equal(layer.backward(dy), trained * dy)
