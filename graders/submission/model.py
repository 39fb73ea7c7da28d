"""The plain data that the rest of the house knows a submission by."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["notebook", "module", "folder"]


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
    file: str = ""  # the file it comes from, where there are several


@dataclass(frozen=True)
class Submission:
    """A submission, read. `text` is all prose and code, for telling sprint and language;
    `prose` is the text cells alone.
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
    kept: object = None  # what must live as long as the submission: an archive's unpacked files

    def cell(self, index: int) -> Cell:
        """The code cell with that index; KeyError if there is none."""
        return self._by_index[index]

    @functools.cached_property
    def _by_index(self) -> dict[int, Cell]:
        return {cell.index: cell for cell in self.cells}
