"""Small classes of real submissions, and the command that grades them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests import warm

ROOT = Path(__file__).resolve().parent.parent
RIGHT = """\
# 【問題2】1次元畳み込み後の出力サイズの計算
def output_size(n_in, padding, filter_size, stride):
    return (n_in + 2 * padding - filter_size) // stride + 1
"""
WRONG = RIGHT.replace(" + 1\n", "\n")


def source(number: int) -> str:
    """The submission of a student: every third is wrong, and no two are the same file."""
    return f"# {number}\n" + (WRONG if number % 3 == 2 else RIGHT)


def write_class(folder: Path, students: int) -> Path:
    """A folder with one module a student, s00.py, s01.py ..."""
    folder.mkdir(parents=True)
    for number in range(students):
        (folder / f"s{number:02}.py").write_text(source(number), encoding="utf-8")
    return folder


def command(*arguments: object) -> list[str]:
    """`scratchgrade batch` for the first sprint of convolution."""
    return [sys.executable, "-m", "graders.cli", "batch", *map(str, arguments), "--sprint", "cnn1"]


def batch(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, run from the project's root; with one worker, if nothing else is said."""
    alone = () if {"--workers", "--executor"} & {*map(str, arguments)} else ("--workers", 1)
    return warm.run(command(*arguments, *alone))


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """An archive with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def notebook(*cells: str) -> str:
    """A notebook with these cells of code."""
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "source": c, "outputs": [], "execution_count": None}
        for c in cells
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def report(out: Path, id_: str) -> dict[str, Any]:
    """A report of a graded class."""
    data: dict[str, Any] = json.loads((out / "reports" / f"{id_}.json").read_text("utf-8"))
    return data


def wrapper(path: Path) -> Path:
    """A program at `path` that is this environment's Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return path
