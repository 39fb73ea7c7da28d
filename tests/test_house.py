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


def _room(module: str) -> str:
    """The folder that a module is of, a kind's or the first under graders; of no folder, itself."""
    parts = module.split(".")
    return ".".join(parts[: 3 if parts[:2] == ["graders", "kinds"] else 2])


def _rooms(graph: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = {}
    for module, imported in graph.items():
        beside = {_room(m) for m in imported} - {_room(module)}
        rooms.setdefault(_room(module), set()).update(beside)
    return rooms


@pytest.mark.xdist_group("test_house")
def test_no_circle_of_rooms() -> None:
    """What is of one kind knows what all kinds have, which knows no kind; kinds may build on one another."""
    rooms = _rooms(_graph())
    assert {"graders.kinds.layer", "graders.kinds.optimizer", "graders.binding"} <= rooms.keys()
    assert _circle(rooms) == []


@pytest.mark.xdist_group("test_house")
@pytest.mark.parametrize(
    ("module", "line"),
    [("graders.binding.rates", "import graders.kinds.loss.search"),
     ("graders.kinds.layer.lifted", "from graders.kinds.optimizer import updates")],
)  # fmt: skip
def test_a_circle_of_rooms_would_be_found(module: str, line: str) -> None:
    more = {module: _graph()[module] | {*_imported(module, line)}}
    assert _circle({**_graph(), **more}) == []
    assert _circle(_rooms({**_graph(), **more})) != []


def _named_kinds(source: str) -> Iterator[int]:
    """The lines in which an item's kind is compared with anything but another item's kind."""

    def is_kind(node: ast.expr) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr != "kind":
            return False
        of = node.value
        return (isinstance(of, ast.Name) and of.id in ("spec", "item", "other", "i")) or (
            isinstance(of, ast.Attribute) and of.attr in ("spec", "_spec")
        )

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(is_kind, sides)) and not all(map(is_kind, sides)):
                yield node.lineno


def test_no_room_asks_for_a_kind_by_its_name() -> None:
    """What rooms treat alike is a trait, which a plugin's kind can have, too; specs build the kinds."""
    found = {
        name: lines
        for name, file in MODULES.items()
        if not name.startswith(("graders.specs", WORKER))
        and (lines := list(_named_kinds(file.read_text())))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line", ['x = spec.kind == "layer"', "if self._spec.kind not in _KINDS: x()"]
)
def test_a_kind_by_its_name_would_be_found(line: str) -> None:
    assert list(_named_kinds(line)) == [1]
    assert not list(_named_kinds("alike = [i for i in items if i.kind == spec.kind]"))


def test_the_students_process_imports_nothing_of_the_grader() -> None:
    for name, file in MODULES.items():
        if name.startswith(WORKER):
            ours = set(_imported(name, file.read_text()))
            assert all(o.startswith(WORKER) for o in ours), (name, ours)
