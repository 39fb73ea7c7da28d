"""The edges of a shell: closed or full streams, encodings without Japanese."""

from __future__ import annotations

import contextlib
import os
import sys

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
_closed: set[str] = set()


def hold_open() -> frozenset[str]:
    """Give the three standard streams somewhere to go; the names of those that were closed.

    A file or pipe that is opened later would get the number of a closed stream, and what is written
    to that stream.
    """
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            _closed.add(name)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
            _closed.add(name)
    return frozenset(_closed)


def were_closed() -> frozenset[str]:
    """The names of the streams that `hold_open` found closed."""
    return frozenset(_closed)


def take_any_text() -> None:
    r"""Let the streams take every text: what their encoding lacks is written as ``\u3042``."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with contextlib.suppress(ValueError, OSError):
                reconfigure(errors="backslashreplace")


def lacks_japanese() -> bool:
    """True if standard output is in an encoding that has no Japanese."""
    try:
        "あ漢".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def give_up(name: str) -> None:
    """Write nothing more to a stream that can't be written: Python flushes it at its end."""
    stream = getattr(sys, name)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(line: str) -> None:
    """A line for the user on standard error, if it can be written there."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        give_up("stderr")
