"""Any process of a class may be killed: with --resume it ends as one that nobody disturbed."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import batch_kills
from benchmarks.batch_kills import KINDS, Place, family, kill_any, start
from benchmarks.class_outputs import settled
from benchmarks.classes import write_class


def test_each_kind_of_process_is_killed_and_nothing_changes(tmp_path: Path) -> None:
    """One of each; `python -m benchmarks.batch_kills` does more, with more submissions."""
    submissions, place = tmp_path / "class", Place(("--workers", "2"))
    write_class(submissions, 12)
    with start(submissions, tmp_path / "undisturbed", place) as process:
        seen: set[str] = set()
        while process.poll() is None and len(seen) < len(KINDS):
            seen |= family(process.pid).keys() - {"gone"}
            time.sleep(0.02)
        assert process.wait() == 0
    assert {"coordinator", "worker", "student"} <= seen <= set(KINDS)
    kill_any(submissions, tmp_path / "killed", place, len(seen), 1, latest=0.2)
    assert settled(tmp_path / "killed") == settled(tmp_path / "undisturbed")


def test_where_two_outputs_part() -> None:
    one, other = {"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}
    assert batch_kills.first_difference(one, other) == ".a[1].b: 2 | 3"
    assert batch_kills.first_difference(one, one) == ""
