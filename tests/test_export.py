"""What is made for other systems works there, as far as that can be tried without them."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.batch_class import RIGHT, ROOT, WRONG, notebook, wrapper


def export(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command."""
    line = [sys.executable, "-m", "graders.cli", "export", "gradescope", *map(str, arguments)]
    return warm.run(line)


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Gradescope has as /autograder, after setup.sh: the libraries are ours."""
    root = tmp_path_factory.mktemp("autograder")
    made = root / "autograder.zip"
    done = export("--sprint", "cnn1", "--lang", "ja", "--feedback", "hint", "-o", made)
    assert done.returncode == 0, done.stderr
    (root / "source").mkdir()
    subprocess.run(["unzip", "-q", made, "-d", root / "source"], check=True)
    wrapper(root / "venv" / "bin" / "python")
    return root


def run_autograder(root: Path, name: str, source: str) -> dict[str, Any]:
    """The results of a submission, as Gradescope runs it."""
    folder = root / "submission"
    folder.mkdir(exist_ok=True)
    for old in (*folder.iterdir(), *root.glob("results/*")):
        old.unlink()
    (folder / name).write_text(source, encoding="utf-8")
    done = subprocess.run(
        ["bash", root / "source" / "run_autograder"], cwd=folder, timeout=120, capture_output=True,
        text=True, env={"PATH": os.environ["PATH"], "HOME": str(root), "AUTOGRADER_ROOT": str(root)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    data: dict[str, Any] = json.loads((root / "results" / "results.json").read_text("utf-8"))
    return data


@pytest.mark.xdist_group("test_export")
def test_the_archive_has_what_gradescope_asks_for(autograder: Path) -> None:
    with zipfile.ZipFile(autograder / "autograder.zip") as archive:
        for name in ("setup.sh", "run_autograder"):
            info = archive.getinfo(name)
            assert stat.S_IMODE(info.external_attr >> 16) == 0o755
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
            assert b"\r" not in archive.read(name)
            assert b"@OPTIONS@" not in archive.read(name)
        pins = archive.read("requirements.txt").decode().split()
        names = archive.namelist()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    assert {"numpy", "nbclient", "rich", "jinja2"} <= {pin.partition("==")[0] for pin in pins}
    assert not [n for n in names if "__pycache__" in n or n.startswith("tests/")]
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", autograder / "source" / script], check=True)


@pytest.mark.xdist_group("test_export")
def test_it_grades_a_right_and_a_wrong_submission(autograder: Path) -> None:
    right = run_autograder(autograder, "a.ipynb", notebook(RIGHT))
    wrong = run_autograder(autograder, "a.py", WRONG)
    sizes = [
        next(t for t in d["tests"] if t["number"] == "conv1d_out_size") for d in (right, wrong)
    ]
    assert [t["status"] for t in sizes] == ["passed", "failed"]
    assert right["score"] == sizes[0]["score"] == sizes[0]["max_score"] > wrong["score"]
    assert "正解" in sizes[0]["name"]


@pytest.mark.xdist_group("test_export")
def test_what_is_handed_in_is_never_imported_by_the_grader(autograder: Path) -> None:
    data = run_autograder(autograder, "json.py", RIGHT + "\nraise SystemExit('imported')\n")
    assert next(t for t in data["tests"] if t["number"] == "conv1d_out_size")["status"] == "passed"


@pytest.mark.xdist_group("test_export")
def test_nothing_to_grade_is_a_result_with_its_reason(autograder: Path) -> None:
    data = run_autograder(autograder, "notes.txt", "sorry")
    assert data["score"] == 0
    assert "no notebook" in data["output"]


def test_specs_of_ones_own_travel_with_it(tmp_path: Path) -> None:
    made = tmp_path / "a.zip"
    overrides = tmp_path / "o.yaml"
    overrides.write_text("items:\n  conv1d:\n    name: MyConv\n")
    policy = tmp_path / "p.yaml"
    policy.write_text("name: Evening course\n")
    done = export(
        "--sprint", "cnn1", "--specs", ROOT / "specs", "--overrides", overrides,
        "--policy", policy, "-o", made,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(made) as archive:
        assert "given/specs/cnn1/sprint.yaml" in archive.namelist()
        assert archive.read("given/overrides.yaml") == overrides.read_bytes()
        assert archive.read("given/policy.yaml") == policy.read_bytes()
        assert (
            "--specs given/specs --policy given/policy.yaml --overrides given/overrides.yaml"
            in archive.read("run_autograder").decode()
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "{0}/a.zip"], "--sprint: say which sprint"),
        (["--sprint", "none", "-o", "{0}/a.zip"], "unknown sprint"),
        (["--sprint", "cnn1", "-o", "{0}/no/a.zip"], "can't be written"),
    ],
)
def test_a_wrong_export_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = export(*(a.format(tmp_path) for a in arguments))
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1
