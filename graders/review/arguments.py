"""The arguments of `scratchgrade review`; light to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.web.addresses import LOOPBACK


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`review`."""
    review = commands.add_parser(
        "review", help="look at a graded class and decide marks, in a browser on this machine"
    )
    add = review.add_argument
    add("folder", metavar="DIR", type=Path, help="what batch --out wrote to")
    add("--port", type=int, default=0, metavar="N", help="default: any that is free")
    add(
        "--host", default=LOOPBACK, metavar="ADDRESS",
        help=f"who can reach it (default: {LOOPBACK}, this machine alone)",
    )  # fmt: skip
    add("--by", default="", metavar="NAME", help="who decides (default: you)")
    add(
        "--lang", choices=("ja", "en", "auto"), default="auto",
        help="of the pages (default: the environment's)",
    )  # fmt: skip
