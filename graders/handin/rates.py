"""How often somebody may do something."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque


class Rates:
    """`most` times within `seconds`, each."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, who: str) -> int:
        """0, and it is counted; or how many seconds there are to wait, and it is not."""
        now, times = time.monotonic(), self._times[who]
        while times and now - times[0] >= self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return max(1, math.ceil(self._seconds - (now - times[0])))
        times.append(now)
        return 0
