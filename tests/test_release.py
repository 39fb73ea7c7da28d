"""Hand-outs: made of the specs alone, proved before they are written, and what they are made of."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from graders.audit.library import Library
from graders.authoring.checking import formula_fault
from graders.cli import main
from graders.engine import Loaded, detect_sprint
from graders.errors import GraderError, UsageError
from graders.grading import Grading, Request
from graders.messages import Language
from graders.release.instructor import instructor_cells
from graders.release.notebook import code, notebook
from graders.release.pruning import pruned
from graders.release.selection import select
from graders.release.solution import solution_cells
from graders.release.starter import starter_cells
from graders.release.template import template
from graders.specs import SprintSpec, Text, load_course, sprint_named
from graders.specs.signatures import read_signature, signature_of
from graders.submission import read_submission
from tests.built_in import built_in_sprints
from tests.test_interfaces import judged

Write = Callable[..., Path]
ASKED = ("tanh_derivative", "softmax_vector")


@dataclass(frozen=True)
class Released:
    """What the command said, and the cells of each notebook."""

    said: str
    cells: dict[str, list[dict[str, Any]]]

    def source(self, notebook: str, cell: str) -> str:
        """The text of a cell, by its id."""
        return next(str(c["source"]) for c in self.cells[notebook] if c["id"] == cell)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Two problems of the procedural sprint, in Japanese, as the command hands them out."""
    folder = tmp_path_factory.mktemp("handout")
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("builtins.print", lambda *text, **_: said.append(" ".join(map(str, text))))
        line = ["release", "--sprint", "im2col", "--items", ",".join(ASKED), "--lang", "ja"]
        assert main([*line, "--out", str(folder)]) == 0
    cells = {}
    for name in ("im2col", "im2col_solution", "im2col_instructor"):
        node = nbformat.read(folder / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(node)
        assert (node.nbformat, node.nbformat_minor) == (4, 5)
        assert node.metadata.kernelspec.name == "python3"
        cells[name] = json.loads(json.dumps(node.cells))
    return Released("\n".join(said), cells)


@pytest.mark.xdist_group("test_release")
def test_both_notebooks_are_proved_and_written(released: Released) -> None:
    assert "the starter earns 0 of 6 points" in released.said
    assert "the solution 6" in released.said
    assert released.said.count("wrote") == 3
    for cells in released.cells.values():
        ids = [cell["id"] for cell in cells]
        assert len(ids) == len(set(ids))


@pytest.mark.xdist_group("test_release")
def test_a_starter_has_all_that_a_student_needs(released: Released) -> None:
    asked = released.source("im2col", "softmax_vector-text")
    assert asked.startswith("## ベクトルのソフトマックス関数")
    assert "$$y_k = " in asked
    written = released.source("im2col", "softmax_vector-answer")
    assert "def softmax(x):" in written and "raise NotImplementedError" in written
    assert released.source("im2col", "softmax_vector-check") == "%check softmax_vector"
    assert released.source("im2col", "extension") == "%load_ext scratchgrade"
    assert "reference" not in json.dumps(released.cells["im2col"])
    told = released.source("im2col_instructor", "softmax_vector-checks")
    assert "forward" in told and "softmax" in told


@pytest.mark.xdist_group("test_release")
def test_a_solution_runs_without_the_grader(
    released: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference is there as text: nothing of ours is imported."""
    monkeypatch.setattr(sys, "modules", {**sys.modules})  # it makes some
    names: dict[str, Any] = {}
    for cell in released.cells["im2col_solution"]:
        if cell["cell_type"] == "code":
            imported = {
                n.names[0].name
                for n in ast.walk(ast.parse(cell["source"]))
                if isinstance(n, ast.Import)
            }
            assert imported <= {"numpy", "sys", "types"}
            exec(cell["source"], names)
    assert names["softmax"]([0.0, 0.0]).tolist() == [0.5, 0.5]


# -- what is not proved is not written -----------------------------------------------------------

SPEC = """
id: doubled
kind: function
title: {en: Twice a size, ja: サイズの2倍}
asks: {en: Twice the size of the input., ja: 入力サイズの2倍を求める。}
required: true
editions: [{edition: A, problem: 1}]
canonical: doubled(n_in) -> int
names: ['doubled']
roles: {input_size: N}
sizes: {N: [3, 40]}
value: 2 * N
facets: {forward: 2}
"""
SPRINT = """
sprint: own
title: {en: Own, ja: 独自の課題}
editions: {A: Sprint 77}
detect: {'doubled': 10}
items: [doubled]
"""


def _own(folder: Path, solution: str = "", spec: str = SPEC) -> Path:
    (folder / "specs" / "own" / "handout").mkdir(parents=True)
    (folder / "specs" / "own" / "doubled.yaml").write_text(spec)
    (folder / "specs" / "own" / "sprint.yaml").write_text(SPRINT)
    if solution:
        (folder / "specs" / "own" / "handout" / "doubled.py").write_text(solution)
    return folder / "specs"


@pytest.mark.parametrize(
    ("solution", "reason"),
    [
        ("def doubled(n_in):\n    return n_in\n", "earns 0 of 2 points"),
        ("def doubled(n_in):\n    return 2 * n_in\n# %%\n1 / 0\n", "did not run through: Zero"),
        (
            "def doubled(n_in):\n    return 2 * n_in\n# %%\nimport warnings\nwarnings.warn('old')\n",
            "UserWarning: old",
        ),
    ],
)
def test_what_is_not_proved_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], solution: str, reason: str
) -> None:
    out = tmp_path / "out"
    line = ["release", "--specs", str(_own(tmp_path, solution)), "--out", str(out)]
    assert main(line) == 2
    said = capsys.readouterr().err
    assert said.startswith("scratchgrade: nothing is written: the solution")
    assert reason in said
    assert not out.exists()


def test_a_sprint_of_another_author_is_found_by_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    line = ["release", "--specs", str(_own(tmp_path)), "--sprint", "77", "--out", str(out)]
    assert main(line) == 0
    assert "the starter earns 0 of 2 points" in capsys.readouterr().out
    assert sorted(f.name for f in out.iterdir()) == [
        "own.ipynb", "own_instructor.ipynb", "own_solution.ipynb",
    ]  # fmt: skip


# -- what is handed out --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("sprint", ["dnn", "cnn1", "cnn2", "im2col"])
def test_every_problem_has_its_text_and_a_template(sprint: str, language: Language) -> None:
    selection = select(built_in_sprints()[sprint], [], "", language)
    cells = {cell.id: cell for cell in starter_cells(selection)}
    assert notebook(list(cells.values())) == notebook(list(starter_cells(selection)))
    assert selection.sprint.introduction is not None
    for spec in selection.items:
        assert spec.handout.text is not None, spec.id
        assert spec.handout.text.in_language(language) in cells[f"{spec.id}-text"].source
        if spec.kind != "manual":
            assert cells[f"{spec.id}-check"].source == f"%check {spec.id}"
            ast.parse(cells[f"{spec.id}-answer"].source)
    for cell in cells.values():
        if cell.code and not cell.source.startswith("%"):
            ast.parse(cell.source)
    told = "".join(cell.source for cell in instructor_cells(selection))
    assert all(f"(`{spec.id}`" in told for spec in selection.items)


@pytest.mark.parametrize("course", ["cs231n", "cmu11785", "saito", "dlcourse_ai", "nnfs"])
def test_courses_of_others_are_handed_out(course: str) -> None:
    sprint = load_course(course, built_in_sprints())[course]
    selection = select(sprint, [], "", "en")
    for cell in (*starter_cells(selection), *solution_cells(selection)):
        if cell.code and not cell.source.startswith("%"):
            ast.parse(cell.source)


@pytest.mark.parametrize("sprint", ["dnn", "cnn1", "cnn2", "im2col"])
def test_a_hand_out_is_found_to_be_of_its_sprint(sprint: str, tmp_path: Path) -> None:
    """Without --sprint: of the reference a solution has what its answers need, and no other sprint's."""
    sprints = built_in_sprints()
    selection = select(sprints[sprint], [], "", "en")
    for cells in (starter_cells(selection), solution_cells(selection)):
        file = tmp_path / "handout.ipynb"
        file.write_text(notebook(list(cells)))
        found = detect_sprint(read_submission(file), sprints)
        assert found is not None and found.id == sprint


def test_a_library_is_cut_to_what_is_used() -> None:
    source = "from .two import a, b\n# about C\nclass C:\n    x = a\n\ndef f():\n    return b, D\n\nD = 1\n"
    modules = {"two": "import os\na = 1\nb = os.sep\n", "one": source}
    library = Library("lib", modules, {"C": "one", "f": "one", "a": "two", "b": "two"})
    cut = pruned(library, ["C"])
    assert cut.modules["one"] == "from .two import a\n\n\n# about C\nclass C:\n    x = a\n"
    assert cut.modules["two"] == "import os\na = 1\n"
    assert set(cut.exports) == {"C", "a"}
    opaque = replace(library, modules={**modules, "one": f"from . import two\n{source}"})
    assert pruned(opaque, ["C"]) == opaque


def test_an_edition_gives_numbers_and_order() -> None:
    sprint = built_in_sprints()["cnn1"]
    a, b = (select(sprint, [], edition, "en") for edition in "AB")
    assert a.title.startswith("Sprint 11") and b.title.startswith("Sprint 12")
    assert [a.problem(i) for i in a.items] == [1, 2, 4, 5, 6, 7, 8]
    assert [b.problem(i) for i in b.items] == [1, 2, 4, 5, 6, 7, 8]
    assert [i.id for i in a.items][-1] == "cnn1d_classifier"
    assert [i.id for i in b.items][3] == "cnn1d_classifier"


def test_what_cannot_be_handed_out_is_named() -> None:
    sprint = built_in_sprints()["cnn1"]
    with pytest.raises(UsageError, match="conv1d_padding: it extends conv1d"):
        select(sprint, ["conv1d_padding"], "", "en")
    with pytest.raises(UsageError, match=r"--items conv1dd: .*conv1d"):
        select(sprint, ["conv1dd"], "", "en")
    with pytest.raises(UsageError, match="--edition C: cnn1 has the editions: A, B"):
        select(sprint, [], "C", "en")
    mute = replace(sprint.items[1], kind="clustering", canonical="142x142x6 and 168")
    with pytest.raises(UsageError, match=r"conv1d_out_size: .* template for the kind 'clustering'"):
        select(replace(sprint, items=(mute,)), [], "", "en")


def test_cells_of_one_id_are_no_notebook() -> None:
    with pytest.raises(GraderError, match="'one'"):
        notebook([code("one", "1"), code("one", "2")])


def test_a_template_has_the_signature_that_counts() -> None:
    """With --strict-interface nothing else does; and a function's comes with its shapes."""
    for sprint in built_in_sprints().values():
        for spec in sprint.items:
            signature = signature_of(spec)
            if signature is None or spec.ability:
                continue
            (node, *_) = ast.parse(template(spec, "en")).body
            assert isinstance(node, ast.ClassDef | ast.FunctionDef)
            assert node.name == signature.name
            made: list[Any] = [node]
            if isinstance(node, ast.ClassDef):
                made = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            names = {n.name: [a.arg for a in n.args.args if a.arg != "self"] for n in made}
            first = names.get("__init__", names.get(signature.name, []))
            assert sorted(first) == sorted(signature.calls[0].names)
            for call in signature.calls[1:]:
                assert names[call.name] == list(call.names)


def test_signatures_are_read_whole() -> None:
    signature = read_signature("Conv1d(filter_size, pad=0); forward(X); backward(dA) -> dX; dW, dB")
    assert signature is not None and signature.is_class
    assert signature.calls[0].parameters == (("filter_size", ""), ("pad", "0"))
    assert signature.calls[2].gives == "dX"
    assert signature.kept == ("dW", "dB")
    assert read_signature("142x142x6 and 168; 58x58x48 and 10416") is None
    assert read_signature("f(1, 2)") is None


# -- sprints by number ---------------------------------------------------------------------------


def test_a_sprint_is_named_by_what_an_edition_calls_it() -> None:
    sprints = built_in_sprints()
    assert sprint_named("cnn1", sprints) == "cnn1"
    assert sprint_named("10", sprints) == sprint_named("sprint 10", sprints) == "dnn"
    assert sprint_named("11", sprints, "A") == "cnn1"
    assert sprint_named("11", sprints, "B") == "dnn"
    with pytest.raises(UsageError, match=r"--sprint 11: that is .*cnn1 in edition A"):
        sprint_named("11", sprints)
    with pytest.raises(UsageError, match=r"unknown sprint.*dnn \(A: Sprint 10, B: Sprint 11\)"):
        sprint_named("9", sprints)


# -- specs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("$x$", "dollar sign"), (r"\frac{1}{2", "not closed"), ("x}", "closes nothing"),
        (r"\left( x", r"\left 1 times"), (r"\begin{cases} x", r"\begin 1 times"),
    ],
)  # fmt: skip
def test_formulas_that_cannot_be_shown_are_told(formula: str, reason: str) -> None:
    assert reason in formula_fault(formula)


