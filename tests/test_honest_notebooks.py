"""Notebooks that were honest and got nothing: what they do is followed, and a mistake still costs.

Each way is graded with a right dense layer and with a wrong one, so that what is followed is what is judged.
"""

import json
from pathlib import Path

import pytest

from graders.grading import Grading, Request
from graders.judging.results import ItemResult

RIGHT = """import numpy as np
class FC:
    def __init__(self, n_nodes1, n_nodes2):
        self.W = 0.1 * np.random.randn(n_nodes1, n_nodes2)
        self.B = np.zeros(n_nodes2)
    def forward(self, X):
        self.X = X
        return mul(X, self.W) + self.B
    def backward(self, dA):
        self.dW = self.X.T @ dA
        self.dB = dA.sum(axis=0)
        return dA @ self.W.T
"""
MUL = "def mul(a, b):\n    return a @ b\n"
WRONG = RIGHT.replace("self.X.T @ dA", "self.X.T @ dA / len(dA) ** 2")

WAYS = {
    "a module that a cell writes": ["%%writefile layers.py\n{mul}{fc}", "from layers import FC"],
    "all of that module": ["%%writefile layers.py\n{mul}{fc}", "from layers import *\nfc = FC(2, 3)"],
    "that module under its name": ["%%writefile layers.py\n{mul}{fc}", "import layers"],
    "a module that is written in two parts": [
        "%%writefile layers.py\n{mul}", "%%writefile -a layers.py\n{fc}", "from layers import FC",
    ],
    "a module that a cell runs": ["%%writefile layers.py\n{mul}{fc}", "%run layers.py", "FC(2, 3)"],
    "names that are used again": ["{mul}{fc}", "FC = None\nnp = 3\nX = 5"],
    "a helper's name for a loop": ["{mul}{fc}", "for mul in range(3):\n    print(mul)"],
    "the same in one cell": ["{mul}{fc}\nfor mul in range(3):\n    print(mul)\nnp = 1"],
    "Python's own name for data, further down": [
        "{mul}{fc}".replace("{fc}", "{fc}") + "\ndef total(a):\n    return sum(a)\n", "sum = 0",
    ],
    "numba's decorator": ["from numba import njit\n@njit\n{mul}{fc}"],
    "numba's decorator with options": [
        "import numba\nfrom numba import jit, float64\n@jit(nopython=True, cache=True)\n{mul}"
        "@numba.njit(float64(float64[:, :]))\ndef other(a):\n    return a\n{fc}",
    ],
    "leading blanks, a prompt and magics": [
        "%matplotlib inline\n!pip install nothing\n{mul}", "  %cd nowhere\n  x = !ls\n  import os", "{fc}",
    ],
    "a program that ends itself": ["import sys\nsys.exit()", "quit()", "{mul}{fc}"],
}  # fmt: skip


def notebook(path: Path, cells: list[str], layer: str, encoding: str = "utf-8") -> Path:
    """A notebook of these cells with that layer in it."""
    sources = [c.replace("{mul}", MUL).replace("{fc}", layer) for c in cells]
    described: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for s in sources
    ]
    whole = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": described}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole), encoding=encoding)
    return path


def graded(path: Path) -> ItemResult:
    """What becomes of the dense layer."""
    grading = Grading(Request(path, sprint="dnn"))
    grading.select(frozenset({"fc"}))
    try:
        result = grading.result("fc")
    finally:
        grading.close()
    assert result is not None
    return result


def failing(result: ItemResult) -> set[str]:
    """The facets that went wrong."""
    return {c.facet for c in result.checks if c.status != "passed"}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_followed_and_the_right_layer_passes(way: str, tmp_path: Path) -> None:
    result = graded(notebook(tmp_path / "work.ipynb", WAYS[way], RIGHT))
    assert result.status == "passed", (result.message, failing(result))


@pytest.mark.parametrize("way", ["a module that a cell writes", "a module that a cell runs",
                                 "names that are used again", "the same in one cell",
                                 "numba's decorator"])  # fmt: skip
def test_a_wrong_layer_fails_all_the_same(way: str, tmp_path: Path) -> None:
    result = graded(notebook(tmp_path / "work.ipynb", WAYS[way], WRONG))
    assert "dW" in failing(result) and "forward" not in failing(result)


def test_data_that_stood_there_before_the_class_is_what_the_class_means(tmp_path: Path) -> None:
    cells = [MUL, "mul = 3", RIGHT]  # called as a function, it failed in the notebook, too
    assert "forward" in failing(graded(notebook(tmp_path / "work.ipynb", cells, "")))


def test_what_a_cell_only_writes_and_nobody_imports_answers_nothing(tmp_path: Path) -> None:
    cells = ["%%writefile layers.py\n{mul}{fc}", "x = 1"]
    assert graded(notebook(tmp_path / "work.ipynb", cells, RIGHT)).status == "missing"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_text_is_read_in_the_encoding_it_is_in(encoding: str, tmp_path: Path) -> None:
    path = notebook(tmp_path / "work.ipynb", ["{mul}{fc}"], RIGHT, encoding)
    assert graded(path).status == "passed"
    module = tmp_path / "work.py"
    module.write_text(f"# 全結合層のクラス\n{MUL}{RIGHT}", encoding=encoding)
    assert graded(module).status == "passed"


@pytest.mark.parametrize("beside", ["numpy", "random", "typing", "sgworker", "IPython"])
def test_a_file_beside_a_notebook_is_not_the_interpreters(beside: str, tmp_path: Path) -> None:
    path = notebook(tmp_path / "handed" / "work.ipynb", ["import random, typing\n{mul}{fc}"], RIGHT)
    (path.parent / f"{beside}.py").write_text("x = 1\n")
    assert graded(path.parent).status == "passed"
    notebook(path, ["{mul}{fc}"], WRONG)
    assert failing(graded(path.parent)) == {"dW"}


@pytest.mark.parametrize("name", ["test", "utils", "pluggy"])
def test_the_students_own_file_comes_before_a_package_that_is_installed(
    name: str, tmp_path: Path
) -> None:
    path = notebook(tmp_path / "handed" / "work.ipynb", [f"from {name} import FC"], "")
    (path.parent / f"{name}.py").write_text(MUL + RIGHT)
    assert graded(path.parent).status == "passed"
