"""Pages of documentation as something to run: their commands, with the output that they promise.

In a page, a fenced block is one of these:

- ``console``: a line after ``$ `` is a command (the next line goes on with it after a backslash);
  the lines below are what it writes, both streams together. ``...`` stands for anything in a line,
  alone in its line for any number of lines. The exit status is 0 unless the block stands below
  ``<!-- exit: 1 -->``.
- ``title="In a cell"``: a cell of a notebook, which is run in the page's kernel; the block after it with
  ``title="It shows"`` is the text that it puts out, as above.
- anything with another ``title="NAME"``: a file, which is written before the next command runs.
- below ``<!-- not run: reason -->``: left out.

Any other block is an error, so that nothing slips through.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

SECONDS = 120  # a command that takes longer hangs
_FENCE = re.compile(r"^( *)(`{3,})([^`]*)$")
_COMMENT = re.compile(r"^ *<!-- (exit|not run): (.*?) *-->$")
_TITLE = re.compile(r'\btitle="([^"]+)"')
# Machines with weaker walls say so below a summary, and slow ones how far they are; what the page is
# about is the same there.
_MACHINES = re.compile(r"^(isolation: |NOT ISOLATED|graded \d+ of \d+, )")


class PageError(AssertionError):
    """A page that can't be run, or does not tell the truth; names file and line."""


@dataclass(frozen=True)
class Command:
    """One command and what it should do."""

    line: int
    text: str
    expected: tuple[str, ...]
    status: int = 0


@dataclass(frozen=True)
class File:
    """A file that the page asks its reader to write."""

    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook that the page asks its reader to run; `expected`: what it puts out."""

    line: int
    text: str
    expected: tuple[str, ...] | None = None  # None: whatever it is


@dataclass
class Page:
    """The steps of a page in their order, and the reasons of what is not run, by line."""

    file: Path
    steps: list[Command | File | Cell] = field(default_factory=list)
    not_run: dict[int, str] = field(default_factory=dict)


def read_page(file: Path) -> Page:
    """What there is to do in a page.

    Raises:
        PageError: a block is of no kind that is known, or a fence does not end.
    """
    page = Page(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    told: tuple[str, str] | None = None
    at = 0
    while at < len(lines):
        comment, fence = _COMMENT.match(lines[at]), _FENCE.match(lines[at])
        if comment:
            told = (comment[1], comment[2])
        elif fence:
            indent, ticks, info = fence.groups()
            end = next(
                (i for i in range(at + 1, len(lines)) if lines[i].strip() == ticks), len(lines)
            )
            if end == len(lines):
                raise PageError(f"{file}, line {at + 1}: the block does not end")
            body = [line.removeprefix(indent) for line in lines[at + 1 : end]]
            _add(page, at + 1, info.strip(), body, told)
            told, at = None, end
        elif lines[at].strip():
            told = None
        at += 1
    return page


def _add(page: Page, line: int, info: str, body: list[str], told: tuple[str, str] | None) -> None:
    title = _TITLE.search(info)
    if told is not None and told[0] == "not run":
        if len(told[1]) < 10:
            raise PageError(f"{page.file}, line {line}: say why it is not run")
        page.not_run[line] = told[1]
    elif title and title[1] == "In a cell":
        page.steps.append(Cell(line, "\n".join(body)))
    elif title and title[1] == "It shows":
        last = page.steps.pop() if page.steps else None
        if not isinstance(last, Cell):
            raise PageError(
                f"{page.file}, line {line}: it shows nothing: there is no cell above it"
            )
        page.steps.append(replace(last, expected=tuple(body)))
    elif title:
        page.steps.append(File(line, title[1], "\n".join(body) + "\n"))
    elif info == "console":
        status = int(told[1]) if told is not None else 0
        page.steps += _commands(page, line, body, status)
    else:
        raise PageError(
            f"{page.file}, line {line}: a block of {info or 'nothing'} that is neither run nor "
            "written to a file; make it so, or say <!-- not run: reason --> above it"
        )


def _commands(page: Page, line: int, body: list[str], status: int) -> list[Command]:
    found: list[Command] = []
    at = 0
    while at < len(body):
        if not body[at].startswith("$ "):
            raise PageError(f"{page.file}, line {line + at + 1}: output without a command")
        began, text = at, [body[at][2:]]
        while text[-1].endswith("\\"):
            at += 1
            text.append(body[at])
        at += 1
        output = at
        while at < len(body) and not body[at].startswith("$ "):
            at += 1
        found.append(Command(line + began + 1, "\n".join(text), tuple(body[output:at]), status))
    return found


def run_page(page: Page, folder: Path) -> None:
    """Do what the page says in a folder that is empty.

    Raises:
        PageError: a command ends or writes otherwise than the page says.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment |= {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "80",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with contextlib.ExitStack() as ending:
        _do(page, folder, environment, ending)


def _do(
    page: Page, folder: Path, environment: dict[str, str], ending: contextlib.ExitStack
) -> None:
    kernel = None
    for step in page.steps:
        if isinstance(step, Cell):
            if kernel is None:
                from tests.kernels import Kernel  # most pages have no cells

                kernel = ending.enter_context(Kernel(folder, environment))
            shown = kernel.run(step.text)
            _compare(
                f"{page.file}, line {step.line}: the cell {step.text}", step.expected,
                f"{shown.text}\n{shown.error}", "the cell",
            )  # fmt: skip
            continue
        if isinstance(step, File):
            target = folder / step.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
            continue
        done = subprocess.run(
            ["bash", "-c", step.text], cwd=folder, env=environment, text=True, timeout=SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        where = f"{page.file}, line {step.line}: $ {step.text}"
        if done.returncode != step.status:
            raise PageError(
                f"{where}\nends with {done.returncode}, not {step.status}:\n{done.stdout}"
            )
        _compare(where, step.expected, done.stdout, "the command")


def _compare(where: str, expected: tuple[str, ...] | None, text: str, whose: str) -> None:
    # The mark at the beginning of a CSV file (for Excel) is not seen in a terminal.
    lines = text.replace("\ufeff", "").splitlines()
    actual = [s.rstrip() for s in lines if not _MACHINES.match(s)]
    if expected is not None and not matches(expected, actual):
        shown = "\n".join(difflib.unified_diff(expected, actual, "the page", whose, lineterm=""))
        raise PageError(f"{where}\nwrites something else:\n{shown}")


def matches(expected: tuple[str, ...], actual: list[str]) -> bool:
    """Whether an output is what a page says, empty lines at either end aside."""
    pattern = ""
    for line in "\n".join(expected).strip("\n").splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r".*".join(map(re.escape, line.rstrip().split("..."))) + r"\n"
    text = "\n".join(actual).strip("\n")
    return re.fullmatch(pattern, text + "\n" if text else "") is not None
