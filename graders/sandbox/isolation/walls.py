"""All layers together: the ground that processes stand on, and the walls around each of them."""

from __future__ import annotations

import base64
import os
import platform
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.sandbox.isolation import bubblewrap, copies, interpreter, seccomp, spare_uid
from graders.sandbox.isolation.folders import remove
from graders.sandbox.isolation.levels import Isolation, Wanted, level_of
from graders.secret import place as place_of_the_secret

_THREADS = 512
_FORBIDDEN = Path(__file__).parents[2] / "engine.py"  # any file that only the grader needs


@dataclass
class Ground:
    """What processes of one kind stand on: a folder of the grader's, and namespaces if there are any.

    `base` is a fresh folder of the grader's. With bubblewrap the scratch folders of students'
    processes lie in a memory file system of `scratch_bytes`, which only exists within.
    """

    python: str
    base: Path
    wanted: Wanted
    scratch_bytes: int
    with_bubblewrap: bool = True
    scratches: Path = field(init=False)
    inbox: Path = field(init=False)
    outside: Path = field(init=False)

    def __post_init__(self) -> None:
        self.scratches = self.base / "scratch"
        self.inbox = self.base / "inbox"
        self.outside = self.base / "outside"
        self.absent: dict[str, str] = {}
        self.python = interpreter.absolute(self.python)  # it is started in another folder
        self.files = interpreter.files_of(self.python)
        self.way = self._bubblewrap()
        self.base.chmod(0o711)
        for folder, mode in ((self.scratches, 0o755), (self.inbox, 0o755), (self.outside, 0o777)):
            folder.mkdir()
            folder.chmod(mode)  # `outside` is open, but the walls keep others out of it

    def _bubblewrap(self) -> bubblewrap.Way | None:
        found = bubblewrap.way() if self.wanted.ceiling == "full" else "not asked for"
        if not self.with_bubblewrap:
            found = "refused by the system"
        if isinstance(found, str):
            self.absent["bubblewrap"] = found
            return None
        return found

    @property
    def in_memory(self) -> bool:
        """True if the scratch is a memory file system, which has its size of itself."""
        return self.way is not None

    def command(self, arguments: list[str]) -> list[str]:
        """The command line that starts the interpreter with `arguments` here."""
        if self.way is None:
            return [self.python, *arguments]
        front = bubblewrap.command(
            self.way, self.files, self.scratches, self.scratch_bytes, [self.inbox]
        )
        return [*front, self.files.executable, *arguments]

    def place(self, source: Path) -> Path:
        """The path under which processes here may read a copy of the file; made once."""
        status = source.stat()
        copy = self.inbox / f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}{source.suffix}"
        if not copy.exists():
            shutil.copyfile(source, copy)
            copy.chmod(0o644)
        return copy


@dataclass
class Walls:
    """The walls of one student's process, on `ground`: its user, its folders, what it is told.

    `name` is no other's on this ground. The process writes in `home` alone.
    """

    ground: Ground
    name: str
    home: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home = self.ground.scratches / self.name
        self.work = self.home / "work"
        self._stage = self.ground.inbox / self.name
        self._absent = dict(self.ground.absent)
        self._user: spare_uid.SpareUser | None = None
        self.uid = self._spare_user()

    def _spare_user(self) -> int | None:
        ground = self.ground
        reason = "" if ground.wanted.ceiling in ("full", "uid") else "not asked for"
        if ground.way is not None and ground.way.user_namespace:
            reason = "refused by the system" if os.geteuid() == 0 else "needs root"
        if not reason:
            places = [ground.base.parent]
            reason = spare_uid.absent(
                str(p) for p in (places if ground.way else [*places, *ground.files.roots])
            )
        if not reason:
            self._user = spare_uid.SpareUser()
            if self._user.uid is not None:
                return self._user.uid
            reason = "no spare user"
        self._absent["uid"] = reason
        return None

    def lay_out(self, companions: tuple[tuple[str, Path], ...]) -> None:
        """Make the folders and lay the student's other files into them."""
        in_memory = self.ground.in_memory
        target = self._stage if in_memory else self.work
        target.mkdir(parents=True)
        for name, source in companions:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        for place in (*(() if in_memory else (self.home,)), target, *target.rglob("*")):
            place.chmod(0o755 if place.is_dir() else 0o644)
            if self.uid is not None and not in_memory:
                os.chown(place, self.uid, self.uid)

    def settings(self, readable: list[Path]) -> dict[str, Any]:
        """What the process is told to put on; see `sgworker.confine`."""
        ground = self.ground
        walls = ground.wanted.ceiling != "limits"
        processes: int | None = None
        if self.uid is not None:
            processes = _THREADS
        elif os.geteuid() != 0 and os.path.isdir("/proc/self"):
            processes = spare_uid.threads_of_this_user() + _THREADS
        read = [*ground.files.read, *map(str, readable)]
        code = seccomp.program(platform.machine()) if walls and not seccomp.absent() else b""
        return {
            "walls": walls,
            "uid": self.uid,
            "processes": processes,
            "files": [read, list(ground.files.listed), [str(self.home)]],
            "filter": base64.b64encode(code).decode("ascii"),
            "own_pid_mark": seccomp.OWN_PID,
            "home": str(self.home),
            "stage": str(self._stage) if ground.in_memory else None,
            "work": str(self.work),
            "canary": {"read": self._forbidden(), "write": str(ground.outside / "canary")},
        }

    def _forbidden(self) -> list[str]:
        """Files that no student's process may read: one of each place of ours, and the secret."""
        found = [str(_FORBIDDEN), *map(copies.file_in, self.ground.files.forbidden)]
        secret = place_of_the_secret()
        if secret is not None:
            found.append(str(secret))
        return sorted({file for file in found if file is not None})

    def judge(self, told: dict[str, Any]) -> Isolation:
        """What is in force, from the process's greeting."""
        absent = dict(self._absent)
        if self.ground.wanted.ceiling == "limits":
            absent |= dict.fromkeys(("landlock", "seccomp"), "not asked for")
        return level_of(told, self.ground.in_memory, absent)

    def release(self) -> None:
        """Give back what was held and remove the folders; the processes must be gone."""
        for folder in (self._stage, self.home):
            remove(folder)
        if self._user is not None:
            self._user.release()
