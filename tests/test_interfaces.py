"""Right modules in the interfaces that students choose, and wrong twins of them.

Each file of `interfaces/` is one convention. Its first line names the items; a line that ends in
``#! dW: code`` is replaced by that code in the twin that is wrong in dW (``#! item.dX: code``
where there are several items). All that is not marked is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.engine import ItemFinished, Options, grade
from graders.judging import ItemResult
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.net import Net

FOLDER = Path(__file__).parent / "interfaces"
_MARK = re.compile(r"^( *)(.*?)  #! (?:(\w+)\.)?([\w,]+): (.*)$")


@dataclass(frozen=True)
class Module:
    """One convention: its items, its right source, and the source of each wrong twin."""

    name: str
    items: tuple[str, ...]
    right: str
    wrong: dict[tuple[str, str], str]  # (item, facets) -> source


def read(file: Path) -> Module:
    """The twins in a file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    items = tuple(lines[0].partition(":")[2].split())
    marks = [_MARK.match(line) for line in lines]
    keys = {(m[3] or items[0], m[4]) for m in marks if m}
    right = [m[1] + m[2] if m else line for line, m in zip(lines, marks, strict=True)]
    wrong = {}
    for key in sorted(keys):
        twin = [
            m[1] + m[5] if m and (m[3] or items[0], m[4]) == key else line
            for line, m in zip(right, marks, strict=True)
        ]
        wrong[key] = "\n".join(twin[1:]) + "\n"
    return Module(file.stem, items, "\n".join(right[1:]) + "\n", wrong)


MODULES = {file.stem: read(file) for file in sorted(FOLDER.glob("*.py"))}
TWINS = [(name, *key) for name, module in MODULES.items() for key in module.wrong]


def judged(folder: Path, source: str, items: tuple[str, ...]) -> dict[str, ItemResult]:
    """The results of the items for a module with this source."""
    path = folder / "work.py"
    path.write_text(source, encoding="utf-8")
    sprint = next(s for s in built_in_sprints().values() if items[0] in [i.id for i in s.items])
    events = grade(read_submission(path), sprint, Options(items=frozenset(items)))
    results = [e.result for e in events if isinstance(e, ItemFinished)]
    return {r.spec.id: r for r in results if r.spec.id in items}


def told(result: ItemResult) -> str:
    """What was found wrong, and how the item was bound."""
    wrong = [f"{c.id}: {c.message}" for c in result.checks if c.status != "passed"]
    head = f"{result.spec.id}: {result.status}: {result.message}"
    return "\n".join([head, *wrong, str(result.binding), *result.trace])


@pytest.mark.parametrize("name", MODULES)
def test_a_right_module_passes(tmp_path: Path, name: str, net: Net) -> None:
    module = MODULES[name]
    results = judged(tmp_path, module.right, module.items)
    for result in results.values():
        assert result.status == "passed", told(result)
    net.holds(f"{name}, right", results)


@pytest.mark.parametrize(("name", "item", "facets"), TWINS)
def test_its_wrong_twin_fails_where_it_is_wrong(
    tmp_path: Path, name: str, item: str, facets: str, net: Net
) -> None:
    results = judged(tmp_path, MODULES[name].wrong[item, facets], (item,))
    result = results[item]
    assert result.binding is not None, told(result)
    assert result.wrong_facets == set(facets.split(",")), told(result)
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
