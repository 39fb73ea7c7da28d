"""Watches what no limit of the kernel's counts: the scratch folder's size and the threads.

The kernel limits the size of one file, not of all. Files that were deleted while open are
found through the process's descriptors; mapped ones count as its memory.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

MAX_FILES = 20_000
MAX_THREADS = 1_000
_PAUSE = 0.1
_LONGEST = 3_000  # characters of a path; the kernel takes 4,096


class Watcher:
    """A thread that looks ten times a second and ends what has grown too large."""

    def __init__(
        self, pid: int, folder: Path | None, most: int, end: Callable[[str], None]
    ) -> None:
        """`folder`: None where its size needs no watching. `end` is told the reason, once."""
        self._pid, self._folder, self._most, self._end = pid, folder, most, end
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()

    def _watch(self) -> None:
        pause = _PAUSE
        while not self._stop.wait(pause):
            began = time.monotonic()
            reason = self._reason()
            if reason and not self._stop.is_set():
                self._end(reason)
                return
            pause = max(_PAUSE, 3 * (time.monotonic() - began))

    def _reason(self) -> str:
        try:
            if os.stat(f"/proc/{self._pid}/task").st_nlink - 2 > MAX_THREADS:
                return "it started too many threads"
        except OSError:
            pass  # it has ended, or there is no /proc
        if self._folder is None:
            return ""
        size, files = _size_of(self._folder, self._most)
        if size <= self._most:
            size += _deleted(self._pid)
        if size > self._most or files > MAX_FILES:
            return "it filled its scratch folder"
        return ""


def _size_of(folder: Path, most: int) -> tuple[int, int]:
    """Bytes on disk and number of entries, counted until it is too much."""
    size = files = 0
    todo = [str(folder)]
    while todo:
        place = todo.pop()
        if len(place) > _LONGEST:
            return size, MAX_FILES + 1  # too deep to look into
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    files += 1
                    if files > MAX_FILES or size > most:
                        return size, files
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return size, files


def _deleted(pid: int) -> int:
    size = 0
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            for entry in entries:
                try:
                    status = entry.stat()
                except OSError:
                    continue
                if status.st_nlink == 0:
                    size += status.st_blocks * 512
    except OSError:
        pass
    return size