@pytest.mark.parametrize("formula", [r"\left( \frac{x}{y} \right) \leftarrow \{z\}", "a_i = b"])
def test_formulas_that_can_be_shown_are_right(formula: str) -> None:
    assert formula_fault(formula) == ""


@pytest.mark.parametrize(
    ("handout", "said"),
    [
        (
            "text: {en: '## Problem 4', ja: 説明です。}",
            "key handout.text.en: has a line that opens",
        ),
        ("text: {en: 説明, ja: 説明です。}", "key handout.text.en: is Japanese"),
        ("text: {en: Text., ja: Text.}", "key handout.text.ja: is not Japanese"),
        ("formulas: ['x', '{']", "key handout.formulas.1: a { is not closed"),
        ("template: a class", "key handout.template: no signature"),
    ],
)
def test_specs_check_looks_at_hand_outs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], handout: str, said: str
) -> None:
    specs = _own(tmp_path, spec=f"{SPEC}handout:\n  {handout}\n")
    assert main(["specs", "check", str(specs)]) == 1
    assert f"doubled.yaml, line 15, {said}" in capsys.readouterr().out


def test_the_text_of_an_item_is_not_that_of_another_which_extends_it() -> None:
    sprint: SprintSpec = built_in_sprints()["cnn1"]
    texts = [i.handout.text for i in sprint.items]
    assert all(isinstance(text, Text) for text in texts)
    assert len(set(texts)) == len(texts)


