"""What is said of a cell that did not run through, and which of them come first.

A cell that does not compile is most often the cause of the rest: it is told before any verdict.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from graders.messages import Language, M, Message, clean
from graders.report.words import end_of
from graders.sandbox.exceptions import in_words
from graders.sandbox.session import CellRun
from graders.submission import Cell
from graders.submission.magics import python_of
from graders.submission.mistaken import conflict_in
from graders.submission.parsing import compiled

MOST = 10  # cells that are named
_NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")
_UNFINISHED = {
    "timeout": M("it took too long"),
    "died": M("the process ended"),
    "error": M("it raised an exception"),
}


def compiles(run: CellRun, cell: Cell) -> bool:
    """False for a cell that is no Python by itself: its own error, none that it came to running."""
    error = run.error
    return error is None or error.type not in _NOT_PYTHON or compiled(cell) is not None


def no_python(cell: Cell) -> SyntaxError | None:
    """Why a cell is no Python by itself, told without running it; None if it is, or if that can't be
    told.
    """
    if compiled(cell) is not None:
        return None
    try:
        ast.parse(python_of(cell.source))
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def reason(run: CellRun, cell: Cell) -> Message | str | None:
    """Why it did not run through; None if it did, or if there is nothing to say but its status."""
    error = run.error
    if error is None:
        return None
    if run.status == "died":
        return end_of(error.message)
    if not compiles(run, cell) and (conflict := conflict_in(cell.source)):
        return conflict
    if error.type == "SystemExit":
        return M(
            "it ends the program ({error}): quit(), exit() or sys.exit() has no place in a cell, where it stops all that comes below; take it out",
            error=clean(str(error), 200),
        )
    said = in_words(error)
    return said if isinstance(said, Message) else clean(said)


def cell_lines(
    cells: list[dict[str, Any]], language: Language, *, compile_: bool
) -> Iterator[tuple[str, str]]:
    """The lines, each with a colour, for the cells of a report that did not run through: those that
    do not compile, or (`compile_`) the others.
    """
    wrong = [c for c in cells if c["status"] not in ("ok", "skipped")]
    for cell in [c for c in wrong if c["compiles"] is compile_][:MOST]:
        why = cell["error"] or _UNFINISHED[cell["status"]]
        if compile_:
            said = M("{place} did not run through: {reason}", place=cell["place"], reason=why)
        else:
            said = M(
                "{place} is no Python as it stands, and nothing of it was run: {reason}",
                place=cell["place"],
                reason=why,
            )
        yield said.in_language(language), "" if compile_ else "red"
    more = sum(c["compiles"] is compile_ for c in wrong) - MOST
    if more > 0:
        yield M("... and {n} more cells", n=more).in_language(language), ""
