"""Definitions: every class and function of every cell, in every version, read without running."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.binding.definitions import (
    Broken,
    Definition,
    on_framework,
    read_definitions,
)
from graders.submission import Cell, Section, Submission, read_submission
from graders.submission.parsing import compiled

Write = Callable[..., Path]


def of_cells(*sources: str) -> tuple[list[Definition], list[Broken]]:
    """The definitions of a submission with these cells."""
    cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
    text = "\n".join(sources)
    return read_definitions(Submission(Path("x.ipynb"), "notebook", "", cells, text, "en"))


def test_every_version_of_a_name_is_kept_in_order() -> None:
    found, broken = of_cells(
        "class FC:\n    def forward(self, x): pass", "FC = 3", "class FC: pass"
    )
    assert [(d.name, d.cell, d.order) for d in found] == [("FC", 0, 0), ("FC", 2, 1)]
    assert [list(d.methods) for d in found] == [["forward"], []]
    assert broken == []


def test_a_definition_has_the_section_of_its_cell(write_notebook: Write) -> None:
    submission = read_submission(write_notebook("md:## Problem 4", "class A: pass"))
    ((definition,), _) = read_definitions(submission)
    assert definition.section.problems == (4,)
    assert definition.cell == 1


def test_a_class_inside_a_class_is_known_by_both_names() -> None:
    source = """
class Network:
    class Layer:
        def forward(self, x): pass
    class Dense(Layer):
        def backward(self, dy): pass
    def fit(self): pass
