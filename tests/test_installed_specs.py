"""Specs of installed packages: found by their entry point, graded like our own, hidden from students."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import cli
from graders.errors import SpecError
from graders.installed import spec_packages
from graders.specs import load_sprints

SPRINT = """
sprint: tiny
title: {en: A tiny course, ja: 小さな講座}
detect: {'Doubling': 10}
items: [doubling]
"""
ITEM = """
id: doubling
kind: layer
title: {en: A layer that doubles, ja: 2倍にする層}
asks: {en: Return twice the input., ja: 入力を2倍にして返す。}
required: true
editions: [{edition: A, problem: 1}]
canonical: "Doubling(); forward(x) -> y; backward(dy) -> dx"
names: ['doubl\\w*']
reference: tiny_course.layers:Doubling
input:
  axes: [N, K]
  layouts: [NK]
output: {N: N, K: K}
sizes: {N: [2, 5], K: [3, 7]}
facets: {forward: 2, dX: 2}
"""
REFERENCE = '''
"""The course's own reference."""


class Doubling:
    def __init__(self):
        self.grads = {}

    def forward(self, x):
        return 2 * x

    def backward(self, dy):
        return 2 * dy
'''
WORK = """
class Doubling:
    def forward(self, x):
        return x + x

    def backward(self, dy):
        return {}
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with specs, as pip leaves it."""
    site = tmp_path / "site-packages"
    package = site / "tiny_course"
    (package / "specs" / "tiny").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "layers.py").write_text(REFERENCE)
    (package / "specs" / "tiny" / "sprint.yaml").write_text(SPRINT, encoding="utf-8")
    (package / "specs" / "tiny" / "doubling.yaml").write_text(ITEM, encoding="utf-8")
    (package / "specs" / "lexicon.yaml").write_text("input: ['rohdaten']\n")
    entry(site, "tiny_course.specs")
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in [m for m in sys.modules if m.split(".")[0] == "tiny_course"]:
        del sys.modules[name]


def entry(site: Path, value: str) -> None:
    """The metadata of the package."""
    info = site / "tiny_course-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-course\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[scratchgrade.specs]\ntiny = {value}\n")


def graded(site: Path, folder: Path, source: str) -> dict[str, object]:
    """The report's item, by the command, in an interpreter that has the package."""
    work, report = folder / "work.py", folder / "report.json"
    work.write_text(source)
    command = [sys.executable, "-m", "graders.cli", "grade", str(work), "--report", str(report)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    subprocess.run(command, env=environment, check=False, timeout=120, cwd=folder)
    data = json.loads(report.read_text())
    assert data["sprint"] == "tiny", data["error"]
    (item,) = data["items"]
    assert isinstance(item, dict)
    return item


def test_an_installed_package_adds_a_sprint(course: Path, tmp_path: Path) -> None:
    right = WORK.replace("{}", "2 * dy").replace("x", "rohdaten")
    item = graded(course, tmp_path, right)
    assert (item["status"], item["score"]) == ("passed", 4)
    item = graded(course, tmp_path, WORK.replace("{}", "dy"))
    assert (item["status"], item["score"]) == ("partial", 2)


def test_its_items_are_audited_by_their_names(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["specs", "audit", "doubling", "--workers", "1"]) in (0, 1)
    assert re.search(r"^doubling +\d/4 +4/4 +11 +10 ", capsys.readouterr().out, re.MULTILINE)


def test_the_built_in_sprints_stay(course: Path) -> None:
    assert {"dnn", "cnn1", "cnn2", "im2col", "tiny"} == set(load_sprints())
    assert [p.name for p in spec_packages()] == ["tiny"]


def test_students_code_reads_nothing_of_it(course: Path, tmp_path: Path) -> None:
    """Other packages beside it can be read: the interpreter's library is open to students' code."""
    (course / "another.py").write_text("x = 1\n")
    reads = "open({!r}).read() and x + x".format
    beside = WORK.replace("x + x", reads(str(course / "another.py"))).replace("{}", "2 * dy")
    assert graded(course, tmp_path, beside)["status"] == "passed"
    for hidden in ("layers.py", "specs/tiny/doubling.yaml"):
        stolen = WORK.replace("x + x", reads(str(course / "tiny_course" / hidden)))
        item = graded(course, tmp_path, stolen.replace("{}", "2 * dy"))
        assert (item["status"], item["score"]) == ("partial", 2)
        assert "PermissionError" in str(item["message"]) or "No such file" in str(item["message"])
    imported = "from tiny_course.layers import Doubling\n"
    assert graded(course, tmp_path, imported)["status"] in ("missing", "error")


@pytest.mark.parametrize(("value", "reason"), [
    ("no_such_course.specs", "there is no package 'no_such_course'"),
    ("tiny_course.spec", "is no folder; are the specs among its package data?"),
    ("tiny_course.layers", "is no folder"),
    ("json.decoder", "is no folder"),
])  # fmt: skip
def test_an_entry_point_that_leads_nowhere_is_told(course: Path, value: str, reason: str) -> None:
    entry(course, value)
    with pytest.raises(SpecError, match=r"entry point 'tiny' of scratchgrade\.specs") as caught:
        load_sprints()
    assert reason in str(caught.value)


def test_an_item_of_ours_cannot_be_taken(course: Path) -> None:
    spec = course / "tiny_course" / "specs" / "tiny"
    (spec / "doubling.yaml").write_text(ITEM.replace("id: doubling", "id: fc"), encoding="utf-8")
    (spec / "sprint.yaml").write_text(SPRINT.replace("[doubling]", "[fc]"), encoding="utf-8")
    with pytest.raises(SpecError, match="'fc' is also an item of sprint"):
        load_sprints()
