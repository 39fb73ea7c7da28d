"""What this process need not do: share its own arithmetic among processors, look for garbage in imports.

The grader's arrays are small. BLAS would share their products among threads all the same, and those that
wait for the next one spin: a correlation of 20,000 numbers then costs 18 ms of processor time in place of
0.1. It is also what students' processes and the workers of a class have, so that sums are the same in all.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator

_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread() -> None:
    """BLAS has one thread here, unless the environment says how many; best before NumPy is imported."""
    if any(name in os.environ for name in _SETTINGS):
        return
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(1, user_api="blas")
    else:
        os.environ.update(dict.fromkeys(_SETTINGS, "1"))


@contextlib.contextmanager
def importing(module: str) -> Iterator[None]:
    """Within it `module` is imported: what that makes is no garbage. It is neither looked for meanwhile,
    which takes a sixth of the time of our imports, nor looked through later.
    """
    if module in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
