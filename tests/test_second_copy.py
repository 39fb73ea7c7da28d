"""A second copy of the project in the student's interpreter: its reference answers nothing."""

from __future__ import annotations

import json
import shutil
import sys
import venv
from pathlib import Path

import pytest

import reference
from graders.engine import ItemFinished, Loaded, Options, grade
from graders.sandbox.isolation import Level, Wanted, bubblewrap, copies, interpreter
from graders.submission import read_submission
from tests.built_in import built_in_sprints

ROOT = Path(reference.__file__).resolve().parents[1]
STEALS = """
import importlib, os, sys
R = None
for name in ("reference", "specs", "graders"):
    try:
        module = importlib.import_module(name)
        if module.__file__:  # an empty folder imports as a namespace
            print("imports", name)
        R = R or getattr(module, "conv_output_size", None)
    except BaseException as error:
        print(type(error).__name__)
for folder in sys.path:
    for place, _, files in os.walk(folder):
        for name in files:
            if name in ("planes.py", "report.schema.json", "conv1d.yaml", "layer_search.py"):
                try:
                    print("reads", len(open(os.path.join(place, name)).read(20)), name)
                except OSError:
                    pass

def output_size(n_in, padding, filter_size, stride):
    return R(n_in, filter_size, stride, padding)
"""
RIGHT = """
def output_size(n_in, padding, filter_size, stride):
    return (n_in + 2 * padding - filter_size) // stride + 1
"""


def environment(folder: Path) -> tuple[str, Path]:
    """An interpreter with this one's packages; (its program, the folder of its own packages)."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    shared = [p for p in sys.path if p.endswith("-packages")]
    (packages / "shared.pth").write_text("\n".join(shared) + "\n", encoding="utf-8")
    return str(folder / "bin" / "python"), packages


def copied(into: Path) -> None:
    for name in ("reference", "specs", "graders"):
        left_out = shutil.ignore_patterns("__pycache__", "locale")
        shutil.copytree(ROOT / name, into / name, ignore=left_out)


def graded(python: str, level: Level, folder: Path, source: str) -> tuple[str, str, str]:
    """(status of the size function, what the code printed, the level that was observed)."""
    file = folder / "work.py"
    file.write_text(source, encoding="utf-8")
    options = Options(
        student_python=python, seed=1, items=frozenset(["conv1d_out_size"]),
        isolation=Wanted(level, level),
    )  # fmt: skip
    status = printed = seen = ""
    for event in grade(read_submission(file), built_in_sprints()["cnn1"], options):
        if isinstance(event, Loaded):
            printed, seen = "".join(run.output for run in event.runs), event.isolation.level
        elif isinstance(event, ItemFinished) and event.result.spec.id == "conv1d_out_size":
            status = event.result.status
    return status, printed, seen


@pytest.mark.parametrize("level", ["full", "kernel"])
@pytest.mark.parametrize("where", ["among its packages", "in a checkout on its path"])
def test_a_second_copy_is_behind_the_walls(level: Level, where: str, tmp_path: Path) -> None:
    if level == "full" and bubblewrap.absent():
        pytest.skip(f"bubblewrap: {bubblewrap.absent()}")
    python, packages = environment(tmp_path / "env")
    if where.startswith("among"):
        copied(packages)
    else:
        checkout = tmp_path / "env" / "share" / "checkout"
        copied(checkout)
        (packages / "__editable__.scratchgrade-0.1.0.pth").write_text(f"{checkout}\n")
    status, printed, seen = graded(python, level, tmp_path, STEALS)
    assert seen == level
    assert "imports" not in printed
    assert "reads" not in printed
    assert status not in ("passed", "partial")
    if level == "kernel":  # it is an interpreter like others
        assert graded(python, level, tmp_path, RIGHT)[0] == "passed"


def test_a_copy_that_the_walls_leave_readable_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canary reads one file of each copy: behind walls with a hole the level is `limits`."""
    python, packages = environment(tmp_path / "env")
    copied(packages)
    files = interpreter.files_of(python)
    hole = str(packages / "reference")
    assert hole in files.hidden
    leaky = interpreter.Files(
        files.executable, files.roots, (*files.read, hole), files.listed, (), files.forbidden
    )
    monkeypatch.setattr(interpreter, "files_of", lambda python: leaky)
    assert graded(python, "limits", tmp_path, RIGHT)[2] == "limits"
    from graders.sandbox.process import StudentProcess

    with StudentProcess(python, wanted=Wanted("limits", "kernel")) as process:
        assert process.isolation.level == "limits"
        assert "read" in process.isolation.acts


# -- what is a copy --------------------------------------------------------------------------------


def test_what_is_installed_is_found_by_what_it_is(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    copied(packages)
    (packages / "scratchgrade-0.1.0.dist-info").mkdir()
    (packages / "numpy").mkdir()
    (packages / "tests").mkdir()  # another package's
    found = copies.copies_in(copies.libraries([str(tmp_path)]))
    assert found == [str(packages / name) for name in ("graders", "reference", "specs")]


def test_another_package_of_that_name_stays(tmp_path: Path) -> None:
    for name in ("reference", "specs", "graders"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    assert copies.copies_in([str(tmp_path)]) == []


def test_an_editable_installation_leads_to_its_checkout(tmp_path: Path) -> None:
    packages, checkout = tmp_path / "site-packages", tmp_path / "my checkout"
    copied(checkout)
    (checkout / "submissions").mkdir()
    (packages / "scratchgrade-0.1.0.dist-info").mkdir(parents=True)
    url = checkout.as_uri()
    told = packages / "scratchgrade-0.1.0.dist-info" / "direct_url.json"
    told.write_text(json.dumps({"dir_info": {"editable": True}, "url": url}), encoding="utf-8")
    names = ("graders", "reference", "specs", "submissions")
    assert set(copies.copies_in([str(packages)])) == {str(checkout / n) for n in names}
    told.unlink()
    finder = packages / "__editable___scratchgrade_0_1_0_finder.py"
    mapping = {n: str(checkout / n) for n in names[:3]}
    finder.write_text(f"import sys\nMAPPING: dict[str, str] = {mapping!r}\n", encoding="utf-8")
    found = set(copies.copies_in([str(packages)]))
    assert found == {str(finder), *(str(checkout / n) for n in names)}


def test_a_course_that_plugs_in_is_no_students_reading(tmp_path: Path) -> None:
    for name, points in (("my_course", "[scratchgrade.specs]\nmy = my_course.specs\n"),
                         ("other", "[console_scripts]\nx = other:main\n")):  # fmt: skip
        (tmp_path / name).mkdir()
        metadata = tmp_path / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "entry_points.txt").write_text(points)
        (metadata / "RECORD").write_text(f"{name}/__init__.py,,\n{name}-1.0.dist-info/RECORD,,\n")
    assert copies.copies_in([str(tmp_path)]) == [str(tmp_path / "my_course")]
