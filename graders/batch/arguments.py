"""The arguments of `scratchgrade batch`; light to import, for every command's parser has them."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.batch.layouts import LAYOUTS
from graders.options import OPTIONS


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's own options and those of a grading."""
    batch = commands.add_parser("batch", help="grade a class of submissions")
    batch.add_argument(
        "submissions", metavar="SUBMISSIONS",
        help="a folder with one file or one folder a student, an export of Canvas, Moodle "
        "or Gradescope (zipped or not), clones of repositories, a CSV manifest, or a glob",
    )  # fmt: skip
    add = batch.add_argument
    add("--out", required=True, type=Path, metavar="DIR", help="where the results go")
    add("--workers", type=int, metavar="N", help="processes that grade (default: one a core)")
    add(
        "--executor",
        choices=("local", "dask"),
        default="local",
        help="where: on this machine (default), or on a Dask cluster",
    )
    add("--scheduler", metavar="ADDRESS", help="of the Dask cluster, as tcp://host:8786")
    add("--resume", action="store_true", help="go on; what is graded and unchanged stays")
    add("--retry-quarantined", action="store_true", help="with --resume: try those again, too")
    add("--layout", choices=LAYOUTS, default="auto", help="of SUBMISSIONS (default: found out)")
    add(
        "--assignment",
        default="",
        metavar="NAME",
        help="what the learning system calls it, for the import files (default: the sprint)",
    )
    add(
        "--roster",
        type=Path,
        metavar="FILE",
        help="the class as the learning system exports it (Canvas's gradebook, Moodle's grading "
        "worksheet): whole names, e-mails, who is late, who handed in nothing",
    )
    add(
        "--starter",
        type=Path,
        metavar="PATH",
        help="the course's own code, which is no sign of copying (notebook, module or folder)",
    )
    for option in OPTIONS:
        if not option.field.startswith("report"):
            add(option.flag, **option.keywords)
