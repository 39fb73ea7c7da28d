"""What an instructor lays down: overrides, strict interfaces, a lexicon of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from graders.binding import lexicon as lexicon_module
from graders.binding.canonical import signatures
from graders.binding.lexicon import read_lexicon
from graders.cli import main
from graders.errors import SpecError
from graders.specs.document import BUILTIN
from tests.built_in import built_in_sprints

# A right dense layer of which no name says what it is.
ODD = """
import numpy as np


class Honey:
    def __init__(self, qux, zap):
        self.jar = np.zeros((qux, zap))
        self.lid = np.zeros(zap)
        self.load = lambda w, b: (w, b)

    def munch(self, leaf):
        self.leaf = leaf
        return leaf @ self.W + self.b

    def digest(self, leaf):
        return leaf @ self.W.T, self.leaf.T @ leaf, leaf.sum(0)
""".replace("self.jar", "self.W").replace("self.lid", "self.b")
FIXED = """
items:
  fc:
    name: Honey
    forward: munch
    backward: digest
    arguments: {qux: in_nodes, zap: out_nodes}
"""
FC = """
import numpy as np


class FC:
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.W, self.B = initializer.W(n_nodes1, n_nodes2), initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.B

    def backward(self, dA):
        self.dW, self.dB = self.X.T @ dA, dA.sum(axis=0)
        return dA @ self.W.T
