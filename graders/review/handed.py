"""What a student handed in, as a person reads it: code, prose and the output that was saved with it.

The store has the code that was graded and no more; prose and outputs are read from the file where it lies,
if it is still the one that was graded. All of it is text: nothing is rendered, and of pictures only PNG.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import tempfile
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from graders.batch.discover import discover
from graders.batch.model import Handed
from graders.batch.staging import fingerprint, stage
from graders.batch.store import Row, Store
from graders.errors import GraderError
from graders.submission import Cell, Submission, read_submission
from graders.submission.sections import section_of_text

_MOST_TEXT = 20_000  # characters of a passage or an output
_MOST_OUTPUT = 200_000  # of all outputs
_MOST_PICTURES, _MOST_PICTURE = 20, 2 * 2**20
_MOST_PIXELS = 25_000_000
_KEPT = 32
_AGAIN = 10.0  # seconds until a class is looked through again
_PNG = b"\x89PNG\r\n\x1a\n"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Kind(Enum):
    """What a passage is."""

    CODE = auto()
    TEXT = auto()


@dataclass(frozen=True)
class Output:
    """What a cell put out: text, or a picture as a data address."""

    text: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Passage:
    """A cell, or a piece of a module. `index`: as reports count; `problems`: the numbers in its heading."""

    index: int
    kind: Kind
    source: str
    place: str
    problems: frozenset[int] = frozenset()
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Work:
    """A submission's passages in their order. `whole`: with prose and outputs; False: only the code, since
    the file that was graded is not there any more.
    """

    passages: tuple[Passage, ...]
    whole: bool


class Shelf:
    """The submissions of a class, read when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[str, Handed] = {}
        self._looked = -_AGAIN
        self._kept: OrderedDict[tuple[str, str], Work] = OrderedDict()

    def work(self, row: Row) -> Work:
        """What was handed in, in the state in which it was graded."""
        known = (row.id, row.key)
        if known not in self._kept:
            self._kept[known] = self._read(row) or self._graded(row)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[known]

    def _read(self, row: Row) -> Work | None:
        one = self._lies(row)
        if one is None:
            return None
        try:
            with ExitStack() as ending:
                path = one.whole
                if path is None:
                    folder = ending.enter_context(
                        tempfile.TemporaryDirectory(prefix="scratchgrade-")
                    )
                    path = stage(list(one.parts), Path(folder))
                return Work(tuple(_passages(read_submission(path))), True)
        except (GraderError, OSError, ValueError, RecursionError):
            return None

    def _lies(self, row: Row) -> Handed | None:
        """The submission where it lies, if it is what was graded."""
        if row.id not in self._found and time.monotonic() - self._looked > _AGAIN:
            self._looked = time.monotonic()
            try:
                place = self._store.noted("submissions")
                layout = self._store.noted("layout_asked") or "auto"
                found = discover(place, layout).handed if place else ()
            except (GraderError, OSError):
                found = ()
            self._found = {one.id: one for one in found}
        one = self._found.get(row.id)
        if one is None or not row.files or fingerprint(one) != row.files:
            self._found.pop(row.id, None)
            return None
        return one

    def _graded(self, row: Row) -> Work:
        """The code that was graded, from the store."""
        _, code = self._store.code(row.id) if row.status == "graded" else (b"", [])
        cells = (Passage(i, Kind.CODE, printable(s), f"[{i}]") for i, s in code)
        return Work(tuple(cells), False)


