"""The arguments of `scratchgrade serve`; light to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.web.addresses import LOOPBACK

PORT = 8700


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`serve`."""
    serve = commands.add_parser(
        "serve",
        help="the hand-in page of a class: students hand in by personal links and see reports",
    )
    add = serve.add_argument
    add("folder", metavar="COURSE", type=Path, help="a folder with hand-in.yaml and the roster")
    what = serve.add_mutually_exclusive_group()
    what.add_argument(
        "--links", nargs="?", const="-", metavar="FILE",
        help="write everybody's personal link as CSV, to a file or to standard output, and end",
    )  # fmt: skip
    what.add_argument(
        "--revoke",
        metavar="WHO",
        help="let a person's link count no more, print a new one, and end",
    )
    add("--port", type=int, default=PORT, metavar="N", help=f"default: {PORT}")
    add(
        "--host", default=LOOPBACK, metavar="ADDRESS",
        help=f"who can reach it (default: {LOOPBACK}, this machine alone)",
    )  # fmt: skip
    add(
        "--proxy-header", default="", metavar="NAME",
        help="the header in which a reverse proxy says who has logged in (number, e-mail or id)",
    )  # fmt: skip
    add(
        "--proxy-address", default="", metavar="ADDRESS",
        help="the reverse proxy's own address: the header counts from there alone",
    )  # fmt: skip
    add("--workers", type=int, metavar="N", help="processes that grade (default: one a core)")
    add(
        "--executor", choices=("local", "dask"), default="local",
        help="where: on this machine (default), or on a Dask cluster",
    )  # fmt: skip
    add("--scheduler", metavar="ADDRESS", help="of the Dask cluster, as tcp://host:8786")
    add(
        "--lang", choices=("ja", "en", "auto"), default="auto",
        help="of what the command says (default: the environment's); pages follow the browser",
    )  # fmt: skip
