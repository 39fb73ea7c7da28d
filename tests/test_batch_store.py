"""The store: idempotent, told from others, and never in doubt about its form."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graders.batch.model import Handed, Student
from graders.batch.store import FILE, VERSION, Enrolled, Result, Store
from graders.errors import GraderError


def handed(id_: str) -> Handed:
    """A submission of which only the id counts."""
    return Handed(id_, f"{id_}.py", Student(id_))


def filled(folder: Path) -> Store:
    """A store with two submissions, of which `a` has a result."""
    store = Store(folder)
    store.enrol([Enrolled(handed("b"), "k1"), Enrolled(handed("a"), "k1")])
    store.keep("a", Result("graded", score=3, max_score=4, seconds=2, report="{}\n"))
    return store


def test_a_result_is_kept_once_and_found_again(tmp_path: Path) -> None:
    filled(tmp_path).close()
    store = Store(tmp_path)
    assert list(store.waiting()) == ["b"]
    store.keep("a", Result("graded", score=1, max_score=4, report="other"))
    assert [r.score for r in store.rows()] == [3]
    assert store.report("a") == "{}\n"
    assert store.counts() == (2, 1)


def test_another_key_is_another_row_and_the_first_comes_back(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.written("a", 0)
    assert store.unwritten() == []
    store.enrol([Enrolled(handed("a"), "k2")])
    assert list(store.waiting()) == ["a"]
    store.keep("a", Result("graded", score=1, max_score=4))
    store.written("a", 0)
    store.enrol([Enrolled(handed("a"), "k1")])
    assert [r.score for r in store.rows()] == [3]
    assert store.unwritten() == ["a"], "the file has the report of the other key"


def test_deaths_are_counted_for_the_key(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert store.died("b", "one") == ["one"]
    assert store.died("b", "two") == ["one", "two"]
    store.enrol([Enrolled(handed("b"), "k2")])
    assert store.died("b", "one") == ["one"]


def test_rows_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.keep("b", Result("graded", score=1, max_score=10, seconds=1))
    assert [r.id for r in store.rows()] == ["b", "a"]
    assert [r.id for r in store.rows("slowest")] == ["a", "b"]
    assert [r.id for r in store.rows("worst", 1)] == ["b"]


def test_a_newer_store_and_another_programs_are_refused(tmp_path: Path) -> None:
    filled(tmp_path).close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(GraderError, match="written by a newer Scratch Grader"):
        Store(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    database = sqlite3.connect(other / FILE)
    database.execute("CREATE TABLE t (x)")
    database.close()
    with pytest.raises(GraderError, match="another program's database"):
        Store(other)
    third = tmp_path / "third"
    third.mkdir()
    (third / FILE).write_bytes(b"not a database, but long enough to look like a file of one" * 20)
    with pytest.raises(GraderError, match="damaged"):
        Store(third)


def test_a_second_connection_of_a_process_takes_no_lock_from_the_first(tmp_path: Path) -> None:
    """POSIX's locks are the process's: whoever closes the file once more gives all of them back."""
    first = Store(tmp_path)
    second = Store(tmp_path)
    first.note("before", "1")
    other = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(*db.execute(sys.argv[2]))"
    )
    line = [sys.executable, "-c", other, str(tmp_path / FILE)]
    wrote = "INSERT INTO meta VALUES ('other', '2')"
    subprocess.run([*line, wrote], check=True)  # it comes, and goes as if it were the last one
    first.note("after", "3")
    asked = "SELECT count(*) FROM meta WHERE name IN ('before', 'after')"
    found = subprocess.run([*line, asked], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "(2,)"
    first.close()
    second.close()
