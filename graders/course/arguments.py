"""The arguments of the commands that run a course; light to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.batch.layouts import LAYOUTS
from graders.ledger.late import Base
from graders.options import OPTIONS

COMMANDS = ("mark", "why", "rubric", "late", "regrade", "publish")
SYSTEMS = ("canvas", "moodle")
_LANGUAGES = ("ja", "en", "auto")


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`mark`, `why`, `rubric`, `late`, `regrade` and `publish`."""
    _add_mark(commands)
    why = commands.add_parser(
        "why", help="the history of a student's mark: files, gradings, people"
    )
    _add_folder(why)
    why.add_argument("student", metavar="STUDENT", help="id, name, number or e-mail")
    why.add_argument("item", metavar="ITEM", nargs="?", default="", help="default: the whole")
    _add_rubric(commands)
    _add_late(commands)
    _add_regrade(commands)
    _add_publish(commands)


def _add_publish(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    publish = commands.add_parser(
        "publish",
        help="note that these marks were handed out (nothing changes them silently), or send them",
    )
    _add_folder(publish)
    add = publish.add_argument
    add("--note", default="", help="to whom, where")
    add(
        "--to",
        choices=SYSTEMS,
        help="send them by its API: shows what would be sent; --apply sends",
    )
    add(
        "--at", default="", metavar="URL", help="with --to: the assignment's address in the browser"
    )
    add(
        "--token-file", type=Path, metavar="FILE",
        help="with --to: where the token is, for you alone (default: SCRATCHGRADE_CANVAS_TOKEN or "
        "SCRATCHGRADE_MOODLE_TOKEN in the environment)",
    )  # fmt: skip
    add("--sprint", default="", metavar="NAME", help="with --to: of a class of several sprints")
    add("--scale", action="store_true", help="with --to: to the points that it is worth there")
    add("--apply", action="store_true", help="with --to: send what was shown")
    _add_by(publish)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="what batch --out wrote to")
    if parser.prog.endswith("regrade"):
        return  # it has --lang among a grading's options
    parser.add_argument(
        "--lang", choices=_LANGUAGES, default="auto",
        help="of what is said (default: the class's)",
    )  # fmt: skip


def _add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", default="", metavar="NAME", help="who decides (default: you)")


def _add_mark(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    mark = commands.add_parser("mark", help="decide a mark or comment on it; kept for ever")
    _add_folder(mark)
    add = mark.add_argument
    add("student", metavar="STUDENT", nargs="?", default="", help="id, name, number or e-mail")
    add("item", metavar="ITEM", nargs="?", default="", help="default: the whole submission")
    what = mark.add_mutually_exclusive_group()
    what.add_argument("--points", type=float, metavar="N", help="what the item gets")
    what.add_argument("--back", action="store_true", help="what the grader gives counts again")
    what.add_argument(
        "--undo", action="store_true", help="take the last decision about it back, its comment, too"
    )
    what.add_argument(
        "--worth", metavar="ITEM=N", help="for the class: what an item without points is worth"
    )
    what.add_argument(
        "--from", dest="table", type=Path, metavar="FILE",
        help="a gradebook that was edited: shows what it changes; --apply keeps it",
    )  # fmt: skip
    add(
        "--criterion", action="append", default=[], metavar="ID",
        help="a criterion of the item's rubric is met (repeatable)",
    )  # fmt: skip
    add(
        "--without", action="append", default=[], metavar="ID",
        help="a criterion is not met after all (repeatable)",
    )  # fmt: skip
    what.add_argument("--none-met", action="store_true", help="none of its criteria is met")
    add("--adjust", type=float, metavar="N", help="points on top of the criteria; below 0: off")
    add("--apply", action="store_true", help="with --from: keep what was shown")
    add("--reason", default="", help="why (needed where the grader gave points)")
    add("--comment", default="", help="for the student")
    _add_by(mark)


def _add_rubric(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rubric = commands.add_parser(
        "rubric",
        help="by which criteria a person gives points: shown, kept in a file, taken from one",
    )
    _add_folder(rubric)
    add = rubric.add_argument
    which = rubric.add_mutually_exclusive_group()
    which.add_argument("--to", type=Path, metavar="FILE", help="write them into a file (YAML)")
    which.add_argument(
        "--from", dest="source", type=Path, metavar="FILE",
        help="take them from a file: shows whose mark changes; --apply lets it count",
    )  # fmt: skip
    add("--apply", action="store_true", help="with --from: let what is shown count")
    add("--reason", default="", help="why, for the history")
    add("--show", type=int, default=20, metavar="N", help="how many are shown (default: 20)")
    _add_by(rubric)


def _add_late(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    late = commands.add_parser(
        "late",
        help="when the class has to hand in, and what being late costs: shown before it counts",
    )
    _add_folder(late)
    add = late.add_argument
    add("--due", metavar="TIME", help="2026-12-01T23:59+09:00; a day means its end")
    add("--zone", metavar="ZONE", help="of times without one: Asia/Tokyo, +09:00")
    add("--per-day", type=float, metavar="N", help="per cent that each day begun costs")
    add(
        "--of", dest="base", choices=[base.value for base in Base],
        help="of what: of the points earned (default), or of the maximum",
    )  # fmt: skip
    add("--grace", type=int, metavar="MINUTES", help="so much later is not late")
    add("--most-days", type=int, metavar="N", help="no more days than these are counted")
    add("--floor", type=float, metavar="N", help="per cent that are left at least")
    add("--sprint", default="", metavar="NAME", help="default: for all sprints of the class")
    add("--lift", action="store_true", help="no due date any more")
    add(
        "--extend", action="append", default=[], metavar="STUDENT=TIME",
        help="a date of their own (repeatable)",
    )  # fmt: skip
    add("--apply", action="store_true", help="let what is shown count")
    add("--reason", default="", help="why, for the history")
    add("--show", type=int, default=20, metavar="N", help="how many are shown (default: 20)")
    _add_by(late)


def _add_regrade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    regrade = commands.add_parser(
        "regrade",
        help="grade a class again by other rules, and show what would change before it counts",
    )
    _add_folder(regrade)
    add = regrade.add_argument
    add("--apply", action="store_true", help="let what is shown count")
    add("--never-lower", action="store_true", help="no item falls below what it has")
    add("--submissions", metavar="PATH", help="where they are, if not where they were")
    add("--layout", choices=LAYOUTS, help="of --submissions (default: as before)")
    add("--workers", type=int, metavar="N", help="processes that grade (default: one a core)")
    add(
        "--show",
        type=int,
        default=20,
        metavar="N",
        help="how many students are shown (default: 20)",
    )
    _add_by(regrade)
    for option in OPTIONS:
        # The class's secret goes with its folder: by another one, all would be graded anew.
        if not option.field.startswith(("report", "secret")):
            # Only what is asked for otherwise than the last time.
            add(option.flag, **{**option.keywords, "default": argparse.SUPPRESS})
    regrade.set_defaults(executor="local", scheduler=None)
