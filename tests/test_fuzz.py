"""A short run of the fuzzing; `python -m benchmarks.fuzz` is the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parent.parent / "benchmarks" / "fuzz.py"


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_notebooks_and_replies_are_read_or_refused(seed: int) -> None:
    line = [sys.executable, str(FUZZ), "--notebooks", "150", "--replies", "1000"]
    done = subprocess.run([*line, "--seed", str(seed)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "150 in" in done.stdout
    assert "1000 in" in done.stdout
