"""Plugins: what they add, what is said of one that is wrong, and where their code never is."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders import cli
from graders.audit.interfaces import interfaces
from graders.errors import PluginError
from graders.extension import use_plugins
from graders.specs import load_sprints
from tests import warm

ROOT = Path(__file__).resolve().parent.parent

KIND = '''
"""A kind for items that ask for one number: a variable of the notebook."""

from graders.api import Binding, Calls, Kind, Text, both, candidates, passed, raised, verdict, wrong


def judge(item, context):
    found = candidates(item, context, "function")
    if not found:
        return context.absent(item, [])
    outcome = Calls(context).function(found[0]).run()
    if not outcome.ok:
        return verdict(item, [raised("answers", found[0].name + "()", outcome)], Binding(found[0].name, 0))
    value = float(outcome.found[0].array)
    if value == item.options["value"]:
        check = passed("answers", both("It is right.", "正しい。"))
    else:
        check = wrong("answers", both("{value} is not it.", "{value} ではない。", value=value))
    return verdict(item, [check], Binding(found[0].name, found[0].cell))


def scratchgrade_kinds():
    schema = {"properties": {"value": {"type": "number"}}, "required": ["value"]}
    facets = {"answers": Text("the number", "数値")}
    return [Kind("number", judge, facets, schema, ("names",))]
'''
SPRINT = """
sprint: tiny
title: {en: A tiny course, ja: 小さな講座}
detect: {'seven': 10}
items: [seven, relu]
"""
SEVEN = """
id: seven
kind: number
title: {en: Seven, ja: 七}
asks: {en: A function that gives seven., ja: 7を返す関数。}
required: true
editions: [{edition: A, problem: 1}]
names: [seven]
options: {value: 7}
facets: {answers: 2}
"""
RELU = """
id: relu
kind: layer
title: {en: ReLU, ja: ReLU}
asks: {en: The larger of x and 0., ja: xと0の大きい方。}
required: true
editions: [{edition: A, problem: 2}]
names: [relu]
reference: reference:ReLU
input: {axes: [N, K], layouts: [NK]}
output: {N: N, K: K}
sizes: {N: [2, 5], K: [3, 7]}
facets: {forward: 2, dX: 2}
"""
WORK = """
import numpy as np

def seven():
    return VALUE

class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dy):
        return dy * (self.x > 0)
"""
CHECK = """
from graders.api import Calls, Check, CheckResult, both, known, Lesson
from reference import ReLU

MEMO = []

def untouched(item, context, result):
    definition = next(d for d in context.definitions if d.name == result.binding.name)
    text = definition.source
    status = "failed" if "maximum" in text else "passed"
    return CheckResult("forward-own", "forward", status, both("np.maximum does it.", "np.maximumに頼っている。"))

def scratchgrade_checks(item):
    return [Check("forward-own", "forward", untouched)] if item.id == "relu" else []
"""


CONTENDED = '''
"""The kind again: the one of several functions answers that gives the number."""

from graders.api import (
    Binding, Calls, Kind, Text, both, candidates, contended, passed, verdict, wrong,
)


def judged(item, context, definition):
    outcome = Calls(context).function(definition).run()
    if not outcome.ok:
        return None
    value = float(outcome.found[0].array)
    says = both("{value}", "{value}", value=value)
    check = (passed if value == item.options["value"] else wrong)("answers", says)
    return verdict(item, [check], Binding(definition.name, definition.cell))


def judge(item, context):
    found = candidates(item, context, "function")
    result = contended(context, item, found, lambda d: judged(item, context, d))
    return result or context.absent(item, [])


def written(item):
    return {"a function": f"def {item.id}():\\n    return reference.ReLU\\n"}


def scratchgrade_kinds():
    schema = {"properties": {"value": {"type": "number"}}, "required": ["value"]}
    return [Kind("number", judge, {"answers": Text("it", "数")}, schema, interfaces=written)]
'''


@pytest.fixture(autouse=True)
def _no_plugins_afterwards() -> Iterator[None]:
    yield
    use_plugins("")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with specs of a plugin's kind and of one of ours, and the plugin."""
    folder = tmp_path / "specs" / "tiny"
    folder.mkdir(parents=True)
    for name, text in (("sprint", SPRINT), ("seven", SEVEN), ("relu", RELU)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "numbers_kind.py").write_text(KIND, encoding="utf-8")
    return tmp_path


