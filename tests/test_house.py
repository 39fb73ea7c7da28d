"""Data flows one way: no room imports one that imports it, at run time, late or for a type alone."""

import ast
import functools
import graphlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("graders", "reference", "specs")
WORKER = "graders.sandbox.sgworker"  # runs in the student's process, and imports itself alone


def _modules() -> dict[str, Path]:
    found = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = file
    return found


MODULES = _modules()


def _imported(name: str, source: str) -> Iterator[str]:
    """The modules of the house that a module imports, wherever it says so."""
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            whole = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{whole}.{alias.name}"
                if inner in MODULES or whole in MODULES:
                    yield inner if inner in MODULES else whole


@functools.cache
def _graph() -> dict[str, frozenset[str]]:
    return {n: frozenset(_imported(n, f.read_text())) - {n} for n, f in MODULES.items()}


def _circle(graph: Mapping[str, Collection[str]]) -> list[str]:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.xdist_group("test_house")
def test_no_circle_of_imports() -> None:
    graph = _graph()
    assert sum(map(len, graph.values())) > 1000
    assert _circle(graph) == []


@pytest.mark.xdist_group("test_house")
@pytest.mark.parametrize(
    "line",
    ["from graders.judging.context import Context", "import graders.judging.context",
     "def late():\n    from graders.judging import context"],
)  # fmt: skip
def test_a_circle_would_be_found(line: str) -> None:
    more = {"graders.plugins": _graph()["graders.plugins"] | {*_imported("graders.plugins", line)}}
    assert "graders.plugins" in _circle({**_graph(), **more})


def test_the_students_process_imports_nothing_of_the_grader() -> None:
    for name, file in MODULES.items():
        if name.startswith(WORKER):
            ours = set(_imported(name, file.read_text()))
            assert all(o.startswith(WORKER) for o in ours), (name, ours)