def printable(text: str, most: int = _MOST_TEXT) -> str:
    """Text as it can be shown: no characters that hide or turn what stands there."""
    text = _ANSI.sub("", text[: 2 * most]).expandtabs(4)
    if len(text) > most:
        text = text[:most] + "…"
    return "".join(
        c if c == "\n" or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _passages(submission: Submission) -> Iterator[Passage]:
    budget = _Budget()
    files: OrderedDict[tuple[Path | None, int], list[Cell]] = OrderedDict()
    for cell in submission.cells:
        files.setdefault((cell.path, cell.first), []).append(cell)
    if not files and submission.path.suffix.lower() == ".ipynb":
        files[submission.path, 0] = []  # prose alone
    for (path, first), cells in files.items():
        if path is None or path.suffix.lower() != ".ipynb":
            for cell in cells:
                place = f"{cell.file}:{cell.line}"
                yield Passage(cell.index, Kind.CODE, printable(cell.source), place,
                              frozenset(cell.section.problems))  # fmt: skip
            continue
        yield from _of_notebook(path, first, {c.index: c for c in cells}, budget)


def _of_notebook(
    path: Path, first: int, code: dict[int, Cell], budget: _Budget
) -> Iterator[Passage]:
    raw = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    cells = raw.get("cells") if isinstance(raw, dict) else None
    if not isinstance(cells, list):  # an older form: the code as the grader reads it
        cells = []
        yield from (Passage(i, Kind.CODE, printable(c.source), f"[{i}]") for i, c in code.items())
    problems: frozenset[int] = frozenset()
    for index, cell in enumerate(cells, first):
        if index in code:
            found = code[index]
            problems = frozenset(found.section.problems)
            outputs = tuple(_outputs(cell.get("outputs"), budget))
            yield Passage(index, Kind.CODE, printable(found.source), f"[{index - first}]", problems,
                          outputs)  # fmt: skip
        elif isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            text = _joined(cell.get("source"))
            opened = section_of_text(text[:_MOST_TEXT])
            if opened is not None and (opened.problems or re.match(r"\s{0,3}#{1,2}\s", text)):
                problems = frozenset(opened.problems)
            if text.strip():
                yield Passage(index, Kind.TEXT, printable(text), f"[{index - first}]", problems)


@dataclass
class _Budget:
    """What of outputs may still be shown."""

    text: int = _MOST_OUTPUT
    pictures: int = _MOST_PICTURES


def _outputs(outputs: object, budget: _Budget) -> Iterator[Output]:
    """What was saved below a cell; anything that is not understood is left out."""
    for one in outputs if isinstance(outputs, list) else ():
        if not isinstance(one, dict):
            continue
        data = one.get("data")
        text = _joined(one.get("text"))
        if isinstance(data, dict):
            picture = _picture(data.get("image/png")) if budget.pictures > 0 else ""
            if picture:
                budget.pictures -= 1
                yield Output(picture=picture)
                continue
            text = _joined(data.get("text/plain"))
        elif one.get("output_type") == "error":
            text = f"{_joined(one.get('ename'))}: {_joined(one.get('evalue'))}"
        if text.strip() and budget.text > 0:
            shown = printable(text, min(_MOST_TEXT, budget.text))
            budget.text -= len(shown)
            yield Output(shown)


def _joined(text: Any) -> str:
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _picture(text: object) -> str:
    """A PNG as a data address, "" for anything else or what is too large to be drawn."""
    encoded = re.sub(r"\s+", "", _joined(text))
    if not encoded or len(encoded) > _MOST_PICTURE:
        return ""
    try:
        data = base64.b64decode(encoded, validate=True)
        if data[:8] != _PNG or data[12:16] != b"IHDR":
            return ""
        width, height = struct.unpack(">II", data[16:24])
    except (binascii.Error, struct.error):
        return ""
    if not 0 < width * height <= _MOST_PIXELS:
        return ""
    return "data:image/png;base64," + base64.b64encode(data).decode()


def split(
    work: Work, cell: int | None, problems: frozenset[int]
) -> tuple[Sequence[Passage], Sequence[Passage]]:
    """(the passages of an item, all others): by the cell that answers it and by its heading. All are the
    item's where nothing is known to be.
    """
    here = [p for p in work.passages if p.index == cell or p.problems & problems]
    if not here:
        return work.passages, ()
    mine = {id(p) for p in here}
    return here, [p for p in work.passages if id(p) not in mine]