def graded(course: Path, source: str, *more: str, plugin: str = "") -> dict[str, dict[str, Any]]:
    """The report's items by id."""
    work, report = course / "work.py", course / "report.json"
    work.write_text(source)
    own = ",".join(filter(None, [str(course / "numbers_kind.py"), plugin]))
    arguments = ["--specs", str(course / "specs"), "--plugin", own, "--lang", "en", *more]
    status = cli.main(["grade", str(work), "--report", str(report), *arguments])
    items = json.loads(report.read_text())["items"]
    assert status == (0 if all(i["status"] == "passed" for i in items) else 1)
    return {item["id"]: item for item in items}


# -- what they add -------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "status", "message"), [
    ("7", "passed", "Everything that was checked is right."),
    ("8", "failed", "8.0 is not it."),
    ("1 / 0", "error", "seven() raised ZeroDivisionError: division by zero (work.py, line 5: return 1 / 0)."),
])  # fmt: skip
def test_a_kind_of_its_own(course: Path, value: str, status: str, message: str) -> None:
    items = graded(course, WORK.replace("VALUE", value))
    assert items["seven"]["status"] == status
    assert items["seven"]["message"] == message
    assert items["relu"]["status"] == "passed"


def test_what_nothing_answers_is_missing_in_both_languages(course: Path) -> None:
    source = WORK.replace("def seven", "def eight").replace("VALUE", "8")
    assert graded(course, source + "# seven seven")["seven"]["status"] == "missing"
    japanese = graded(course, WORK.replace("VALUE", "8"), "--lang", "ja")["seven"]
    assert japanese["message"] == "8.0 ではない。"


def test_a_further_check_of_a_kind_of_ours(course: Path) -> None:
    extra = course / "own_check.py"
    extra.write_text(CHECK, encoding="utf-8")
    right = WORK.replace("VALUE", "7")
    relu = graded(course, right, plugin=str(extra))["relu"]
    assert (relu["status"], relu["score"]) == ("partial", 2)
    (check,) = (c for c in relu["checks"] if c["id"] == "forward-own")
    assert (check["status"], check["message"]) == ("failed", "np.maximum does it.")
    assert relu["message"] == "np.maximum does it."
    relu = graded(course, right.replace("np.maximum(x, 0)", "x * (x > 0)"), plugin=str(extra))[
        "relu"
    ]
    assert (relu["status"], relu["score"]) == ("passed", 4)
    broken = right.replace("np.maximum(x, 0)", "x.nothing")
    relu = graded(course, broken, plugin=str(extra))["relu"]
    assert (relu["status"], relu["score"]) == ("partial", 2)
    assert "'numpy.ndarray' object has no attribute 'nothing'" in relu["message"]


@pytest.mark.parametrize(("values", "points"), [("87", 2), ("78", 2), ("88", 0)])
def test_of_several_candidates_the_right_one_answers(
    course: Path, values: str, points: int
) -> None:
    (course / "numbers_kind.py").write_text(CONTENDED, encoding="utf-8")
    spec = course / "specs" / "tiny" / "seven.yaml"
    spec.write_text(SEVEN.replace("[seven]", "['seven\\w*']"), encoding="utf-8")
    first, second = values[0], values[1]
    more = f"\ndef seven_again():\n    return {second}\n"
    assert graded(course, WORK.replace("VALUE", first) + more)["seven"]["score"] == points


def test_the_audit_wraps_what_a_kind_says_is_written(course: Path) -> None:
    (course / "numbers_kind.py").write_text(CONTENDED, encoding="utf-8")
    use_plugins(str(course / "numbers_kind.py"))
    (spec,) = (i for i in load_sprints(course / "specs")["tiny"].items if i.id == "seven")
    (one,) = interfaces(spec)
    assert (one.name, set(one.names())) == ("a function", {"ReLU"})
    assert "def seven():" in one.source


def test_pytest_has_an_item_for_each_of_its_checks(course: Path) -> None:
    extra = course / "own_check.py"
    extra.write_text(CHECK, encoding="utf-8")
    (course / "work.py").write_text(WORK.replace("VALUE", "7"))
    work, specs = str(course / "work.py"), str(course / "specs")
    command = [sys.executable, "-m", "pytest", "graders", "-v", "--submission", work]
    command += ["--specs", specs, "--plugin", f"{course / 'numbers_kind.py'},{extra}"]
    done = warm.run(command)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tiny/seven/answers PASSED" in done.stdout
    assert "tiny/relu/forward PASSED" in done.stdout
    assert "tiny/relu/forward-own FAILED" in done.stdout


