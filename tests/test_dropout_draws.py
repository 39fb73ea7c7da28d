"""What dropout's bounds do to right layers, whatever seeds their generators, without any process of a student's."""

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

import graders.kinds.dropout.checks as bounds
import reference
from graders.binding.modes import NOTHING
from graders.binding.standing import Standing
from graders.cases import LayerCase
from graders.checks.model import PASSED
from graders.kinds.dropout.checks import DropoutChecks, chance, depends
from graders.kinds.dropout.search import DropoutPlan, DropoutRun, DropoutSearch, Meaning
from graders.sandbox.session import Found, Outcome
from graders.specs import ItemSpec, load_course
from tests.built_in import built_in_sprints

(SPRINT,) = load_course("saito", built_in_sprints()).values()
SPEC = SPRINT.item("dropout")
PLAN = cast(DropoutPlan, SimpleNamespace(own=None, means=Meaning.DROPPED, name="p", mode=NOTHING))
Make = Callable[[float], reference.Dropout]


class Simulated(DropoutSearch):
    """A search that has layers of this process called."""

    def __init__(self, spec: ItemSpec, make: Make) -> None:
        self._spec, self._make = spec, make

    def run(
        self,
        plan: DropoutPlan,
        probability: float,
        cases: Sequence[LayerCase],
        rng: np.random.Generator,
        before: Sequence[LayerCase] = (),
    ) -> list[DropoutRun]:
        """A training of each case, and another one."""
        layer, nothing = self._make(probability), Standing()
        for other in before:
            layer.forward(other.x)
        return [
            DropoutRun(
                probability, case.x, case.upstream, Outcome(), trained(layer, case), True,
                nothing, False, trained(layer, case), True, nothing, False,
            )
            for case in cases
        ]  # fmt: skip


def trained(layer: reference.Dropout, case: LayerCase) -> Standing:
    """What a training gives."""
    return Standing((Found(("y",), layer.forward(case.x), "array"),))


def passes(make: Make, seed: int) -> bool:
    """True if such layers keep what they should."""
    checks = DropoutChecks(SPEC, Simulated(SPEC, make), PLAN, np.random.default_rng([9, seed]))
    return next(iter(checks.run())).status == PASSED


def seeded_by_constructor(seed: int) -> Make:
    """Layers that draw the very same, each from its first call on."""
    return lambda p: reference.Dropout(p, True, np.random.default_rng(seed))


def of_one_generator(seed: int) -> Make:
    """Layers that go on where the one before stopped."""
    rng = np.random.default_rng(seed)
    return lambda p: reference.Dropout(p, True, rng)


@pytest.mark.parametrize("kind", [seeded_by_constructor, of_one_generator])
def test_a_right_layer_fails_no_more_often_than_the_bounds_say(
    monkeypatch: pytest.MonkeyPatch, kind: Callable[[int], Make]
) -> None:
    """With bounds that right layers exceed often enough to be counted; what counted the draws of two instances twice
    would fail ten times as many.
    """
    monkeypatch.setattr(bounds, "ALL_RUNS", 3.0)
    monkeypatch.setattr(bounds, "TOGETHER", math.erfc(3 / math.sqrt(2)))
    monkeypatch.setattr(bounds, "ALONE", math.erfc(3 / math.sqrt(2)))
    said, trials = 9 * math.erfc(3 / math.sqrt(2)), 120
    failed = sum(not passes(kind(seed), seed) for seed in range(trials))
    assert failed <= trials * said + 4 * math.sqrt(trials * said)


def test_sums_of_right_masks_are_normal_at_every_probability() -> None:
    rng = np.random.default_rng(5)
    for share in (0.02, 0.5, 0.9):
        for axis in (0, 1):
            far = [depends([rng.random((40, 50)) < share], axis) for _ in range(300)]
            assert abs(np.mean(far)) < 0.25
            assert 0.7 < np.std(far) < 1.15  # with few draws of one kind below 1, on the safe side


class EqualRows(reference.Dropout):
    """Leaves out as many elements of each sample."""

    def draws(self, shape: tuple[int, ...]) -> np.ndarray:
        order = super().draws(shape).argsort(axis=1).argsort(axis=1)
        return np.asarray((order + 0.5) / shape[1])


class EqualColumns(reference.Dropout):
    """Leaves out as many elements of each feature."""

    def draws(self, shape: tuple[int, ...]) -> np.ndarray:
        order = super().draws(shape).argsort(axis=0).argsort(axis=0)
        return np.asarray((order + 0.5) / shape[0])


class SomewhatOff(reference.Dropout):
    """Leaves out one element in twenty too many."""

    def draws(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.asarray(super().draws(shape) - 0.05)


@pytest.mark.parametrize("wrong", [EqualRows, EqualColumns, SomewhatOff])
@pytest.mark.parametrize("seeded", [True, False])
def test_what_draws_otherwise_fails(wrong: type[reference.Dropout], seeded: bool) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        make: Any = lambda p: wrong(p, True, np.random.default_rng(seed) if seeded else rng)  # noqa: B023, E731
        assert not passes(make, seed)


def test_chances_of_shares_add_up_to_one() -> None:
    for count, share in ((40, 0.3), (2000, 0.75)):
        low, high = round(count * share) - 9, round(count * share) + 9
        assert 0 < chance(low, count, share) < 1 and 0 < chance(high, count, share) < 1
        assert chance(0, count, share) < 1e-5
    assert chance(10, 40, 0.25) == 1.0
