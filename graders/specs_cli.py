"""``scratchgrade specs``: what authors of specs need."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from graders.errors import UsageError
from graders.specs import BUILTIN

PASSED, FAILED = 0, 1


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``specs`` and its sub-commands; `run` of the parsed options does the work."""
    specs = commands.add_parser("specs", help="for authors of specs: audit")
    actions = specs.add_subparsers(dest="action", required=True)
    _add_audit(actions)


def run(options: argparse.Namespace) -> int:
    """The exit status: 0 where everything is right, 1 where something is not.

    Raises:
        GraderError: what was asked for can't be done; one line says why.
    """
    action: Callable[[argparse.Namespace], int] = options.run
    return action(options)


def _add_audit(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    audit = actions.add_parser(
        "audit",
        help="how strong the specs are: right answers, known mistakes, mutants of the reference",
    )
    audit.add_argument("items", nargs="*", metavar="ITEM", help="only these items (default: all)")
    audit.add_argument("--specs", type=Path, default=BUILTIN, metavar="DIR")
    audit.add_argument("--json", type=Path, metavar="FILE", help="write all of it here, too")
    audit.add_argument("--fast", action="store_true", help="only a sample of the mutants")
    audit.add_argument("--explain", action="store_true", help="also list equivalent mutants")
    audit.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), metavar="N", help="processes"
    )
    audit.add_argument("--seed", type=int, default=20, metavar="N")
    audit.set_defaults(run=_audit)


def _audit(options: argparse.Namespace) -> int:
    from graders.audit import table  # grading starts without it
    from graders.audit.audit import Settings, run_audit

    if options.workers < 1:
        raise UsageError(f"--workers {options.workers}: must be 1 or more")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: must be 0 or more")
    settings = Settings(
        options.specs, tuple(options.items), options.workers, options.fast, options.seed
    )
    watched = sys.stderr.isatty()

    def tell(text: str) -> None:
        if watched:
            print(text, file=sys.stderr)

    audits = run_audit(settings, tell)
    for line in table.lines(audits, options.explain):
        print(line)
    if options.json:
        table.write_json(audits, options.json)
    return FAILED if any(a.failures() for a in audits) else PASSED
