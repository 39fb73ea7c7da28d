"""Whether a constructor's parameter is an array, by what the class and the notebook do with it."""

from pathlib import Path

import pytest

from graders.binding.array_use import passed_as_array, used_as_array
from graders.binding.callsites import CallSites
from graders.binding.constructing import Construction
from graders.binding.definitions import read_definitions
from graders.submission import Cell, Section, Submission
from tests.built_in import built_in_sprints

SPEC = built_in_sprints()["cnn1"].item("conv1d")


def submission(*sources: str) -> Submission:
    """A notebook of these cells."""
    cells = tuple(Cell(i, source, Section("", ())) for i, source in enumerate(sources))
    return Submission(Path("x.ipynb"), "notebook", "", cells, "", "en")


def layer(head: str, kept: str, use: str) -> str:
    """A class with one statement in its constructor, and one expression in its forward."""
    return (
        f"class Conv1d:\n    def __init__(self, {head}):\n        {kept}\n"
        f"    def forward(self, x):\n        return {use}\n"
    )


@pytest.mark.parametrize(
    ("kept", "use"),
    [
        ("self.k = k", "self.k.shape"), ("self.k = k", "len(self.k)"),
        ("self.a, self.b = k, bias", "x @ self.a"), ("self.k = k", "np.dot(x, self.k)"),
        ("self.k = k", "self.k[:, i]"), ("n = len(k)", "x"), ("self.o, self.c, self.f = k.shape", "x"),
    ],
)  # fmt: skip
def test_an_array_is_used_as_one(kept: str, use: str) -> None:
    definition = read_definitions(submission(layer("k, bias", kept, use)))[0][0]
    assert used_as_array(definition, "k")


@pytest.mark.parametrize(
    ("kept", "use"),
    [
        ("self.k = k", "x[: self.k]"), ("self.W = np.random.randn(k)", "self.W.shape"),
        ("self.k = k", "np.zeros(x.shape[0] - self.k + 1)"), ("self.k = k", "range(self.k)"),
        ("self.k = k", "self.k[0]"), ("self.k = np.zeros(k)", "self.k.shape"),
        ("self.k = k", "k.shape"), ("self.k = k", "np.pad(x, self.k)"),
    ],
)  # fmt: skip
def test_a_size_is_not_used_as_an_array(kept: str, use: str) -> None:
    definition = read_definitions(submission(layer("k, bias", kept, use)))[0][0]
    assert not used_as_array(definition, "k")


@pytest.mark.parametrize(
    ("source", "is_array"),
    [
        ("np.array([3.0, 5.0, 7.0])", True), ("w", True), ("0.1 * np.random.randn(3)", True),
        ("[1, 2]", True), ("3", False), ("n", False), ("(2, 2)", False), ("filter_size", False),
    ],
)  # fmt: skip
def test_what_the_notebook_passes_tells(source: str, is_array: bool) -> None:
    work = submission(layer("k, bias", "pass", "x"), f"Conv1d({source}, np.zeros(1))")
    definition = read_definitions(work)[0][0]
    assert passed_as_array(CallSites(work), definition, "k") is is_array


@pytest.mark.parametrize(
    ("head", "use", "kinds"),
    [
        ("k, bias", "self.k.shape", ["weight", "bias"]),
        ("f, b", "self.k.shape", ["size", "bias"]),  # nothing says that f is kept as k
        ("k, stride", "self.k.shape", ["size", "size"]),  # no array beside it
        ("k, bias, initializer", "self.k.shape", ["size", "value", "initializer"]),
        ("w, bias", "self.k.shape", ["weight", "bias"]),
    ],
)
def test_the_likeliest_reading_comes_first(head: str, use: str, kinds: list[str]) -> None:
    work = submission(layer(head, "self.k = k", use))
    definition = read_definitions(work)[0][0]
    ways = list(Construction(CallSites(work), SPEC, definition).ways())
    assert [a.kind for a in ways[0]] == kinds


def test_a_size_beside_a_bias_is_tried_as_an_array_only_after_it() -> None:
    work = submission(layer("f, b", "self.size = f", "x[: self.size] + b"))
    definition = read_definitions(work)[0][0]
    ways = list(Construction(CallSites(work), SPEC, definition).ways())
    assert [[a.kind for a in way] for way in ways[:2]] == [["size", "bias"], ["weight", "bias"]]


def test_what_is_used_and_passed_as_an_array_is_one_without_a_bias_beside_it() -> None:
    work = submission(layer("F, stride", "self.F = F", "self.F.shape"), "Conv1d(w, stride=1)")
    definition = read_definitions(work)[0][0]
    ways = list(Construction(CallSites(work), SPEC, definition).ways())
    assert [a.kind for a in ways[0]] == ["weight", "size"]


def test_of_two_arrays_one_that_the_call_names_is_enough() -> None:
    work = submission(
        layer("f_w, f_b, initializer", "self.F, self.b = f_w, f_b", "x @ self.F + self.b.T"),
        "Conv1d(w, b, None)",
    )
    definition = read_definitions(work)[0][0]
    ways = list(Construction(CallSites(work), SPEC, definition).ways())
    assert [a.kind for a in ways[0]] == ["weight", "bias", "initializer"]
