"""A command that is forked is what it is when an interpreter is started for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm

WORK = warm.ROOT / "submissions" / "right" / "channels_last.py"
CLI = (sys.executable, "-m", "graders.cli")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
ITEM = ("--sprint", "cnn1", "--lang", "en")
SAME = {
    "grade": (*CLI, "grade", str(WORK), *ITEM, "--item", "conv1d_out_size"),
    "no file": (*CLI, "grade", "no \u3042 \udce9.py"),
    "usage": (*CLI, "grade", "--nothing"),
    "pytest": (*PYTEST, "graders", "--submission", str(WORK), *ITEM, "-k", "conv1d_out_size"),
    "nothing to grade": (*PYTEST, "graders"),
}


def plain(text: str) -> str:
    """Without the seconds that something took."""
    return re.sub(r"=+ (.*) in [0-9.]+s =+", r"\1", text)


@pytest.mark.parametrize("line", SAME.values(), ids=SAME)
def test_status_and_output_are_those_of_an_interpreter(
    line: tuple[str, ...], tmp_path: Path
) -> None:
    started = subprocess.run(
        line, cwd=warm.ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    forked = warm.run(line)
    assert forked.returncode == started.returncode
    assert plain(forked.stdout) == plain(started.stdout)
    assert plain(forked.stderr) == plain(started.stderr)


def test_folder_and_environment_are_those_that_are_given(tmp_path: Path) -> None:
    (tmp_path / "here.py").write_text(
        "import os, sys\nprint(os.getcwd(), os.environ['GIVEN'], os.environ.get('HOME'), __name__)\n"
    )
    line = [*PYTEST, "-p", "here"]
    done = warm.run(line, cwd=tmp_path, env={**os.environ, "GIVEN": "yes", "HOME": "x"})
    assert f"{tmp_path} yes x here" in done.stdout + done.stderr
    assert done.returncode == 5
    assert os.getcwd() != str(tmp_path)


def test_what_an_interpreter_reads_when_it_starts_is_read(tmp_path: Path) -> None:
    work = tmp_path / "課題.py"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"}
    done = warm.run([*CLI, "grade", str(work)], env=environment)
    assert "\\u8ab2\\u984c.py: no such file" in done.stderr


def test_what_takes_too_long_is_ended_and_the_next_one_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    (tmp_path / "waits.py").write_text(
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(100)\n"
    )
    assert warm.run([*CLI, "--version"]).returncode == 0  # it has started
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run([*PYTEST, "-p", "waits"], cwd=tmp_path, timeout=10)
    assert not Path(f"/proc/{mark.read_text()}").exists()
    assert warm.run([*CLI, "--version"]).returncode == 0
