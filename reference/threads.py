"""Work that is shared among as many threads as NumPy's BLAS may use.

BLAS has threads of its own, but multiplies small matrices in one of them. Who makes many small
products shares these out instead; NumPy lets go of the interpreter while it computes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

# Imported where they are needed: only large inputs need them, and an import takes some time.
if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import ThreadpoolController

_sharing = Lock()


def available() -> int:
    """How many threads BLAS may use now, by its environment variables or by threadpoolctl."""
    return max((library.num_threads for library in _blas().lib_controllers), default=1)


def share(work: Callable[[int], object], shares: int) -> None:
    """Call ``work(0)`` .. ``work(shares - 1)`` side by side and wait for all of them.

    BLAS has one thread meanwhile: its idle ones would go on spinning and take the processors from
    ours. That holds for the whole process, so while another thread shares, the calls are made one
    after the other. Raises what a call raises, once all have ended.
    """
    if shares == 1 or not _sharing.acquire(blocking=False):
        for i in range(shares):
            work(i)
        return
    try:
        with _blas().limit(limits=1):
            _side_by_side(work, shares)
    finally:
        _sharing.release()


def _side_by_side(work: Callable[[int], object], shares: int) -> None:
    from concurrent.futures import wait
    from contextvars import copy_context

    # In a copy of the context, which holds what NumPy does about overflow and the like.
    pool = _pool(os.getpid())
    others = [pool.submit(copy_context().run, work, i) for i in range(1, shares)]
    try:
        work(0)
    finally:
        wait(others)
    for other in others:
        other.result()


@cache
def _blas() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads of a process; one that is forked from it has none of them."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(thread_name_prefix="reference")
