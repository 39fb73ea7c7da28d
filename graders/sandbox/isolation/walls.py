"""All layers together, for one process: what to run, what to tell it, what came of it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import platform
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.sandbox.isolation import bubblewrap, interpreter, seccomp, spare_uid, tree
from graders.sandbox.isolation.levels import Isolation, Wanted, level_of

_THREADS = 512
_FORBIDDEN = Path(__file__).parents[2] / "engine.py"  # any file that only the grader needs


@dataclass
class Walls:
    """The walls of one process. Make the folders, start `command`, then ask `judge`.

    `base` is a fresh folder of the grader's; the student's process writes in `base/home`.
    """

    python: str
    base: Path
    wanted: Wanted
    scratch_bytes: int
    with_bubblewrap: bool = True
    home: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home, self.work = self.base / "home", self.base / "home" / "work"
        self._absent: dict[str, str] = {}
        self.files = interpreter.files_of(self.python)
        self._way = self._bubblewrap()
        self._user: spare_uid.SpareUser | None = None
        self.uid = self._spare_user()
        self._info = -1

    def _bubblewrap(self) -> bubblewrap.Way | None:
        found = bubblewrap.way() if self.wanted.ceiling == "full" else "not asked for"
        if not self.with_bubblewrap:
            found = "refused by the system"
        if isinstance(found, str):
            self._absent["bubblewrap"] = found
            return None
        return found

    def _spare_user(self) -> int | None:
        reason = "" if self.wanted.ceiling in ("full", "uid") else "not asked for"
        if self._way is not None and self._way.user_namespace:
            reason = "refused by the system" if os.geteuid() == 0 else "needs root"
        if not reason:
            places = [self.base.parent] if self._way else [self.base.parent, *self.files.roots]
            reason = spare_uid.absent(str(p) for p in places)
        if not reason:
            self._user = spare_uid.SpareUser()
            if self._user.uid is not None:
                return self._user.uid
            reason = "no spare user"
        self._absent["uid"] = reason
        return None

    @property
    def in_memory(self) -> bool:
        """True if the scratch is a memory file system, which has its size of itself."""
        return self._way is not None

    def lay_out(self, companions: tuple[tuple[str, Path], ...]) -> None:
        """Make the folders and lay the student's other files into them."""
        self.base.chmod(0o711)
        self.home.mkdir()
        (self.base / "outside").mkdir()
        (self.base / "outside").chmod(0o777)  # no mode, but the walls keep others out of it
        target = self.base / "stage" if self.in_memory else self.work
        target.mkdir()
        for name, source in companions:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        for place in (self.home, target, *target.rglob("*")):
            place.chmod(0o755 if place.is_dir() else 0o644)
            if self.uid is not None and not self.in_memory:
                os.chown(place, self.uid, self.uid)

    def command(self, arguments: list[str], readable: list[Path]) -> tuple[list[str], list[int]]:
        """The command line, and descriptors to pass to it and to close here afterwards."""
        if self._way is None:
            return [self.python, *arguments], []
        self._info, told = os.pipe()
        stage = self.base / "stage"
        front = bubblewrap.command(
            self._way, self.files, self.home, self.scratch_bytes, [stage, *readable], told
        )
        return [*front, self.files.executable, *arguments], [told]

    def settings(self, readable: list[Path]) -> dict[str, Any]:
        """What the process is told to put on; see `sgworker.confine`."""
        walls = self.wanted.ceiling != "limits"
        processes: int | None = None
        if self.uid is not None:
            processes = _THREADS
        elif os.geteuid() != 0 and os.path.isdir("/proc/self"):
            processes = spare_uid.threads_of_this_user() + _THREADS
        read = [*self.files.read, *map(str, readable)]
        code = seccomp.program(platform.machine()) if walls and not seccomp.absent() else b""
        return {
            "walls": walls,
            "uid": self.uid,
            "processes": processes,
            "files": [read, list(self.files.listed), [str(self.home)]],
            "filter": base64.b64encode(code).decode("ascii"),
            "own_pid_mark": seccomp.OWN_PID,
            "stage": str(self.base / "stage") if self.in_memory else None,
            "work": str(self.work),
            "canary": {"read": str(_FORBIDDEN), "write": str(self.base / "outside" / "canary")},
        }

    def number(self, started: int) -> int:
        """The worker's process number, `started` being that of what was started."""
        if self._info < 0:
            return started
        try:
            keeper = int(json.loads(os.read(self._info, 4096))["child-pid"])
            return tree.child_of(keeper) or keeper
        except (OSError, ValueError, KeyError, TypeError):
            return started

    def judge(self, told: dict[str, Any]) -> Isolation:
        """What is in force, from the process's greeting."""
        absent = dict(self._absent)
        if self.wanted.ceiling == "limits":
            absent |= dict.fromkeys(("landlock", "seccomp"), "not asked for")
        return level_of(told, self.in_memory, absent)

    def release(self) -> None:
        """Give back what was held; the processes must be gone."""
        if self._info >= 0:
            with contextlib.suppress(OSError):
                os.close(self._info)
            self._info = -1
        if self._user is not None:
            self._user.release()


def remove(folder: Path) -> None:
    """Remove a folder whatever is in it: without rights, or deeper than Python can go."""
    import subprocess

    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
        return
    if not folder.exists():
        return
    for place, folders, _ in os.walk(folder):
        for name in folders:
            inner = os.path.join(place, name)
            if not os.path.islink(inner):
                with contextlib.suppress(OSError):
                    os.chmod(inner, 0o700)
    with contextlib.suppress(OSError):
        subprocess.run(["rm", "-rf", "--", str(folder)], capture_output=True, timeout=60)
