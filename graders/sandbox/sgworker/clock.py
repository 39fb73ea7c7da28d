"""Time as this process has it: while it stands in line for a processor, it has none."""

import os
import time


class OwnClock:
    """To be made before the walls are up, which close the kernel's file to it."""

    def __init__(self):
        try:
            self._file = os.open("/proc/self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # not Linux, or a kernel that keeps no such account
            self._file = -1

    def now(self):
        """Seconds; only differences mean something."""
        return time.monotonic() - self._waited()

    def _waited(self):
        try:
            return int(os.pread(self._file, 100, 0).split()[1]) * 1e-9
        except (OSError, ValueError, IndexError):
            return 0.0
