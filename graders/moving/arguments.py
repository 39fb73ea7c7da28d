"""The arguments of `scratchgrade import`; light to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.options import OPTIONS

_OF_ITEMS = ("sprint", "course", "specs", "plugin", "policy")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`import nbgrader`."""
    parser = commands.add_parser("import", help="move in from another grader")
    systems = parser.add_subparsers(dest="system", required=True)
    nbgrader = systems.add_parser(
        "nbgrader",
        help="a course folder with its gradebook.db, which are only read: shows what would move",
    )
    add = nbgrader.add_argument
    add("course_folder", metavar="COURSE_FOLDER", type=Path, help="the folder with gradebook.db")
    add(
        "--out",
        required=True,
        type=Path,
        metavar="DIR",
        help="where the classes go, one an assignment",
    )
    add(
        "--assignment", action="append", default=[], metavar="NAME",
        help="only this one (repeatable; default: all)",
    )  # fmt: skip
    add(
        "--map", action="append", default=[], metavar="CELL=ITEM", dest="mapped",
        help="points that people gave to this cell are this item's (repeatable; cells that are named as an "
        "item need none)",
    )  # fmt: skip
    add("--apply", action="store_true", help="write what was shown")
    add("--by", default="", metavar="NAME", help="who decides (default: you)")
    for option in OPTIONS:
        if option.field in _OF_ITEMS or option.field == "language":
            add(option.flag, **option.keywords)