def test_a_class_is_graded_with_the_plugin_and_again_when_it_changes(course: Path) -> None:
    for name, value in (("a", "7"), ("b", "8")):
        (course / "class" / name).mkdir(parents=True)
        (course / "class" / name / "work.py").write_text(WORK.replace("VALUE", value))
    plugin = course / "numbers_kind.py"
    arguments = [str(course / "class"), "--specs", str(course / "specs"), "--plugin", str(plugin)]
    arguments += ["--out", str(course / "out"), "--workers", "1"]

    def messages(*more: str) -> dict[str, str]:
        command = [sys.executable, "-m", "graders.cli", "batch", *arguments, *more]
        assert warm.run(command).returncode == 0
        reports = {
            f.stem: json.loads(f.read_text()) for f in (course / "out" / "reports").iterdir()
        }
        return {name: report["items"][0]["message"] for name, report in reports.items()}

    assert messages() == {"a": "Everything that was checked is right.", "b": "8.0 is not it."}
    plugin.write_text(KIND.replace("is not it", "is wrong"), encoding="utf-8")
    assert messages("--resume")["b"] == "8.0 is wrong."


# -- faults of a plugin ----------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new", "said"), [
    ("    found = candidates", "    found = nothing + candidates", "NameError: name 'nothing'"),
    ("return verdict(item, [check], B", "return (item, [check], B", "the judge gave tuple, not an ItemResult"),
    ('passed("answers", b', 'passed("forward", b', "is no check of a facet that the item has"),
])  # fmt: skip
def test_a_fault_of_a_judge_costs_its_item_only(
    course: Path, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "numbers_kind.py").write_text(KIND.replace(old, new), encoding="utf-8")
    items = graded(course, WORK.replace("VALUE", "7"))
    assert items["seven"]["status"] == "error"
    assert said in items["seven"]["message"]
    assert (
        "please tell your instructor. It says nothing about the code." in items["seven"]["message"]
    )
    assert items["relu"]["status"] == "passed"
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err


@pytest.mark.parametrize(("old", "new", "said"), [
    ("    definition = ", "    definition = nothing + ", "NameError: name 'nothing'"),
    ('CheckResult("forward-own"', 'CheckResult("forward"', "the check forward-own gave"),
])  # fmt: skip
def test_a_fault_of_a_further_check_costs_its_item_only(
    course: Path, old: str, new: str, said: str
) -> None:
    (course / "own_check.py").write_text(CHECK.replace(old, new), encoding="utf-8")
    items = graded(course, WORK.replace("VALUE", "7"), plugin=str(course / "own_check.py"))
    assert items["seven"]["status"] == "passed"
    assert items["relu"]["status"] == "error"
    assert said in items["relu"]["message"]


