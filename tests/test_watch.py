"""`scratchgrade watch`: what a save changes is said, at once, and what it can't change is not done again."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.submission import Cell, Section, Submission
from graders.watch.changes import affected_names

ROOT = Path(__file__).resolve().parent.parent
SIZE = "def output_size(n, f, p=0, s=1):\n    return (n + 2 * p - f) // s + 1\n"
WRONG = SIZE.replace("// s + 1", "// s")
SLEEPS = "import time\nclass Model:\n    def fit(self, x):\n        time.sleep(8)\nModel().fit(1)\n"
Watching = Callable[..., "Watched"]


class Watched:
    """The command at work on a module; `said` waits for a line."""

    def __init__(self, path: Path, *options: str) -> None:
        line = [sys.executable, "-u", "-m", "graders.cli", "watch", str(path), "--lang", "en"]
        self.process = subprocess.Popen(
            [*line, "--sprint", "cnn1", *options], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in a job behind &
        )  # fmt: skip
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def said(self, what: str, seconds: float = 60) -> list[str]:
        """The lines up to the first one with `what`."""
        found = []
        deadline = time.monotonic() + seconds
        while True:
            try:
                found.append(self.lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"{what!r} was not said; {found}")
            if what in found[-1]:
                return found

    def end(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def watching() -> Iterator[Watching]:
    """Starts the command."""
    started: list[Watched] = []

    def watching_(path: Path, *options: str) -> Watched:
        started.append(Watched(path, *options))
        return started[-1]

    yield watching_
    for one in started:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()


def test_a_save_is_graded_and_only_what_changed_is_said(tmp_path: Path, watching: Watching) -> None:
    path, report = tmp_path / "answer.py", tmp_path / "report.json"
    path.write_text(WRONG)
    watched = watching(path, "--report", str(report))
    first = watched.said("waiting for changes")
    assert any("conv1d_out_size" in line and "wrong" in line for line in first)
    assert sum(line.startswith(("ok", "NG", "..", "  ")) and "1-D" in line for line in first) >= 5
    path.write_text(SIZE)
    second = watched.said("waiting for changes")
    assert any("wrong -> passed" in line for line in second)
    assert sum("1-D" in line for line in second) == 1
    assert second[-1].startswith("2 of ")
    assert json.loads(report.read_text())["score"] == 2.0
    path.write_text(SIZE + "\n# nothing\n")
    assert watched.said("waiting for changes")[-1].startswith("no verdict is another")
    assert watched.end() == 2


def test_a_file_that_is_half_written_is_waited_for(
    write_notebook: Callable[..., Path], watching: Watching
) -> None:
    path = write_notebook(WRONG)
    whole = path.read_text()
    watched = watching(path)
    watched.said("waiting for changes")
    path.write_text(whole[:40])
    time.sleep(0.3)
    path.write_text(whole.replace("// s", "// s + 1"))
    said = watched.said("waiting for changes")
    assert any("wrong -> passed" in line for line in said)
    assert not any("JSON" in line or "notebook.ipynb" in line for line in said)
    path.write_text("{")
    assert "notebook.ipynb" in watched.said("notebook.ipynb")[-1]
    path.write_text(whole)
    assert any("passed -> wrong" in line for line in watched.said("waiting for changes"))


def test_a_save_ends_the_training_of_what_was_saved_before(
    tmp_path: Path, watching: Watching
) -> None:
    path = tmp_path / "answer.py"
    path.write_text(WRONG + SLEEPS)
    watched = watching(path)
    assert any("wrong" in line for line in watched.said("conv1d_out_size"))
    path.write_text(SIZE + SLEEPS)
    began = time.monotonic()
    said = watched.said("wrong -> passed")
    assert time.monotonic() - began < 6  # the cell that sleeps was not waited for
    assert not any("waiting for changes" in line for line in said)
    watched.said("waiting for changes")


def test_there_must_be_a_file(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "graders.cli", "watch", str(tmp_path / "none.py")]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        f"scratchgrade: {tmp_path / 'none.py'}: no such file or folder"
    ]


# -- what a change can have affected -----------------------------------------------------------


def work(*sources: str, prose: str = "") -> Submission:
    cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
    return Submission(Path("x.ipynb"), "notebook", "", cells, prose + "\n".join(sources), "en")


LAYER = "class Conv:\n    def forward(self, x):\n        return x\n"
OTHER = LAYER.replace("return x", "return x + 1")
USES = "class Net:\n    def fit(self, x):\n        self.layer = Conv()\n"
APART = "def size(n):\n    return n\n"


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ([LAYER, USES, APART], [OTHER, USES, APART], {"Conv", "Net"}),
        ([LAYER, APART], [LAYER, APART.replace("n\n", "n + 1\n")], {"size"}),
        ([LAYER, "net = Conv()\nout = net.forward(1)"], [OTHER, "net = Conv()\nout = net.forward(1)"],
         {"Conv", "net", "out"}),
        ([APART, "table = []\ntable.append(size(3))", USES], [APART + "\n", "table = []\ntable.append(size(3))", USES], set()),
        ([APART, "table = []\ntable.append(size(3))"], [APART.replace("n\n", "n + 1\n"), "table = []\ntable.append(size(3))"],
         {"size", "table"}),
        ([LAYER], [LAYER + "\n# a comment"], set()),
    ],
)  # fmt: skip
def test_a_name_is_affected_by_what_it_is_made_of(
    before: list[str], after: list[str], names: set[str]
) -> None:
    assert set(affected_names(work(*before), work(*after)) or ()) == names


@pytest.mark.parametrize(
    "after",
    [
        [LAYER, "n = 4"], [LAYER], ["n = 3", LAYER], [LAYER.replace("Conv", "Conv2"), "n = 3"],
        [LAYER.replace("    def", "    @staticmethod\n    def"), "n = 3"],
        [LAYER.replace("return x", "global n; n = 5"), "n = 3"], [LAYER + "x = (", "n = 3"],
    ],
)  # fmt: skip
def test_what_can_not_be_followed_affects_everything(after: list[str]) -> None:
    assert affected_names(work(LAYER, "n = 3"), work(*after)) is None


def test_prose_and_other_files_can_hold_answers(tmp_path: Path) -> None:
    assert affected_names(work(LAYER), work(LAYER, prose="25 x 25")) is None
