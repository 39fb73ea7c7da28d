"""What weights were drawn from is named by the values, whatever their mean and spread."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graders.kinds.initializer.explanation import diagnose_draw
from graders.kinds.initializer.statistics import Family, Sample, family, gaussian
from graders.messages import M
from tests.built_in import built_in_sprints
from tests.one_item import judged, said

Write = Callable[..., Path]
Draw = Callable[[np.random.Generator, int], np.ndarray]


def _cut(rng: np.random.Generator, n: int) -> np.ndarray:
    values = rng.standard_normal(3 * n)
    return values[np.abs(values) < 2][:n]


DRAWS: dict[str, tuple[Draw, Family | None]] = {
    "normal": (lambda rng, n: rng.standard_normal(n), Family.GAUSSIAN),
    "single": (lambda rng, n: rng.standard_normal(n).astype(np.float32), Family.GAUSSIAN),
    "rand": (lambda rng, n: rng.random(n), Family.UNIFORM),
    "uniform": (lambda rng, n: rng.uniform(-2, 2, n), Family.UNIFORM),
    "cut off": (_cut, Family.TRUNCATED),
    "absolute": (lambda rng, n: np.abs(rng.standard_normal(n)), Family.ABSOLUTE),
    "laplace": (lambda rng, n: rng.laplace(size=n), Family.LAPLACE),
    "two uniform ones": (lambda rng, n: rng.random(n) + rng.random(n), Family.TRIANGULAR),
    "student": (lambda rng, n: rng.standard_t(4, n), None),
    "gamma": (lambda rng, n: rng.gamma(3, size=n), None),
    "constant": (lambda rng, n: np.ones(n), None),
    "mixed": (
        lambda rng, n: np.where(rng.random(n) < 0.5, rng.random(n), rng.standard_normal(n)),
        None,
    ),
}


@pytest.mark.parametrize("n", [24_000, 120_000])
@pytest.mark.parametrize("kind", DRAWS)
def test_a_family_is_told_by_its_values(kind: str, n: int) -> None:
    draw, expected = DRAWS[kind]
    for seed in range(5):
        values = 0.05 * draw(np.random.default_rng(seed), n) + 0.01
        assert family(values) is expected


@pytest.mark.parametrize("item", ["simple_initializer", "xavier_initializer", "he_initializer"])
@pytest.mark.parametrize("spread", [1.0, 1.07, 0.6, 40.0])
@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("uniform", "The values are uniform instead of Gaussian"),
        ("cut off", "The Gaussian is cut off on both sides"),
        ("absolute", "The weights have lost their signs"),
        ("laplace", "The values are not drawn from a Gaussian"),
    ],
)
def test_every_initialiser_is_told_so_at_any_spread(
    item: str, spread: float, kind: str, title: str
) -> None:
    spec = built_in_sprints()["dnn"].item(item)
    rng = np.random.default_rng(3)
    values = DRAWS[kind][0](rng, 120_000).reshape(400, 300)
    right = 0.3 if spec.gain is None else (spec.gain / 400) ** 0.5
    values = values / values.std() * right * spread
    found = diagnose_draw(spec, values, 400, 0.3, rng)
    assert [n.lesson.title.id for d in found for n in d.names] == [title]


@pytest.mark.parametrize("item", ["simple_initializer", "xavier_initializer", "he_initializer"])
def test_a_gaussian_of_a_spread_without_a_name_has_none(item: str) -> None:
    spec = built_in_sprints()["dnn"].item(item)
    rng = np.random.default_rng(3)
    values = 0.123 * rng.standard_normal((400, 300))
    assert diagnose_draw(spec, values, 400, 0.3, rng) == ()


def test_a_wrong_spread_says_what_was_drawn_as_well() -> None:
    values = np.random.default_rng(1).uniform(-0.1, 0.1, 24_000)
    told = str(gaussian(Sample(values, 0.05), M("W")))
    assert "standard deviation 0.05" in told
    assert "uniform from -0.1 to 0.1" in told
    told = str(gaussian(Sample(np.random.default_rng(1).standard_normal(24_000), 0.05), M("W")))
    assert "uniform" not in told


@pytest.mark.parametrize(
    ("draw", "right"),
    [
        ("np.random.randn(n1, n2) / np.sqrt(n1)", True),
        ("np.random.normal(0, 1 / np.sqrt(n1), (n1, n2))", True),
        ("np.random.uniform(-np.sqrt(6 / (n1 + n2)), np.sqrt(6 / (n1 + n2)), (n1, n2))", False),
        ("np.random.uniform(-np.sqrt(3 / n1), np.sqrt(3 / n1), (n1, n2))", False),
    ],
)
def test_a_uniform_xavier_is_named(write_notebook: Write, draw: str, right: bool) -> None:
    source = f"""
    class XavierInitializer:
        def W(self, n1, n2):
            return {draw}
        def B(self, n2):
            return np.zeros(n2)
    """
    result = judged(write_notebook, "dnn", "xavier_initializer", source)
    assert (result.status == "passed") is right, said(result)
    assert ("uniform" in said(result)) is not right
    titles = {n.lesson.title.id for d in result.diagnoses for n in d.names}
    assert titles == (set() if right else {"The values are uniform instead of Gaussian"})