# -- templates that nobody filled in ---------------------------------------------------------------

TEMPLATES = """
import numpy as np
class ReLU:
    '''An activation.'''
    def forward(self, A):
        raise NotImplementedError
    def backward(self, dZ):
        raise NotImplementedError('write it')
class Tanh:
    def __init__(self):
        pass
    def forward(self, A):
        self.Z = np.tanh(A)
        return self.Z
    def backward(self, dZ):
        raise NotImplementedError
class Sigmoid:
    def __init__(self):
        pass
    def forward(self, A):
        pass
    def backward(self, dZ):
        pass
class HeInitializer:
    def W(self, n_nodes1, n_nodes2):
        ...
    def B(self, n_nodes2):
        ...
class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        raise NotImplementedError
class Dense(FC):
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)
    def forward(self, X):
        self.X = X
        return X @ self.W + self.B
    def backward(self, dA):
        dX = dA @ self.W.T
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        self.optimizer.update(self)
        return dX
"""


def test_a_template_is_told_as_one_and_half_an_answer_as_half(tmp_path: Path) -> None:
    asked = ("relu", "tanh", "sigmoid", "he_initializer", "fc")
    results = judged(tmp_path, TEMPLATES, asked)
    for name in ("relu", "he_initializer"):
        assert results[name].status == "missing", name
        assert "Nothing is written there yet" in str(results[name].message)
    assert results["tanh"].status == "partial"
    names = {n.id for d in results["tanh"].diagnoses for n in d.names}
    assert names == {"not-written"}
    assert results["sigmoid"].status in ("failed", "error")  # nothing in it says that it is open
    assert results["fc"].status == "passed"  # the template is only what it is derived from


# -- cells that are about the grader ----------------------------------------------------------------


def test_cells_of_the_extension_and_unknown_magics_do_nothing(write_notebook: Write) -> None:
    relu = TEMPLATES[: TEMPLATES.index("class Tanh")].replace(
        "raise NotImplementedError('write it')", "return dZ * self.M"
    )
    relu = relu.replace("raise NotImplementedError", "self.M = A > 0\n        return A * self.M")
    path = write_notebook(
        "%load_ext scratchgrade",
        f"%tensorflow_version 2.x\n{relu}",
        "%check relu\n%hint relu\nx = 1",
    )
    grading = Grading(Request(path, "dnn", seed=1))
    grading.select(frozenset(["relu"]))
    (loaded,) = [e for e in grading.events() if isinstance(e, Loaded)]
    grading.finish()
    assert [run.status for run in loaded.runs] == ["ok"] * 3
    assert loaded.notes == ("no such magic: %tensorflow_version",)
    assert grading.report.items["relu"].status == "passed"
