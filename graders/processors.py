"""How many processors this process's own arithmetic may use: one.

The grader's arrays are small. BLAS would share their products among threads all the same, and those that
wait for the next one spin: a correlation of 20,000 numbers then costs 18 ms of processor time in place of
0.1. It is also what students' processes and the workers of a class have, so that sums are the same in all.
"""

from __future__ import annotations

import os
import sys

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
