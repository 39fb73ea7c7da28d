"""The cells that a kernel has run, read as a submission: what its names stand for now.

A cell that was edited and run again counts as it was run last. It keeps the place of its first run, so
that what came between finds its names, unless another cell has taken one of them since: then it stands
at the end as well, as in the kernel.
"""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graders import own
from graders.errors import SubmissionError
from graders.installed import places_of_specs
from graders.submission.magics import cell_magic, run_files
from graders.submission.model import Cell, Section, Submission
from graders.submission.parsing import compiled
from graders.submission.reader import MAX_COMPANION_BYTES, MAX_COMPANIONS, assembled, read_notebook
from graders.submission.sections import section_of_code
from graders.submission.trees import bound_names

_ALIKE = 0.5  # of its lines, for a cell that no name tells to be an earlier one, edited
_WRITES = ("writefile", "file")


@dataclass(frozen=True)
class Ran:
    """One run of a cell. `id`: the cell's name in its notebook, where the front-end tells it."""

    prompt: int
    source: str
    id: str = ""
    failed: bool = False  # it raised an exception


def read_ran(
    runs: Sequence[Ran], path: Path, folder: Path, notebook: Path | None = None
) -> Submission:
    """The submission that the runs of a kernel's cells, in their order, have made.

    Args:
        path: what the submission is called.
        folder: where the kernel works; modules there that the cells import are laid beside them.
        notebook: the notebook's file, where it is known: its text has headings and written answers.

    Raises:
        SubmissionError: it is too much.
    """
    cells = [
        Cell(index, run.source, Section(), prompt=run.prompt)
        for index, run in enumerate(standing(runs))
    ]
    told, prose = _told_by(notebook, [r.id for r in standing(runs)], cells)
    section = Section()
    for index, cell in enumerate(cells):
        section = told.get(index) or section_of_code(cell.source) or section
        cells[index] = replace(cell, section=section)
    companions = tuple(_beside(folder, cells))
    digest = hashlib.sha256()
    parts = [*(c.source for c in cells), *prose]
    for part in parts:
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    for name, file in companions:
        digest.update(hashlib.sha256(os.fsencode(name)).digest() + file.read_bytes())
    return assembled(path, "session", digest.hexdigest(), cells, prose, (), companions)


# -- which runs stand ----------------------------------------------------------------------------


def standing(runs: Sequence[Ran]) -> list[Ran]:
    """The runs that make up what the kernel has now, each cell as it was run last."""
    last: dict[int, Ran] = {}
    places: list[int] = []  # of each that stands, which cell it is
    clean: dict[int, bool] = {}
    for run, cell in zip(runs, _cells_of(runs), strict=True):
        last[cell] = run
        if cell not in places:
            places.append(cell)
        elif not clean[cell]:  # it came to nothing before what it needs was there
            places.remove(cell)
            places.append(cell)
        else:
            at = len(places) - 1 - places[::-1].index(cell)
            names = _bound(run.source)
            if any(names & _bound(last[other].source) for other in places[at + 1 :]):
                places.append(cell)
        clean[cell] = not run.failed
    return [last[cell] for cell in places]


def _cells_of(runs: Sequence[Ran]) -> list[int]:
    """Of each run which cell it is a run of: by its name, or else by what it defines and looks like."""
    found: list[int] = []
    for n, run in enumerate(runs):
        earlier = range(n - 1, -1, -1)
        by_name = (found[e] for e in earlier if run.id and runs[e].id == run.id)
        alike = (
            found[e] for e in earlier
            if not (run.id and runs[e].id) and _is_edited(runs[e].source, run.source)
        )  # fmt: skip
        cell = next(by_name, None)
        if cell is None:
            cell = next(alike, None)
        found.append(n if cell is None else cell)
    return found


def _is_edited(before: str, after: str) -> bool:
    if before == after:
        return True
    written = [*_files_written(before, whole=True)]
    if written or cell_magic(before) is not None:
        return bool(written) and written == [*_files_written(after, whole=True)]
    one, other = _defined(before), _defined(after)
    if not one or one != other:
        return False
    first, second = (
        [line.strip() for line in s.splitlines() if line.strip()] for s in (before, after)
    )
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() > _ALIKE


