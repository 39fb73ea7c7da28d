"""A plan is proven by two cases of different sizes, whatever sizes happen to be drawn."""

from pathlib import Path

import numpy as np
import pytest

from graders import cases
from graders.engine import ItemFinished, Options, grade
from graders.kinds.layer.refusing import filled
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.test_interfaces import MODULES

CNN2 = built_in_sprints()["cnn2"]
SEEDS = range(12)


@pytest.mark.parametrize("name", ["pool_functions", "pooling_refuses_a_rest"])
def test_a_default_that_is_right_by_chance_is_no_proof(tmp_path: Path, name: str) -> None:
    """The window is 2 by default, and 2 may be drawn; or windows that happen to leave no rest."""
    module, path = MODULES[name], tmp_path / "work.py"
    path.write_text(module.right)
    wrong: dict[tuple[int, str], str] = {}
    for seed in SEEDS:
        options = Options(seed=seed, items=frozenset(module.items))
        events = grade(read_submission(path), CNN2, options)
        results = [e.result for e in events if isinstance(e, ItemFinished)]
        asked = [r for r in results if r.spec.id in module.items]
        assert len(asked) == len(module.items)
        wrong |= {(seed, r.spec.id): str(r.binding) for r in asked if r.status != "passed"}
    assert not wrong


@pytest.mark.parametrize("item", ["max_pool2d", "average_pool2d"])
def test_windows_are_filled_where_it_is_asked_for(item: str) -> None:
    spec = CNN2.item(item)
    rng = np.random.default_rng(3)
    rests = [cases.leaves_rest(spec, cases.draw_sizes(spec, rng)) for _ in range(50)]
    assert any(rests)
    for _ in range(10):
        fixed = filled(spec, rng)
        assert fixed
        assert not cases.leaves_rest(spec, cases.draw_sizes(spec, rng, fixed))
