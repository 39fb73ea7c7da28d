"""IPython's own syntax, taken out of a cell so that what is left is Python; one pass, line by line.

Executes nothing and imports nothing of IPython, which reads the whole cell again for each magic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIMING = re.compile(r"\A\s*%%(time|capture|prun|timeit)\b[^\n]*\n")
_CELL_MAGIC = re.compile(r"\A[ \t\n]*%%(!|\w+)[ \t]*([^\n]*)(?:\n|\Z)")
_MAGIC_LINE = re.compile(r"[ \t]*(?:[%!?]|[\w.%*]{1,200}\?\??[ \t]*(?:#[^\n]*)?$)")
_ASSIGNED = re.compile(r"([ \t]*[\w.,* \t\[\]()]{1,200}=[ \t]*)(?:!|%[a-zA-Z])")
_RUN = re.compile(r"^[ \t]*%run[ \t]+(?:-\w[ \t]+)*([^\s#]+\.py)\b", re.MULTILINE)
_PROMPT = re.compile(r"[ \t]*(?:>>> ?|In \[\d{1,6}\]: ?)")
_CONTINUED = re.compile(r"[ \t]*\.\.\.(?: |$|: ?)")
_OPENS = re.compile(r"#.*|\"\"\"|\'\'\'|[\"'()\[\]{}]|\\$")
_ENDS = {quote: re.compile(r"\\.|" + quote) for quote in ('"""', "'''", '"', "'")}


@dataclass(frozen=True)
class CellMagic:
    """``%%name arguments`` in the first line of a cell, and the lines below it."""

    name: str
    arguments: str
    body: str


def cell_magic(source: str) -> CellMagic | None:
    """The magic that has the whole cell, if one has it."""
    found = _CELL_MAGIC.match(source)
    if found is None:
        return None
    return CellMagic(found.group(1), found.group(2).strip(), source[found.end() :])


def run_files(source: str) -> list[str]:
    """The Python files that a cell runs in the notebook's own names: ``%run layers.py``."""
    return [found.strip("'\"") for found in _RUN.findall(source)]


def untimed(source: str) -> str:
    """The source without a magic that times or captures it: its code runs in the notebook's names."""
    return _TIMING.sub("\n", source)


def python_of(source: str) -> str:
    """The source as Python: magics do nothing, leading blanks and prompts are gone."""
    source = untimed(source)
    if cell_magic(source) is not None:
        return ""  # of another language, or for a file
    lines = _without_indent(_without_prompts(source.split("\n")))
    out: list[str] = []
    starts = _statement_starts(lines)
    going = False  # a magic that is continued by a backslash
    for line, fresh in zip(lines, starts, strict=True):
        if going:
            going = line.endswith("\\")
            out.append("")
        elif fresh and _MAGIC_LINE.match(line):
            going = line.endswith("\\")
            out.append(line[: len(line) - len(line.lstrip(" \t"))] + "pass")
        elif fresh and (assigned := _ASSIGNED.match(line)):
            going = line.endswith("\\")
            out.append(assigned.group(1) + "None")
        else:
            out.append(line)
    return "\n".join(out)


def _without_prompts(lines: list[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPT.match(first):
        return lines
    return [_CONTINUED.sub("", _PROMPT.sub("", line, count=1), count=1) for line in lines]


def _without_indent(lines: list[str]) -> list[str]:
    """As IPython does: what the first line is set in by, the others lose, too."""
    first = next((line for line in lines if line.strip()), "")
    blanks = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(blanks) for line in lines] if blanks else lines


def _statement_starts(lines: list[str]) -> list[bool]:
    """Of each line whether a statement may begin there: not within brackets or a text.

    What a magic's line has in it opens nothing.
    """
    starts: list[bool] = []
    depth, quote, continued = 0, "", False
    for line in lines:
        fresh = not (depth or quote or continued)
        starts.append(fresh)
        continued = False
        if fresh and (_MAGIC_LINE.match(line) or _ASSIGNED.match(line)):
            continue
        at = 0
        while at < len(line):
            if quote:
                ends = (m for m in _ENDS[quote].finditer(line, at) if m.group() == quote)
                end = next(ends, None)
                if end is None:
                    break
                at, quote = end.end(), ""
                continue
            mark = _OPENS.search(line, at)
            if mark is None:
                break
            at, text = mark.end(), mark.group()
            if text[0] in "\"'":
                quote = text
            elif text in "([{":
                depth += 1
            elif text in ")]}":
                depth = max(0, depth - 1)
            elif text == "\\":
                continued = True
        if len(quote) == 1 and not line.endswith("\\"):
            quote = ""  # a text of one line ends with it, whatever is missing
    return starts