"""
Grade = Callable[..., dict[str, Any]]


@pytest.fixture
def fc_of(tmp_path: Path) -> Grade:
    """The report on the item fc of a module, graded by the command."""

    def run(source: str, *options: str, beside: str = "") -> dict[str, Any]:
        folder = tmp_path / "handed_in"
        folder.mkdir(exist_ok=True)
        (folder / "work.py").write_text(source)
        if beside:
            (folder / "overrides.yaml").write_text(beside)
        report = tmp_path / "report.json"
        path = str(folder / "work.py")
        status = main(["grade", path, "--sprint", "dnn", "--item", "fc", "--report", str(report),
                       "--lang", "en", *options])  # fmt: skip
        assert status in (0, 1)
        whole: dict[str, Any] = json.loads(report.read_text())
        item: dict[str, Any] = next(i for i in whole["items"] if i["id"] == "fc")
        return item | {"notes": whole["load"]["notes"]}

    return run


def written(folder: Path, text: str, name: str = "fixed.yaml") -> str:
    """The path of a new file with that text."""
    (folder / name).write_text(text)
    return str(folder / name)


# -- overrides ----------------------------------------------------------------------------------


def test_names_that_say_nothing_are_bound_by_an_override(fc_of: Grade, tmp_path: Path) -> None:
    assert fc_of(ODD)["status"] == "missing"
    item = fc_of(ODD, "--overrides", written(tmp_path, FIXED))
    assert item["status"] == "passed"
    assert item["binding"]["construct"].startswith("Honey(qux=in_nodes, zap=out_nodes)")
    assert item["binding"]["forward"].startswith("munch")
    assert any("fixed.yaml" in note for note in item["binding"]["notes"])


def test_an_override_changes_no_verdict(fc_of: Grade, tmp_path: Path) -> None:
    wrong = ODD.replace("leaf.sum(0)", "leaf.max(0)")
    item = fc_of(wrong, "--overrides", written(tmp_path, FIXED))
    assert item["status"] == "partial"
    assert {c["facet"] for c in item["checks"] if c["status"] == "failed"} == {"dB"}


def test_a_file_beside_the_submission_only_chooses_among_candidates(fc_of: Grade) -> None:
    assert fc_of(ODD, beside=FIXED)["status"] == "missing"
    two = FC + FC.replace("import numpy as np", "").replace("class FC", "class FC2")
    item = fc_of(two, beside="items: {fc: {name: FC2}}")
    assert (item["status"], item["binding"]["name"]) == ("passed", "FC2")
    assert any("overrides.yaml" in note for note in item["binding"]["notes"])
    assert fc_of(two, beside="items: {fc: {name: FC}}")["binding"]["name"] == "FC"


def test_the_cell_can_be_fixed(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    path = write_notebook(FC, FC.replace("axis=0", "axis=1"))
    for cell, status in ((0, 0), (1, 1)):
        fixed = written(tmp_path, f"items: {{fc: {{name: FC, cell: {cell}}}}}")
        arguments = ["grade", str(path), "--sprint", "dnn", "--item", "fc"]
        assert main([*arguments, "--overrides", fixed]) == status


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("items: {fcc: {name: A}}", "line 1, key items.fcc: unknown item 'fcc'; did you mean 'fc'"),
        ("items:\n  fc: {nam: A}", "line 2, key items.fc.nam: unknown key 'nam'"),
        ("items:\n  fc:\n    arguments: {a: weigth}", "key items.fc.arguments.a: unknown role"),
        ("items: {fc: {score: 5}}", "unknown key 'score'"),
        ("items: [", "no valid YAML"),
    ],
)
def test_a_malformed_file_is_told_with_its_place(
    fc_of: Grade, tmp_path: Path, text: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work.py").write_text(FC)
    path = written(tmp_path, text)
    assert main(["grade", str(tmp_path / "work.py"), "--sprint", "dnn", "--overrides", path]) == 2
    told = capsys.readouterr().err
    assert "fixed.yaml" in told and what in told
    item = fc_of(FC, beside=text)  # the student's own: it does not stop the grading
    assert item["status"] == "passed"
    assert any("overrides" in note for note in item["notes"])


def test_what_the_submission_does_not_have_is_said(fc_of: Grade, tmp_path: Path) -> None:
    for text, what in (
        ("items: {fc: {name: Dance}}", "Dance"),
        ("items: {fc: {name: FC, forward: go}}", "go"),
        ("items: {fc: {arguments: {n_nodes3: in_nodes}}}", "n_nodes3"),
    ):
        item = fc_of(FC, "--overrides", written(tmp_path, text))
        assert item["status"] == "missing"
        assert what in item["message"] and "fixed.yaml" in item["message"]


# -- strict interfaces --------------------------------------------------------------------------


def test_only_the_canonical_signature_counts_when_strict(fc_of: Grade) -> None:
    item = fc_of(FC, "--strict-interface")
    assert item["status"] == "passed"
    assert any("n_nodes1" in note for note in item["binding"]["notes"])
    for changed in (
        FC.replace("class FC", "class Dense"),
        FC.replace("n_nodes1, n_nodes2, init", "n_nodes2, n_nodes1, init"),
        FC.replace("def forward(self, X)", "def forward(self, X, more)"),
        FC.replace("def backward", "def back"),
    ):
        item = fc_of(changed, "--strict-interface")
        assert item["status"] == "missing"
        assert "FC(n_nodes1, n_nodes2" in item["message"]
    assert (
        fc_of(FC.replace("optimizer)", "optimizer, name='fc')"), "--strict-interface")["status"]
        == "passed"
    )


def test_every_item_that_is_called_has_a_canonical_signature() -> None:
    for sprint in built_in_sprints().values():
        for spec in sprint.items:
            if spec.kind in (
                "layer",
                "function",
                "initializer",
                "optimizer",
                "softmax",
                "iterator",
            ):
                assert signatures(spec.canonical), spec.id
                if spec.kind in ("layer", "softmax"):
                    methods = [s.name for s in signatures(spec.canonical)[1:]]
                    assert methods == ["forward", "backward"], spec.id


# -- the lexicon --------------------------------------------------------------------------------


def test_a_lexicon_beside_the_specs_is_merged_with_ours(fc_of: Grade, tmp_path: Path) -> None:
    odd = (
        FC.replace("n_nodes1", "quelle").replace("n_nodes2", "ziel").replace("initializer", "saat")
    )
    odd = odd.replace("saat.W(quelle, ziel)", "saat.W(quelle, ziel) * np.ones((quelle, ziel))")
    assert fc_of(odd)["status"] != "passed"
    specs = tmp_path / "specs"
    shutil.copytree(BUILTIN, specs)
    (specs / "lexicon.yaml").write_text(
        "in_nodes: [quelle]\nout_nodes: [ziel]\ninitializer: ['sa+t']\n"
    )
    assert fc_of(odd, "--specs", str(specs))["status"] == "passed"
    assert fc_of(FC, "--specs", str(specs))["status"] == "passed"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("in_node: [a]", "line 1, key in_node: unknown role 'in_node'; did you mean 'in_nodes'"),
        ("weight:\n  - 'a('", "line 2, key weight.0: no valid pattern"),
        ("weight: a", "line 1, key weight"),
    ],
)
def test_a_malformed_lexicon_is_told_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    written(tmp_path, text, "lexicon.yaml")
    with pytest.raises(SpecError, match=r"lexicon\.yaml") as told:
        read_lexicon(tmp_path)
    assert what in str(told.value)


def test_every_role_that_the_grader_has_names_for_can_be_given_more(tmp_path: Path) -> None:
    own = (Path(lexicon_module.__file__).parent / "lexicon.yaml").read_text(encoding="utf-8")
    roles = yaml.safe_load(own).keys()
    written(tmp_path, "".join(f"{role}: [zap]\n" for role in roles), "lexicon.yaml")
    assert all(read_lexicon(tmp_path).rank("zap", role) == 0 for role in roles)
