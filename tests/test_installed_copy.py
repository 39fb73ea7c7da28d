"""Scratch Grader as it is installed from a wheel, among the interpreter's own libraries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has a copy of the packages in its site-packages.

    All that they need comes from the environment of the tests.
    """
    home = tmp_path_factory.mktemp("installed") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (libraries,) = home.glob("lib/python3*/site-packages")
    for package in ("graders", "reference", "specs"):
        shutil.copytree(
            ROOT / package, libraries / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    own = next(p for p in sys.path if p.endswith("site-packages"))
    (libraries / "others.pth").write_text(own + "\n")
    return home / "bin" / "python"


def _run(python: Path | str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-P", "-m", "graders.cli", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def _level(text: str) -> str:
    (line,) = (s for s in text.splitlines() if s.startswith("isolation"))
    return line.split()[1].rstrip(":")


@pytest.mark.xdist_group("test_installed_copy")
def test_it_is_walled_off_as_a_clone_is(installed: Path, tmp_path: Path) -> None:
    clone = _run(sys.executable, tmp_path, "doctor")
    copy = _run(installed, tmp_path, "doctor")
    assert _level(copy.stdout) == _level(clone.stdout), copy.stdout
    assert "NOT STOPPED" not in copy.stdout or "NOT STOPPED" in clone.stdout


@pytest.mark.xdist_group("test_installed_copy")
def test_students_code_finds_nothing_of_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(
        "import importlib, os, sys\n\n\n"
        "def output_size(n_in, filter_size, padding=0, stride=1):\n"
        "    found = []\n"
        "    for name in ('graders.engine', 'specs', 'reference'):\n"
        "        try:\n"
        "            module = importlib.import_module(name)\n"
        "            found += [name] if getattr(module, '__file__', None) else []\n"
        "        except ImportError:\n"
        "            pass\n"
        "    for folder in sys.path:\n"
        "        for name in ('lib', 'lib64'):\n"
        "            place = folder.replace('/lib/', '/%s/' % name) + '/specs/cnn1/conv1d.yaml'\n"
        "            found += [place] if os.access(place, os.R_OK) else []\n"
        "    if found:\n"
        "        raise RuntimeError(repr(found))\n"
        "    return (n_in + 2 * padding - filter_size) // stride + 1\n"
    )
    done = _run(
        installed, tmp_path, "grade", "work.py", "--sprint", "cnn1", "--item", "conv1d_out_size"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok conv1d_out_size" in done.stdout
