"""A folder of the grader's for a while, and what killed graders left of theirs.

Each is locked as long as its grader lives, however that ends; one that nobody holds is removed by
the next grader of the same user.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from graders.sandbox.isolation import tree

PREFIX = "scratchgrade-"
_OWNER = ".owner"


class Folder:
    """A fresh folder in the folder for temporary files; `close` removes it."""

    def __init__(self) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock = os.open(self.path / _OWNER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            os.close(self._lock)  # taken for a left one in this very moment

    def close(self) -> None:
        """Remove it, whatever is in it. Safe to repeat."""
        if self._lock >= 0:
            remove(self.path)
            os.close(self._lock)
            self._lock = -1


def sweep() -> None:
    """Remove the folders of this user's graders that were killed."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}????????"):
        with contextlib.suppress(OSError):
            if place.lstat().st_uid == os.geteuid() and not place.is_symlink():
                _remove_if_left(place)


def _remove_if_left(place: Path) -> None:
    lock = os.open(place / _OWNER, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        end_left(place)
        remove(place)
    finally:
        os.close(lock)


def end_left(folder: Path) -> None:
    """End what a process that was killed left behind: processes with files below its folder.

    bubblewrap ends with its parent, but for the moment between its first two steps: its child waits
    for ever then, before any code of the student's is loaded.
    """
    mark = os.fsencode(folder) + b"/"
    tree.kill_found(lambda environment: mark in environment)


def remove(folder: Path) -> None:
    """Remove a folder whatever is in it: without rights, or deeper than Python can go."""
    if not folder.exists():
        return
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
        return
    for place, folders, _ in os.walk(folder):
        for name in folders:
            inner = os.path.join(place, name)
            if not os.path.islink(inner):
                with contextlib.suppress(OSError):
                    os.chmod(inner, 0o700)
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(["rm", "-rf", "--", str(folder)], capture_output=True, timeout=60)
