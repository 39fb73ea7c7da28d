"""The plain data that the rest of the house knows a submission by."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from graders.messages import M, Message

Kind = Literal["notebook", "module", "folder", "session"]
"""`session`: the cells that a kernel has run, in a notebook that may not be saved."""


@dataclass(frozen=True)
class Section:
    """The heading that a cell stands under.

    `problems` has the problem numbers that the heading's cell names: several when one cell
    of text introduces several problems, none for a heading without a number.
    """

    title: str = ""
    problems: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class Cell:
    """One piece of code to execute. `index` is what the student sees: the place in the notebook."""

    index: int
    source: str
    section: Section
    line: int = 1  # first line in the file, for modules
    file: str = ""  # the name of the file it comes from
    first: int = 0  # the index of that file's first cell
    folders: str | None = None  # of a module of a folder: those that it lies in, dotted
    path: Path | None = field(default=None, compare=False)  # that file, wherever it lies
    prompt: int | None = None  # of a session: the number of its run, as the kernel shows it


@dataclass(frozen=True)
class Submission:
    """A submission, read. `text` is all prose and code, for telling sprint and language;
    `prose` is the text cells alone, `passages` the same cell by cell.
    """

    path: Path
    kind: Kind
    sha256: str
    cells: tuple[Cell, ...]
    text: str
    language: Literal["ja", "en"]
    prose: str = ""
    companions: tuple[tuple[str, Path], ...] = ()  # (name inside the folder, file) to lay beside it
    notes: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()  # of the companions: (name, text) of Python files
    kept: object = None  # what must live as long as the submission: an archive's unpacked files

    def cell(self, index: int) -> Cell:
        """The code cell with that index; KeyError if there is none."""
        return self._by_index[index]

    def place(self, index: int, line: int | None = None) -> Message:
        """Where a student finds a cell, or its line (from 1), in the file as they see it."""
        cell = self._by_index.get(index)
        if cell is not None and cell.file.lower().endswith(".py"):
            return M("{file}, line {line}", file=cell.file, line=self.line(index, line or 1))
        if cell is not None and cell.prompt is not None:
            if line is None:
                return M("In [{number}]", number=cell.prompt)
            return M("In [{number}], line {line}", number=cell.prompt, line=line)
        if cell is not None and self._several:
            inside = index - cell.first
            if line is None:
                return M("{file}, cell {cell}", file=cell.file, cell=inside)
            return M("{file}, cell {cell}, line {line}", file=cell.file, cell=inside, line=line)
        if line is None:
            return M("cell {cell}", cell=index)
        return M("cell {cell}, line {line}", cell=index, line=line)

    def line(self, index: int, line: int) -> int:
        """The number that a student's editor shows for a line (from 1) of a cell."""
        cell = self._by_index[index]
        return cell.line + line - 1 if cell.file.lower().endswith(".py") else line

    @functools.cached_property
    def _several(self) -> bool:
        return len({cell.file for cell in self.cells}) > 1

    @functools.cached_property
    def _by_index(self) -> dict[int, Cell]:
        return {cell.index: cell for cell in self.cells}
