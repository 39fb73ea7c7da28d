"""Warm starts: processes forked from one another's parent share nothing that counts."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.sandbox.forkserver import ForkServers, Kind, servers
from graders.sandbox.isolation import Level, Wanted, bubblewrap
from graders.sandbox.launching import NotStarted
from graders.sandbox.process import StudentProcess
from graders.sandbox.session import Budget, Session
from graders.submission import Cell, Section, Submission

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Linux forks, others start"
)
Run = Callable[..., list[str]]
ROOT = Path(__file__).resolve().parent.parent
WALLED: tuple[Level, ...] = ("full", "kernel")


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    servers.close()
    yield
    servers.close()


@pytest.fixture
def run() -> Run:
    """Runs cells in a process of their own and gives what each printed."""

    def run_(*sources: str, level: Level = "full", **more: object) -> list[str]:
        if level == "full" and (why := bubblewrap.absent()):
            pytest.skip(f"no bubblewrap here: {why}")
        cells = tuple(Cell(i, source, Section()) for i, source in enumerate(sources))
        work = Submission(Path("x.ipynb"), "notebook", "", cells, "\n".join(sources), "en", **more)  # type: ignore[arg-type]
        budget = Budget(cell=30, total=100)
        with Session(work, sys.executable, budget, wanted=Wanted(level, level)) as session:
            session.load()
            return [f"{r.error or ''}{r.output}".strip() for _, r in sorted(session.runs.items())]

    return run_


def server_pids() -> list[int]:
    return [server._popen.pid for server in servers._idle if server._popen is not None]


@pytest.mark.parametrize("level", WALLED)
def test_a_process_that_ended_well_leaves_its_server_to_the_next(run: Run, level: Level) -> None:
    parents = [run("import os; print(os.getppid())", level=level)[0]]
    first = server_pids()
    parents.append(run("import os; print(os.getppid())", level=level)[0])
    assert len(first) == 1
    assert server_pids() == first
    assert parents[0] == parents[1]


@pytest.mark.parametrize("level", WALLED)
@pytest.mark.parametrize(
    "source", ["import os; os._exit(0)", "import os; os.abort()", "import os; os.close(4)\nos.closerange(3, 50)"]
)  # fmt: skip
def test_after_any_other_end_there_is_a_new_server(run: Run, level: Level, source: str) -> None:
    run("x = 1", level=level)
    first = server_pids()
    run(source, level=level)
    assert len(first) == 1
    assert first[0] not in server_pids()
    assert not Path(f"/proc/{first[0]}").exists()


@pytest.mark.parametrize("level", WALLED)
def test_nothing_of_one_submission_reaches_the_next(run: Run, level: Level) -> None:
    """Names, modules, patches, environment, files, open descriptors, handlers, random numbers."""
    leave = (
        "import builtins, json, os, random, signal, sys, types, tempfile\nimport numpy as np\n"
        "SECRET = 1\nbuiltins.print_ = print\nsys.modules['left'] = types.ModuleType('left')\n"
        "np.dot = None\nos.environ['LEFT'] = '1'\nopen('left.txt', 'w').write('x')\n"
        "open(os.path.join(os.environ['HOME'], 'left.txt'), 'w').write('x')\n"
        "signal.signal(signal.SIGUSR1, lambda *a: None)\nos.umask(0)\nsys.path.append('/left')\n"
        "get_ipython().user_ns['In'] = 5\nprint(os.environ['HOME'])"
    )
    look = (
        "import builtins, os, signal, sys\nimport numpy as np\n"
        "print('SECRET' in globals(), hasattr(builtins, 'print_'), 'left' in sys.modules,"
        " np.dot is None, 'LEFT' in os.environ, os.listdir('.'), os.listdir(os.environ['HOME']),"
        " signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL, '/left' in sys.path)\n"
        "def is_open(n):\n    try: return bool(os.fstat(n))\n    except OSError: return False\n"
        "print([n for n in range(256) if is_open(n)])"
    )
    clean = run(look, level=level)[0]
    [home] = run(leave, level=level)
    assert run(look, level=level)[0] == clean
    assert clean.startswith("False False False False False [] ['work'] True False")
    peek = f"import os\nfor p in ({home!r}, os.path.dirname({home!r}), {home!r} + '/left.txt'):\n    try: print(os.listdir(p) if os.path.isdir(p) else open(p).read())\n    except OSError as e: print(type(e).__name__)"  # fmt: skip
    assert "left" not in run(peek, level=level)[0]


def test_each_process_has_random_numbers_of_its_own(run: Run) -> None:
    source = "import random\nimport numpy as np\nprint(np.random.rand(), random.random())"
    first, second = (run(source)[0].split() for _ in range(2))
    assert not set(first) & set(second)


def test_packages_that_cells_import_are_there_before_the_fork(run: Run) -> None:
    """And a file of the student's of that name comes first all the same."""
    pytest.importorskip("sklearn")
    source = "import sys\nprint('sklearn.metrics' in sys.modules)\nimport sklearn.metrics"
    assert run(source) == ["True"]
    assert run("import sys\nprint('sklearn.metrics' in sys.modules)") == ["True"]


