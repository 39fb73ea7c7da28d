"""`scratchgrade export`: its arguments, and what it does."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.grading import Request
from graders.options import OPTIONS, fields

_NOT_HERE = {"student_python"}  # a path of this machine


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's own arguments and those options of a grading that hold for a whole class."""
    export = commands.add_parser("export", help="make an autograder for a learning system")
    export.add_argument("system", choices=("gradescope",))
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    for option in OPTIONS:
        if not option.field.startswith("report") and option.field not in _NOT_HERE:
            export.add_argument(option.flag, **option.keywords)


def run(options: argparse.Namespace) -> int:
    """Write the archive; 0."""
    from graders.export.gradescope import write_autograder

    request = Request(options.output, **fields(vars(options)))
    write_autograder(request, options.output)
    print(f"{options.output}: upload it under Configure Autograder, with an Ubuntu 24.04 image")
    return 0