"""
    found, _ = of_cells(source)
    assert [d.name for d in found] == ["Network.Layer", "Network.Dense", "Network"]
    assert [[*d.methods] for d in found] == [["forward"], ["forward", "backward"], ["fit"]]


def test_functions_and_lambdas_are_functions() -> None:
    found, _ = of_cells("def f(a, b=2, *, c=None): pass\ng = lambda n, s=1: n\nasync def h(): pass")
    assert [(d.name, d.kind) for d in found] == [(n, "function") for n in "fgh"]
    function = found[0].function
    assert function is not None
    assert [(p.name, p.default, p.keyword_only) for p in function.parameters] == [
        ("a", None, False), ("b", "2", False), ("c", "None", True),
    ]  # fmt: skip
    assert [p.name for p in function.required] == ["a"]
    other = found[1].function
    assert other is not None
    assert [(p.name, p.default) for p in other.parameters] == [("n", None), ("s", "1")]


def test_methods_have_their_parameters_without_the_instance() -> None:
    source = (
        "class A:\n"
        "    def __init__(self, f, s=1): self.f = f\n"
        "    def odd(this, x): this.x = x\n"
        "    @staticmethod\n"
        "    def free(x, y): return x\n"
        "    @classmethod\n"
        "    def make(cls, n): return cls(n)\n"
        "    def forgot(x): return x + 1\n"
        "    def positional(self, x, /, y): return x\n"
    )
    ((definition,), _) = of_cells(source)
    names = {k: [p.name for p in m.parameters] for k, m in definition.methods.items()}
    assert names == {
        "__init__": ["f", "s"], "odd": ["x"], "free": ["x", "y"], "make": ["n"], "forgot": ["x"],
        "positional": ["x", "y"],
    }  # fmt: skip
    assert definition.constructor is definition.methods["__init__"]
    assert definition.methods["free"].static
    assert definition.methods["forgot"].static
    assert not definition.methods["odd"].static


def test_methods_are_inherited_from_the_version_that_stood_there() -> None:
    found, _ = of_cells(
        "class Base:\n    def forward(self, x): pass\n    def a(self): pass",
        "class Layer(Base):\n    def forward(self, x, w): pass",
        "class Base:\n    def b(self): pass",
        "class Late(Base): pass",
    )
    layer, late = found[1], found[3]
    assert sorted(layer.methods) == ["a", "forward"]
    assert [p.name for p in layer.methods["forward"].parameters] == ["x", "w"]
    assert sorted(late.methods) == ["b"]
    assert layer.bases == ("Base",)


def test_a_base_in_a_file_that_is_read_later_is_inherited_from(tmp_path: Path) -> None:
    (tmp_path / "adam.py").write_text(
        "from optimizer import Optimizer\nclass Adam(Optimizer):\n    def update(self, layer): pass\n"
    )
    (tmp_path / "optimizer.py").write_text(
        "class Optimizer:\n    def update(self): pass\n    def after(self): pass\n"
    )
    found, _ = read_definitions(read_submission(tmp_path))
    adam = next(d for d in found if d.name == "Adam")
    assert list(adam.methods) == ["update", "after"]
    assert adam.methods["update"].names == ("layer",)  # its own hides what it inherits


@pytest.mark.parametrize(
    "source",
    [
        "if True:\n    class A: pass",
        "if False:\n    pass\nelse:\n    class A: pass",
        "try:\n    class A: pass\nexcept Exception:\n    pass",
        "try:\n    import absent\nexcept ImportError:\n    class A: pass",
        "with open('x') as f:\n    class A: pass",
        "%matplotlib inline\nclass A: pass",
        "!pip install x\nclass A: pass",
        "    class A: pass",
        "%%time\nclass A: pass",
        "%%capture\nclass A: pass",
        "@decorated\nclass A: pass",
        "# comment\n\nclass A: pass",
        "class A: pass\nA?",
    ],
)
def test_a_class_is_found_wherever_it_stands(source: str) -> None:
    found, broken = of_cells(source)
    assert [(d.name, d.kind) for d in found] == [("A", "class")]
    assert broken == []


def test_classes_of_a_cell_that_does_not_compile_are_known_as_broken() -> None:
    found, broken = of_cells(
        "class A:\n    def f(self:\n        pass\nclass B: pass", "class C: pass"
    )
    assert [(b.name, b.cell) for b in broken] == [("A", 0), ("B", 0)]
    assert [d.name for d in found] == ["C"]


def test_classes_imported_from_a_file_beside_the_notebook_are_found(write_notebook: Write) -> None:
    path = write_notebook(
        "from layers import Conv1d as Conv, helper\nimport layers\nimport layers as nn",
        "from package.inner import *",
        name="work/a.ipynb",
    )
    (path.parent / "layers.py").write_text(
        "class Conv1d:\n    def forward(self, x): pass\ndef helper(a): pass\nclass Other: pass\n"
    )
    (path.parent / "package").mkdir()
    (path.parent / "package" / "inner.py").write_text("class Star: pass\n")
    (path.parent / "broken.py").write_text("class Broken(:\n")
    found, _ = read_definitions(read_submission(path.parent))
    assert {d.name for d in found} == {
        "Conv", "helper", "layers.Conv1d", "layers.helper", "layers.Other",
        "nn.Conv1d", "nn.helper", "nn.Other", "Star",
    }  # fmt: skip
    assert list(next(d for d in found if d.name == "Conv").methods) == ["forward"]


def test_nothing_is_executed_while_reading(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    of_cells(f"open({str(mark)!r}, 'w')\nclass A:\n    open({str(mark)!r}, 'w')")
    assert not mark.exists()


def test_deep_expressions_are_read_or_set_aside() -> None:
    long_sum = " + ".join(["1"] * 700)
    found, broken = of_cells(f"def f():\n    return {long_sum}", "class B: pass")
    assert [d.name for d in found] + [b.name for b in broken] in (["f", "B"], ["B"])


@pytest.mark.parametrize(
    "source",
    ["x = \ud800", "class A:\n    x = '\ud800'", "x\x00y", "(" * 300, "class A" * 2_000, "\\"],
)
def test_a_cell_that_can_not_be_parsed_is_no_tree(source: str) -> None:
    assert compiled(Cell(0, source, Section())) is None
    of_cells(source)


LINES = st.sampled_from(
    [
        "class A:", "class B(A):", "    def forward(self, x):", "        return x", "    pass",
        "def f(n, s=1):", "    return n", "x = 1", "if x:", "else:", "try:", "except ValueError:",
        "%time x", "!ls", "%%time", "g = lambda n: n", "'''", '"""', "(", ")", "import layers",
        "from layers import *", "@property", "f?", "x = f'{x}'", "\t", "é = 1",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(LINES, max_size=6).map("\n".join), max_size=3))
def test_any_cells_are_read(sources: list[str]) -> None:
    found, broken = of_cells(*sources)
    assert [d.order for d in found] == list(range(len(found)))
    for definition in found:
        assert definition.name in sources[definition.cell]
        ast.parse(definition.source)
    assert all(compiled(Cell(0, sources[b.cell], Section())) is None for b in broken)


def test_a_class_on_a_framework_is_told_from_one_on_a_class_of_ones_own() -> None:
    found, _ = of_cells(
        "import torch.nn as nn\nclass A(nn.Module): pass",
        "class Net:\n    class Layer: pass\nclass B(Net.Layer): pass\nclass C(B): pass",
        "from tensorflow import keras\nclass D(keras.layers.Layer, B): pass",
    )
    own = frozenset(d.name for d in found)
    told = {d.name: on_framework(d, own) for d in found}
    assert told == {
        "A": True,
        "Net.Layer": False,
        "Net": False,
        "B": False,
        "C": False,
        "D": True,
    }
