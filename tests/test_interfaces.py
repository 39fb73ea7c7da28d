"""Right modules in the interfaces that students choose, and wrong twins of them.

Each file of `interfaces/` is one convention (how they are marked: `twins`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.judging.results import ItemResult
from tests.built_in import built_in_sprints
from tests.idiom_examples import shows
from tests.net import Net
from tests.twins import fails_where_it_is_wrong, modules_in, results_of, told, twins_of

FOLDER = Path(__file__).parent / "interfaces"
MODULES = modules_in(FOLDER)
TWINS = twins_of(MODULES)


def judged(folder: Path, source: str, items: tuple[str, ...]) -> dict[str, ItemResult]:
    """The results of the items for a module with this source."""
    sprint = next(s for s in built_in_sprints().values() if items[0] in [i.id for i in s.items])
    return results_of(folder, source, sprint, items)


@pytest.mark.parametrize("name", MODULES)
def test_a_right_module_passes(tmp_path: Path, name: str, net: Net) -> None:
    module = MODULES[name]
    results = judged(tmp_path, module.right, module.items)
    for result in results.values():
        assert result.status == "passed", told(result)
    net.holds(f"{name}, right", results)
    shows(name, results.values())


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_its_wrong_twin_fails_where_it_is_wrong(
    tmp_path: Path, name: str, item: str, facets: str, net: Net
) -> None:
    results = judged(tmp_path, MODULES[name].wrong[item, facets], (item,))
    fails_where_it_is_wrong(results[item], facets)
    net.holds(f"{name}, wrong in {facets} of {item}", results)


def test_every_module_has_a_wrong_twin_and_there_are_many() -> None:
    assert len(MODULES) >= 40
    assert all(module.wrong for module in MODULES.values())
    items = {i for module in MODULES.values() for i in module.items}
    sprints = built_in_sprints().values()
    kinds = {"layer", "function", "initializer", "optimizer", "softmax", "iterator"}
    assert items == {i.id for s in sprints for i in s.items if i.kind in kinds}


def test_a_batch_size_that_is_kept_is_told_by_its_name(tmp_path: Path) -> None:
    module = MODULES["fc_array_from_the_first_call"]
    result = judged(tmp_path, module.wrong["fc", "forward"], ("fc",))["fc"]
    (check,) = (c for c in result.checks if c.id == "forward")
    assert "number of samples changes" in str(check.message)
    assert "(2, 5)" in str(check.message)  # the sizes of the spec's range
    assert [n.id for d in result.diagnoses for n in d.names] == ["batch-size-kept"]
