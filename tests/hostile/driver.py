"""Grades hostile submissions one after the other and writes what became of each.

    python tests/hostile/driver.py FOLDER LEVEL SUBMISSION...

It runs in a process of its own, under the guard of the test that starts it: a grader that is
killed, filled or signalled takes no test run with it. FOLDER becomes the temp folder, with
`victim/` in it: what the attacks go for, open to everybody but for the walls.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import socket
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PORT = 47811
STOLEN = "def stolen(n, f, p=0, s=1):\n    return (n + 2 * p - f) // s + 1\n"
HONEST = "def output_size(n, f, p=0, s=1):\n    return (n + 2 * p - f) // s + 1\n"


def lay_out(folder: Path) -> None:
    """The folder that the attacks go for."""
    victim = folder / "victim"
    (victim / "other").mkdir(parents=True)
    (victim / "other" / "answer.py").write_text(STOLEN)
    (victim / "report.json").write_text("{}")
    (victim / "junit.xml").write_text("<testsuites/>")
    (victim / "conftest.py").write_text("")
    (folder / "honest.py").write_text(HONEST)
    folder.chmod(0o777)
    for place in victim.rglob("*"):
        place.chmod(0o777 if place.is_dir() else 0o666)
    victim.chmod(0o777)


def state(folder: Path) -> dict[str, Any]:
    """What must be the same afterwards: the victim, what else is there, and the checkout."""
    from graders.sandbox.forkserver import servers

    found: dict[str, Any] = {}
    for place in [folder / "victim", *sorted((folder / "victim").rglob("*"))]:
        status = place.lstat()
        content = place.read_text() if place.is_file() else ""
        found[str(place)] = (status.st_mode, status.st_uid, status.st_mtime_ns, content)
    warm = {server._folder.path for server in servers._idle}
    found["beside"] = sorted(p.name for p in folder.iterdir() if p not in warm)
    places = [ROOT, ROOT / "graders", ROOT / "specs" / "cnn1", ROOT / "submissions" / "hostile"]
    places += [ROOT / "submissions" / "hostile" / "planted", Path("/dev/shm"), Path("/run")]
    for place in places:
        with contextlib.suppress(OSError):
            names = sorted(p.name for p in place.iterdir() if p.name != "__pycache__")
            found[str(place)] = [n for n in names if place.is_relative_to(ROOT) or "hostile" in n]
    found["pyproject"] = (ROOT / "pyproject.toml").stat().st_mtime_ns
    return found


def left_over(folder: Path) -> list[str]:
    """Processes with our temp folder in their environment, and files in a warm server's folders.

    Not this process, nor the servers that wait for the next submission.
    """
    from graders.sandbox.forkserver import servers

    found, known = [], {os.getpid()}
    for server in servers._idle:
        assert server._popen is not None
        known |= _chain(server._popen.pid)
        for place in (server.ground.inbox, server.ground.scratches):
            found += [str(p) for p in place.iterdir() if p.name not in ("ipython", "mpl")]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(folder) not in (process / "environ").read_bytes():
                continue
            if int(process.name) not in known:
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def _chain(pid: int) -> set[int]:
    """A fork server, and what of bubblewrap stands before it; nothing that it forked."""
    known = {pid}
    while "bwrap" in (Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pid = int(children[0])
        known.add(pid)
    return known


class Services:
    """What the network attacks would reach; notes every byte and connection."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str] = []
        self._sockets: list[socket.socket] = []
        kinds: list[tuple[Any, Any, Any]] = [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
            (socket.AF_UNIX, socket.SOCK_STREAM, "\0scratchgrade-hostile"),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "victim" / "socket")),
        ]
        for family, kind, address in kinds:
            one = socket.socket(family, kind)
            try:
                one.bind(address)
            except OSError:
                continue  # the port is taken: this one is not observed
            self._sockets.append(one)
            threading.Thread(target=self._listen, args=(one, kind), daemon=True).start()

    def _listen(self, one: socket.socket, kind: int) -> None:
        with contextlib.suppress(OSError):
            if kind == socket.SOCK_STREAM:
                one.listen()
            while True:
                if kind == socket.SOCK_STREAM:
                    one.accept()[0].close()
                else:
                    one.recv(100)
                self.heard.append(str(one.getsockname()))


@functools.cache
def sprints() -> Any:
    """The specs, read once, as workers of a class read them."""
    from graders.specs import load_sprints

    return load_sprints()


def grade(path: Path, level: str, report: Path, item: str = "conv1d_out_size") -> dict[str, Any]:
    """One grading, as a front-end does it; what it came to."""
    from dataclasses import replace

    from graders.errors import GraderError
    from graders.grading import Grading, Request
    from graders.report.terminal import summary
    from graders.sandbox.isolation import Wanted
    from graders.sandbox.process import Limits
    from graders.sandbox.session import Budget

    report.unlink(missing_ok=True)
    began = time.monotonic()
    record: dict[str, Any] = {"error": "", "lines": []}
    try:
        grading = Grading(Request(path, "cnn1", report=report, language="en"), sprints())
        wanted: Any = Wanted(required=level, ceiling=level)  # type: ignore[arg-type]
        budget = Budget(cell=1.0, total=4.0, late_cell=0.5, call=0.6)
        limits = Limits(memory_bytes=2 * 2**30, scratch_bytes=64 * 2**20, file_bytes=48 * 2**20)
        grading.options = replace(grading.options, isolation=wanted, budget=budget, limits=limits)
        grading.select(frozenset({item}))
        for _ in grading.events():
            pass
        grading.finish()
        record["lines"] = [line for line, _ in summary(grading.report)]
    except GraderError as error:
        record["error"] = str(error)
    record["seconds"] = round(time.monotonic() - began, 2)
    return record


def main() -> None:
    """Grade what the command line names; write results.json."""
    folder, level = Path(sys.argv[1]), sys.argv[2]
    lay_out(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    sys.path.insert(0, str(ROOT))
    report = folder / "report-of-the-attack.json"
    services = Services(folder)
    report.write_text("")
    (folder / "results.json").write_text("[]")
    before = state(folder)
    results = []
    for number, name in enumerate(sys.argv[3:]):
        path = Path(name)
        record: dict[str, Any] = {"name": path.name}
        try:
            record |= grade(path, level, report)
            record["report"] = json.loads(report.read_text())
        except BaseException:
            record["error"] = traceback.format_exc()
        report.touch()
        after = state(folder)
        record["changed"] = [str(k) for k in before | after if before.get(k) != after.get(k)]
        for _ in range(100):  # a server tidies up after it has answered
            record["left"] = left_over(folder)
            if not record["left"]:
                break
            time.sleep(0.05)
        record["heard"] = list(services.heard)
        services.heard.clear()
        if number % 4 == 3 or path.name == Path(sys.argv[-1]).name:
            grade(folder / "honest.py", level, report)
            record["next"] = json.loads(report.read_text())["score"]
        results.append(record)
        (folder / "results.json").write_text(json.dumps(results))
        before = state(folder)


if __name__ == "__main__":
    main()
