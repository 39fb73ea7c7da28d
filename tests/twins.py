"""Modules with wrong twins: lines that are marked stand once right and once wrong.

A file's first line names the items; a line that ends in ``#! dW: code`` is replaced by that code in the twin that is
wrong in dW (``#! item.dX: code`` where there are several items). All that is not marked is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from graders.engine import ItemFinished, Options, grade
from graders.judging.results import ItemResult
from graders.specs import SprintSpec
from graders.submission import read_submission

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


def modules_in(folder: Path) -> dict[str, Module]:
    """Those of a folder, by name."""
    return {file.stem: read(file) for file in sorted(folder.glob("*.py"))}


def twins_of(modules: dict[str, Module]) -> list[tuple[str, str, str]]:
    """Every wrong twin: (module, item, facets)."""
    return [(name, *key) for name, module in modules.items() for key in module.wrong]


def results_of(
    folder: Path, source: str, sprint: SprintSpec, items: tuple[str, ...]
) -> dict[str, ItemResult]:
    """The results of the items for a module with this source."""
    path = folder / "work.py"
    path.write_text(source, encoding="utf-8")
    events = grade(read_submission(path), sprint, Options(items=frozenset(items)))
    results = [e.result for e in events if isinstance(e, ItemFinished)]
    return {r.spec.id: r for r in results if r.spec.id in items}


def fails_where_it_is_wrong(result: ItemResult, facets: str) -> None:
    """Assert that just these facets of a wrong twin are wrong."""
    assert result.binding is not None, told(result)
    assert result.wrong_facets == set(facets.split(",")), told(result)


def told(result: ItemResult) -> str:
    """What was found wrong, and how the item was bound."""
    wrong = [f"{c.id}: {c.message}" for c in result.checks if c.status != "passed"]
    head = f"{result.spec.id}: {result.status}: {result.message}"
    return "\n".join([head, *wrong, str(result.binding), *map(str, result.trace)])
