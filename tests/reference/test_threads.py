"""Sharing work among threads."""

import os
from threading import Barrier, current_thread

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from reference.threads import available, share


def test_all_shares_run_at_the_same_time() -> None:
    meet = Barrier(3, timeout=30)
    names: dict[int, str] = {}

    def work(i: int) -> None:
        names[i] = current_thread().name
        meet.wait()

    share(work, 3)
    assert sorted(names) == [0, 1, 2]
    assert len(set(names.values())) == 3
    assert names[0] == current_thread().name


def test_blas_has_one_thread_meanwhile_and_its_own_number_before_and_after() -> None:
    with threadpool_limits(2, user_api="blas"):
        assert available() == 2
        during: list[int] = []
        share(lambda i: during.append(available()), 2)
        assert during == [1, 1]
        with pytest.raises(ZeroDivisionError):
            share(lambda i: 1 // 0, 2)
        assert available() == 2
    with threadpool_limits(1, user_api="blas"):
        assert available() == 1


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_is_raised_when_all_have_ended(failing: int) -> None:
    started, ended = Barrier(2, timeout=30), []

    def work(i: int) -> None:
        started.wait()
        if i == failing:
            raise ValueError(f"share {i}")
        # Long after the other one has failed.
        np.linalg.svd(np.ones((200, 200)))
        ended.append(i)

    with pytest.raises(ValueError, match=f"share {failing}"):
        share(work, 2)
    assert ended == [1 - failing]


def test_who_shares_within_a_share_has_one_thread() -> None:
    inner: list[tuple[int, int, bool]] = []

    def work(i: int) -> None:
        here = current_thread().name
        share(lambda j: inner.append((i, j, current_thread().name == here)), 3)

    share(work, 2)
    assert sorted(inner) == [(i, j, True) for i in range(2) for j in range(3)]


def test_what_numpy_does_about_overflow_holds_in_every_share() -> None:
    def work(i: int) -> None:
        np.float64(1e308) * np.float64(1e308)

    with np.errstate(over="raise"):
        for shares in (1, 2):
            with pytest.raises(FloatingPointError):
                share(work, shares)
    with np.errstate(over="ignore"):
        share(work, 2)


# Python warns of just what is tested here.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_has_threads_of_its_own() -> None:
    share(lambda i: None, 2)
    child = os.fork()
    if not child:
        meet = Barrier(2, timeout=30)
        try:
            share(lambda i: meet.wait(), 2)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
