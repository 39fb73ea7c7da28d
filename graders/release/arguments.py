"""The arguments of `scratchgrade release`; light to import, for every command's parser has them."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``release``; `run` of the parsed options does the work."""
    release = commands.add_parser(
        "release", help="hand out a sprint: starter, solution and instructor notebooks"
    )
    release.add_argument(
        "--sprint", default="", metavar="NAME", help="the sprint, by its name or its number"
    )
    release.add_argument(
        "--course", default="", metavar="NAME", help="the course, where it has items of its own"
    )
    release.add_argument("--lang", default="en", choices=["ja", "en"])
    release.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    release.add_argument(
        "--items", default="", metavar="A,B", help="only these items (default: all of the sprint)"
    )
    release.add_argument(
        "--edition", default="", metavar="NAME",
        help="whose problem numbers the headings have (default: the first that there is)",
    )  # fmt: skip
    release.add_argument(
        "--no-training", action="store_true", help="prove nothing that has to be trained"
    )
    release.add_argument("--specs", type=Path, metavar="DIR")
    release.add_argument(
        "--plugin", default="", metavar="MODULE",
        help="a plugin besides the installed ones: a module's name or a .py file",
    )  # fmt: skip
    release.add_argument(
        "--require-isolation", default="kernel", choices=["full", "uid", "kernel", "limits"],
        help="refuse to run the notebooks behind weaker walls (default: kernel)",
    )  # fmt: skip
