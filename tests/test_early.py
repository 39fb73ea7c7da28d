"""What needs no training is judged before the cells that train have run, and judged alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.engine import Event, ItemFinished, ItemSeen, Loaded
from graders.grading import Grading, Request

SIZE = "import numpy as np\ndef output_size(n, f, p=0, s=1):\n    return (n + 2 * p - f) // s + 1"
CONV = """md:## Problem 1
class SimpleConv1d:
    def __init__(self, w, b):
        self.w, self.b = w, b
    def forward(self, x):
        self.x = x
        n = output_size(len(x), len(self.w))
        return np.array([x[i:i + len(self.w)] @ self.w for i in range(n)]) + self.b
    def backward(self, da):
        self.dw = np.array([da @ self.x[s:s + len(da)] for s in range(len(self.w))])
        self.db = da.sum()
        dx = np.zeros(len(self.x))
        for i, d in enumerate(da):
            dx[i:i + len(self.w)] += d * self.w
        return dx
""".removeprefix("md:## Problem 1\n")
TRAINS = "class Model:\n    def fit(self, x, y):\n        print('trained')\nModel().fit(1, 2)\n"
Write = Callable[..., Path]


def events(path: Path, early: bool = True, items: frozenset[str] | None = None) -> list[Event]:
    grading = Grading(Request(path, "cnn1", language="en"), early=early)
    if items is not None:
        grading.select(items)
    return list(grading.events())


def finished(found: list[Event]) -> dict[str, Any]:
    return {e.result.spec.id: e.result for e in found if isinstance(e, ItemFinished)}


def test_what_is_right_is_said_before_the_cells_that_train_run(write_notebook: Write) -> None:
    found = events(write_notebook(SIZE, CONV, TRAINS))
    loaded = next(i for i, e in enumerate(found) if isinstance(e, Loaded))
    before = finished(found[:loaded])
    assert before["conv1d_out_size"].status == before["simple_conv1d"].status == "passed"
    assert "conv1d" not in before
    assert len(finished(found)) == len({*finished(found)}) == 7
    assert sum(isinstance(e, ItemFinished) for e in found) == 7
    [event] = [e for e in found if isinstance(e, Loaded)]
    assert [r.output.strip() for r in event.runs][-1] == "trained"


def test_the_verdicts_are_those_that_come_without_it(write_notebook: Write) -> None:
    wrong = CONV.replace("dx[i:i", "dx[i + 0:i").replace("da.sum()", "da.sum() * 2")
    path = write_notebook(SIZE, wrong, TRAINS)
    early, late = (finished(events(path, way)) for way in (True, False))
    assert {k: r.status for k, r in early.items()} == {k: r.status for k, r in late.items()}
    for name, result in early.items():
        told = [(c.id, c.status, c.message.in_language("en")) for c in result.checks]
        assert told == [(c.id, c.status, c.message.in_language("en")) for c in late[name].checks]


def test_what_only_a_cell_that_trains_makes_is_waited_for(write_notebook: Write) -> None:
    """A global that the layer reads: not right before, right afterwards, and nothing is final before."""
    needs = CONV.replace("+ self.b\n", "+ self.b * ONE[0]\n")
    makes = TRAINS + "ONE = [m for m in [1]]\n"
    found = events(write_notebook(SIZE, needs, makes))
    seen = {e.result.spec.id: e.result.status for e in found if isinstance(e, ItemSeen)}
    assert seen["simple_conv1d"] != "passed"
    assert finished(found)["simple_conv1d"].status == "passed"


@pytest.mark.parametrize("only", ["conv1d_out_size", "simple_conv1d"])
def test_who_asks_for_one_item_does_not_wait_for_training(write_notebook: Write, only: str) -> None:
    found = events(write_notebook(SIZE, CONV, TRAINS), items=frozenset([only]))
    results = finished(found)
    assert {k for k, r in results.items() if r.status == "passed"} == {only}
    [loaded] = [e for e in found if isinstance(e, Loaded)]
    assert [r.status for r in loaded.runs] == ["skipped"] * 3
    assert all("trained" not in r.output for r in loaded.runs)


def test_without_cells_that_train_nothing_runs_twice(write_notebook: Write) -> None:
    found = events(write_notebook(SIZE, CONV, "print('once')"))
    assert not any(isinstance(e, ItemSeen) for e in found)
    assert isinstance(found[0], Loaded)


@pytest.mark.parametrize(
    "later",
    [
        "SimpleConv1d.forward = lambda self, x: x",
        "def patch():\n    SimpleConv1d.forward = lambda self, x: x\npatch()",
        "setattr(SimpleConv1d, 'forward', lambda self, x: x)",
        "np.array = lambda *args, **more: 0",
        "for kind in [SimpleConv1d]:\n    kind.forward = lambda self, x: x",
        "def patch(kind):\n    kind.forward = lambda self, x: x\npatch(SimpleConv1d)",
        "type(SimpleConv1d(0, 0)).forward = lambda self, x: x",
        "one = SimpleConv1d(0, 0)\none.__class__.forward = lambda self, x: x",
    ],
)
def test_what_makes_a_class_another_counts_here_as_well(write_notebook: Write, later: str) -> None:
    """A right class that a later statement makes wrong is wrong, whether somebody waits or not.

    Without that statement it is right: see the first test, of the same cells.
    """
    path, item = write_notebook(SIZE, CONV, TRAINS, later), "simple_conv1d"
    early, late = (
        finished(events(path, way, frozenset([item])))[item].status for way in (True, False)
    )
    assert early == late
    assert early != "passed"