def _defined(source: str) -> frozenset[str]:
    """The classes and functions of a cell."""
    defines = (ast.ClassDef, ast.FunctionDef)
    return frozenset(n.name for n in _body(source) if isinstance(n, defines))


def _bound(source: str) -> set[str]:
    """The names that a cell makes or takes."""
    tree = compiled(Cell(0, source, Section()))
    return bound_names(tree) if tree is not None else set()


def _body(source: str) -> list[ast.stmt]:
    tree = compiled(Cell(0, source, Section()))
    return tree.body if tree is not None else []


# -- what lies around them -----------------------------------------------------------------------


def _told_by(
    notebook: Path | None, ids: Sequence[str], cells: Sequence[Cell]
) -> tuple[dict[int, Section], list[str]]:
    """The sections of the cells that are in the file, by index, and its text; nothing where none is."""
    if notebook is None:
        return {}, []
    try:
        saved, prose, _ = read_notebook(notebook)
        names = _names_in(notebook)
    except (SubmissionError, OSError, ValueError):
        return {}, []
    by_name = {names[c.index]: c for c in saved if names.get(c.index)}
    by_source = {c.source.strip(): c for c in reversed(saved)}
    found = {}
    for index, (id_, cell) in enumerate(zip(ids, cells, strict=True)):
        match = by_name.get(id_) or by_source.get(cell.source.strip())
        if match is not None:
            found[index] = match.section
    return (found, prose) if found else ({}, [])


def _names_in(notebook: Path) -> dict[int, str]:
    raw: Any = json.loads(notebook.read_text(encoding="utf-8"))
    listed = raw.get("cells", []) if isinstance(raw, dict) else []
    return {
        index: cell["id"]
        for index, cell in enumerate(listed)
        if isinstance(cell, dict) and isinstance(cell.get("id"), str)
    }


def _beside(folder: Path, cells: Sequence[Cell]) -> Iterator[tuple[str, Path]]:
    """Modules of the folder that the cells import or run, and what these import, but for those that
    cells write themselves, and for ours and those of installed courses: in a clone, the reference
    would answer for them.
    """
    written = {name for c in cells for name in _files_written(c.source)}
    waiting = [c.source for c in cells]
    taken: set[str] = set()
    size = 0
    while waiting:
        for name, file in _named_in(folder, waiting.pop()):
            if name in taken or name in written or len(taken) >= MAX_COMPANIONS:
                continue
            if own.lies_in_copy(str(file), str(folder)) or _is_a_courses(file):
                continue
            size += file.stat().st_size
            if size > MAX_COMPANION_BYTES:
                return
            taken.add(name)
            yield name, file
            if file.suffix == ".py":
                waiting.append(file.read_text(encoding="utf-8", errors="replace"))


def _files_written(source: str, whole: bool = False) -> Iterator[str]:
    """The file that a cell writes, if it writes one; `whole`: and does not add to."""
    magic = cell_magic(source)
    if magic is None or magic.name not in _WRITES:
        return
    words = magic.arguments.split()
    if words and not (whole and {"-a", "--append"} & set(words)):
        yield words[-1].strip("'\"")


def _named_in(folder: Path, source: str) -> Iterator[tuple[str, Path]]:
    for name in run_files(source):
        if not Path(name).is_absolute() and _is_inside(folder, folder / name):
            yield name, folder / name
    for name in sorted(_imported(_body(source)) - sys.stdlib_module_names):
        module = folder / f"{name}.py"
        inside = sorted((folder / name).rglob("*.py")) if (folder / name).is_dir() else []
        for file in [module, *inside]:
            if _is_inside(folder, file):
                yield str(file.relative_to(folder)), file


def _is_inside(folder: Path, file: Path) -> bool:
    """True for a file of the folder itself: none that a link leads to."""
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


@functools.cache
def _places_of_courses() -> tuple[Path, ...]:
    return tuple(places_of_specs())


def _is_a_courses(file: Path) -> bool:
    """True for a file of an installed course or plugin: a reference, most likely."""
    real = file.resolve()
    return any(real.is_relative_to(place) for place in _places_of_courses())


def _imported(body: Iterable[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found
