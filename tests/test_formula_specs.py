"""Functions that a spec gives as a formula alone: graded and audited without any Python beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders import cli

SPEC = """
id: dense_parameters
kind: function
title: {en: Parameters of a dense layer, ja: 全結合層のパラメータ数}
asks: {en: A function that counts weights and biases., ja: 重みとバイアスの個数を計算する関数。}
required: true
editions: [{edition: A, problem: 1}]
canonical: dense_parameters(n_in, n_out) -> int
names: ['dense_?param\\w*', '\\w*param\\w*count']
roles: {in_nodes: I, out_nodes: O}
sizes: {I: [3, 40], O: [2, 20]}
value: I*O + O
documented:
  - given: {I: 784, O: 10}
    expected: {forward: 7850}
facets: {forward: 2}
"""


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder of specs with this item alone."""
    folder = tmp_path / "specs"
    assert cli.main(["specs", "new", "dense_parameters", "--kind", "function",
                     "--specs", str(folder)]) == 0  # fmt: skip
    (folder / "own" / "dense_parameters.yaml").write_text(SPEC, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("def dense_params(nodes_1, nodes_2):\n    return nodes_1 * nodes_2 + nodes_2", "passed", ""),
        # Names that may be arrays, of which the item tells no shape.
        ("def dense_params(a, b):\n    return a * b + b", "passed", ""),
        ("def dense_params(a, b):\n    return a * b", "failed", "should be 7850, but"),
        ("def param_count(W, b):\n    return W.size + b.size", "error", "has no attribute 'size'"),
        (
            "class Layer:\n    def __init__(self, x, W, n_out):\n"
            "        self.x, self.W, self.n_out = x, W, n_out\n"
            "    def param_count(self):\n        return self.x.shape[1] * self.n_out",
            "error", "has no attribute 'shape'",
        ),
    ],
)  # fmt: skip
def test_an_answer_is_judged(
    specs: Path, capsys: pytest.CaptureFixture[str], source: str, status: str, said: str
) -> None:
    work = specs.parent / "work.py"
    work.write_text(source + "\n")
    ended = cli.main(["specs", "try", "dense_parameters", "--specs", str(specs),
                      "--submission", str(work)])  # fmt: skip
    told = capsys.readouterr().out
    assert f"dense_parameters: {status}, " in told
    assert said in told
    assert ended == (0 if status == "passed" else 1)


def test_the_formula_is_audited(specs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["specs", "audit", "--specs", str(specs), "--workers", "1"]) == 0
    assert "dense_parameters    3/3" in capsys.readouterr().out


def test_a_formula_that_the_cases_say_little_of_is_weak(
    specs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SPEC.replace("O: [2, 20]", "O: 1").replace("O: 10}", "O: 1}").replace("7850", "785")
    (specs / "own" / "dense_parameters.yaml").write_text(text, encoding="utf-8")
    assert cli.main(["specs", "audit", "--specs", str(specs), "--workers", "1"]) == 1
    told = capsys.readouterr().out
    assert "SURVIVES" in told
    assert "def value(I, O):" in told