def test_a_students_file_comes_before_a_package_that_is_imported_already(
    run: Run, tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    run("import sklearn.metrics")  # which imports joblib
    own = tuple((f"{name}.py", tmp_path / f"{name}.py") for name in ("joblib", "sklearn"))
    for _, file in own:
        file.write_text("own = 'mine'")
    assert run("import joblib\nprint(joblib.own)", companions=own) == ["mine"]
    # What the grading needs itself is nobody's to replace.
    assert run("import sklearn\nprint(hasattr(sklearn, 'own'))", companions=own) == ["False"]


def test_what_can_not_be_tidied_ends_the_server(run: Run) -> None:
    """Files in a folder without rights: the next process starts elsewhere, and starts."""
    source = "import os\nos.makedirs('d/e')\nopen('d/e/f', 'w').close()\n"
    first = run(source + "print(os.getppid())")
    assert run("print(1)") == ["1"]
    assert first[0].isdigit()


def test_a_server_that_is_killed_is_replaced(run: Run) -> None:
    run("x = 1")
    [pid] = server_pids()
    os.killpg(pid, 9)
    assert run("print(2)") == ["2"]
    assert server_pids() != [pid]


def test_what_was_prepared_is_what_is_taken(run: Run) -> None:
    servers.prepare(Kind(sys.executable))
    [pid] = server_pids()
    with StudentProcess() as process:
        assert process._server is not None and process._server._popen is not None
        assert process._server._popen.pid == pid
        assert server_pids() == []
    assert server_pids() == [pid]


def test_two_processes_at_once_have_a_server_each() -> None:
    with StudentProcess() as one, StudentProcess() as other:
        assert one._server is not other._server
        assert one.alive and other.alive
    assert len(server_pids()) == 2


def test_an_interpreter_without_numpy_is_told_in_its_own_words(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    pool = ForkServers()
    with pytest.raises(NotStarted, match="No module named 'numpy'"):
        pool.take(Kind(str(bare), "kernel", 2**20), 30)
    assert not pool._all


def test_what_a_killed_grader_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """Its folder, not those of graders that live, nor folders of others."""
    source = (
        "import os, sys, time\nfrom graders.sandbox.process import StudentProcess\n"
        "process = StudentProcess()\nprocess.start()\nprint('up', flush=True)\n"
        "sys.stdin.readline()\nprocess.close()\n"
    )
    tmp_path.chmod(0o711)
    (tmp_path / "scratchgrade-12345678").mkdir()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)}, cwd=ROOT,
        )
        for _ in range(2)
    ]  # fmt: skip
    killed, alive = started
    for one in started:
        assert one.stdout is not None and one.stdout.readline() == "up\n"
    before = {p.name for p in tmp_path.iterdir()}
    killed.kill()
    killed.communicate()
    last = "from graders.sandbox.process import StudentProcess\nwith StudentProcess(): pass"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", last], env=environment, cwd=ROOT, check=True)
    after = {p.name for p in tmp_path.iterdir()}
    assert len(before) == 3
    assert len(after) == 2 and after < before
    assert "scratchgrade-12345678" in after
    assert alive.poll() is None
    alive.communicate("\n")
    assert {p.name for p in tmp_path.iterdir()} == {"scratchgrade-12345678"}
