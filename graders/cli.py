"""The `scratchgrade` command. What takes time to start is started before what takes time to load."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from graders import own, processors, streams

_GRADES = ("grade", "explain", "watch")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 (all required items right), 1 or 2 (usage)."""
    streams.hold_open()  # before anything is opened
    processors.one_thread()
    given = sys.argv[1:] if arguments is None else list(arguments)
    with processors.importing("graders.commands"):
        if given[:1] and given[0] in _GRADES and not {"-h", "--help"} & set(given):
            with contextlib.suppress(OSError):  # the grading itself says what can't be had
                _warm(given[1:])
        from graders.commands import run
    return run(given)


def _warm(arguments: list[str]) -> None:
    """Start the process that the student's will be forked from; the rest loads meanwhile."""
    from graders.sandbox.forkserver import Kind, servers
    from graders.sandbox.preloading import modules_in_file

    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("submission", type=Path, nargs="?")
    parser.add_argument("--student-python", default=sys.executable)
    try:
        options, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return  # the command's own parser says what is wrong
    modules = modules_in_file(options.submission) if options.submission else ()
    servers.prepare(Kind(options.student_python), modules)


if __name__ == "__main__":
    own.stand_aside()
    sys.exit(main())
