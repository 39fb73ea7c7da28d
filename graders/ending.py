"""The end of a helper process of ours, and with it of the students' processes that it started."""

from __future__ import annotations

import os
import threading
from typing import NoReturn

ENDING_SECONDS = 5.0


def end_here(seconds: float = ENDING_SECONDS) -> NoReturn:
    """End this process: there is nobody left to work for. However long it takes to end the others, it is
    over within `seconds`.
    """
    last = threading.Timer(seconds, os._exit, (1,))
    last.daemon = True
    last.start()
    from graders.sandbox.process import end_all

    end_all()
    os._exit(0)