_TEXT = "from graders.api import Kind, Text, Check, known, both, Lesson\nT = Text('a', 'b')\n"
BAD = {
    "import": ("import nothing_of_the_kind", "can't be imported: ModuleNotFoundError"),
    "syntax": ("def", "can't be imported: SyntaxError"),
    "exit": ("raise RuntimeError('no licence')", "can't be imported: RuntimeError: no licence"),
    "stops": ("raise SystemExit(0)", "can't be imported: SystemExit: 0"),
    "empty": ("x = 1", "has none of the hooks scratchgrade_checks, scratchgrade_kinds"),
    "typo": ("def scratchgrade_kind(): return []", "unknown hook 'scratchgrade_kind'; did you mean 'scratchgrade_kinds'?"),
    "argument": ("def scratchgrade_checks(spec): return []", "spec"),
    "raises": ("def scratchgrade_kinds(): return 1 / 0", "scratchgrade_kinds failed: ZeroDivisionError"),
    "none": ("def scratchgrade_kinds(): pass", "scratchgrade_kinds failed: TypeError"),
    "type": ("def scratchgrade_kinds(): return ['layer']", "must give a list of Kind, and str is none"),
    "built-in": ("def scratchgrade_kinds(): return [Kind('layer', print, {'forward': T})]", "kind 'layer': it is a built-in kind"),
    "name": ("def scratchgrade_kinds(): return [Kind('My kind', print, {'forward': T})]", "its name must be small letters"),
    "twice": ("def scratchgrade_kinds(): return 2 * [Kind('mine', print, {'forward': T})]", "another plugin has a kind of this name"),
    "judge": ("def scratchgrade_kinds(): return [Kind('mine', None, {'forward': T})]", "its judge can't be called"),
    "facets": ("def scratchgrade_kinds(): return [Kind('mine', print, {})]", "it needs facets"),
    "language": ("def scratchgrade_kinds(): return [Kind('mine', print, {'forward': 'x'})]", "must be in both languages"),
    "schema": ("def scratchgrade_kinds(): return [Kind('mine', print, {'forward': T}, {'type': 'thing'})]", "its options are no JSON Schema"),
    "lesson": ("def scratchgrade_misconceptions(): return 2 * [known('a', 'fc', 'dX', print, Lesson(T, T, T))]", "misconception 'a' is there twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_plugin_that_cannot_be_used_is_told_in_a_sentence(
    case: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, reason = BAD[case]
    plugin = course / "mine.py"
    plugin.write_text(_TEXT + source + "\n")
    assert cli.main(["specs", "check", "--plugin", str(plugin)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"scratchgrade: plugin {plugin}: ")
    assert reason in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("check", "reason"), [
    ("Check('dW-own', 'dW', print)", "check 'dW-own': relu has no facet 'dW'"),
    ("Check('own', 'forward', print)", "check 'own': its id must begin with forward-"),
    ("Check('forward-own', 'forward', None)", "its run can't be called"),
    ("Check('forward-own', 'forward', print), Check('forward-own', 'forward', print)", "another check has this id"),
])  # fmt: skip
def test_a_check_that_fits_no_item_is_told_before_anything_is_graded(
    check: str, reason: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = course / "mine.py"
    hook = "def scratchgrade_checks(item): return [{}] if item.id == 'relu' else []\n"
    plugin.write_text(_TEXT + hook.format(check))
    own = f"{course / 'numbers_kind.py'},{plugin}"
    assert cli.main(["specs", "check", str(course / "specs"), "--plugin", own]) == 2
    assert reason in capsys.readouterr().err


def test_a_plugin_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for name, reason in (
        ("nowhere/mine.py", "no such file"),
        ("no_such_module", "No module named"),
    ):
        assert cli.main(["specs", "check", "--plugin", name]) == 2
        assert reason in capsys.readouterr().err


def test_a_mistake_of_ours_cannot_be_taken(tmp_path: Path) -> None:
    from graders.diagnosis import MISCONCEPTIONS

    plugin = tmp_path / "mine.py"
    line = "def scratchgrade_misconceptions(): return [known({!r}, 'fc', 'dX', print, None)]\n"
    plugin.write_text(_TEXT + line.format(MISCONCEPTIONS[0].id))
    with pytest.raises(PluginError, match="is there twice"):
        use_plugins(str(plugin))


# -- installed ones, and the student's process -----------------------------------------------------


@pytest.fixture
def installed(course: Path) -> dict[str, str]:
    """The environment of a process in which the plugin is installed, as pip leaves it."""
    site = course / "site-packages"
    info = site / "numbers_kind-1.0.dist-info"
    info.mkdir(parents=True)
    (course / "numbers_kind.py").rename(site / "numbers_kind.py")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numbers-kind\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scratchgrade]\nnumbers = numbers_kind\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}


def _run(course: Path, environment: dict[str, str], source: str) -> dict[str, Any]:
    work, report = course / "work.py", course / "report.json"
    work.write_text(source)
    command = [sys.executable, "-m", "graders.cli", "grade", str(work), "--report", str(report)]
    command += ["--specs", str(course / "specs")]
    subprocess.run(command, env=environment, cwd=course, timeout=120, check=False)
    return {item["id"]: item for item in json.loads(report.read_text())["items"]}


def test_an_installed_plugin_is_found_by_its_entry_point(
    course: Path, installed: dict[str, str]
) -> None:
    assert _run(course, installed, WORK.replace("VALUE", "7"))["seven"]["status"] == "passed"


def test_students_code_neither_has_nor_reads_a_plugin(
    course: Path, installed: dict[str, str]
) -> None:
    site = course / "site-packages"
    (site / "another.py").write_text("x = 1\n")
    reads = "7 if open({!r}).read() else 0".format
    beside = _run(course, installed, WORK.replace("VALUE", reads(str(site / "another.py"))))
    assert beside["seven"]["status"] == "passed"  # what lies beside it can be read
    stolen = _run(course, installed, WORK.replace("VALUE", reads(str(site / "numbers_kind.py"))))
    assert stolen["seven"]["status"] == "error"
    assert (
        "PermissionError" in stolen["seven"]["message"] or "No such" in stolen["seven"]["message"]
    )
    there = (
        "7 if any('numbers_kind' in m or m.split('.')[0] == 'graders' for m in sys.modules) else 0"
    )
    loaded = _run(course, installed, "import sys\n" + WORK.replace("VALUE", there))
    assert loaded["seven"]["message"] == "0.0 is not it."


# -- examples --------------------------------------------------------------------------------------


def test_nothing_but_the_examples_knows_of_the_examples() -> None:
    """They are proof that the interface is wide enough: what is there has no word about them."""
    packages = {p.name for p in (ROOT / "examples").glob("*/*_course")} or {"rnn_course"}
    for top in ("graders", "reference", "specs", "tests", "benchmarks"):
        for file in (ROOT / top).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [a.name for a in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                assert not {n.partition(".")[0] for n in names} & {"examples", *packages}, file
