"""Read a .ipynb, a .py, a folder or a .zip into a `Submission`; a failure is one clear sentence."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import re
import tokenize
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from graders import own
from graders.errors import SubmissionError
from graders.messages import M
from graders.submission.archive import Unpacked
from graders.submission.mistaken import conflict_in, other_language, what_it_is
from graders.submission.model import Cell, Kind, Section, Submission
from graders.submission.parsing import (
    MAX_CHARACTERS,
    MAX_TOKENS,
    compiled,
    deep_statements,
    is_too_deep,
    parse,
    size_of,
)
from graders.submission.sections import section_of_code, section_of_text
from graders.submission.text import decoded, tamed

MAX_FILE_BYTES = 64 * 2**20
MAX_CELLS = 5_000
MAX_PROSE = 1_000_000  # characters, of all cells of text
MAX_VALUES = 12_000_000  # in a notebook's JSON: each takes memory, however short it is
MAX_COMPANIONS = 500
MAX_COMPANION_BYTES = 200 * 2**20
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_PYTHON = (ast.ClassDef, ast.FunctionDef, ast.ImportFrom)
_MARKER = re.compile(r"# ?%%")


def read_submission(path: Path) -> Submission:
    """Read what was handed in.

    Raises:
        SubmissionError: the path does not exist, is neither notebook, module, folder nor archive,
            or its content can't be read.
    """
    try:
        if path.is_dir():
            return _read_folder(path)
        if not path.is_file():
            raise SubmissionError(
                f"{path}: no such file or folder; give --submission the notebook (.ipynb), "
                "module (.py), folder or archive (.zip) to grade"
            )
        suffix = path.suffix.lower()
        if suffix == ".ipynb":
            cells, prose, notes = read_notebook(path)
            return _submission(path, "notebook", [path], cells, prose, notes)
        if suffix == ".py":
            conflict = conflict_in(_read_text(path))
            if conflict is not None:
                raise SubmissionError(M("{path}: {reason}", path=str(path), reason=conflict))
            return _submission(path, "module", [path], _read_module(path, 0), [], [])
        if suffix == ".zip":
            return _read_archive(path)
    except OSError as error:
        raise SubmissionError(f"{path}: can't be read: {error.strerror or error}") from error
    raise SubmissionError(
        f"{path}: not a notebook: expected a name that ends in .ipynb, .py or .zip, or a folder"
    )


def _read_archive(path: Path) -> Submission:
    """What a zip file has in it: read as if its one file, or its folder, had been handed in."""
    unpacked = Unpacked(path)
    try:
        inside = read_submission(unpacked.root)
    except SubmissionError as error:
        raise error.about(unpacked.root, path) from error
    return replace(inside, path=path, kept=unpacked)


def _submission(
    path: Path,
    kind: Kind,
    files: list[Path],
    cells: list[Cell],
    prose: list[str],
    notes: list[str],
    companions: tuple[tuple[str, Path], ...] = (),
) -> Submission:
    sha256 = _fingerprint(path, files, companions)
    return assembled(path, kind, sha256, cells, prose, notes, companions)


def assembled(
    path: Path,
    kind: Kind,
    sha256: str,
    cells: list[Cell],
    prose: list[str],
    notes: Sequence[str] = (),
    companions: tuple[tuple[str, Path], ...] = (),
) -> Submission:
    """A submission from its cells and its text.

    Raises:
        SubmissionError: it is too much.
    """
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(cells)} cells; at most {MAX_CELLS} are read")
    shown = {name for name, file in companions if any(c.path == file for c in cells)}
    cells, modules, unread = _within_bounds(path, cells, _modules_among(companions), shown)
    text = "\n".join([*prose, *(cell.source for cell in cells)])
    return Submission(
        path,
        kind,
        sha256,
        tuple(cells),
        text,
        _language_of("\n".join(prose), text),
        "\n".join(prose),
        companions,
        (*notes, *unread),
        tuple(prose),
        modules=tuple(modules.items()),
    )


def _fingerprint(path: Path, files: list[Path], companions: tuple[tuple[str, Path], ...]) -> str:
    """The SHA-256 of a file, also of the only one in a folder or archive; of several, that of their
    names and contents: all that the code can read counts, so that no other work has the same.
    """
    if len(files) == 1 and all(file == files[0] for _, file in companions):
        return hashlib.sha256(files[0].read_bytes()).hexdigest()
    digest = hashlib.sha256()
    named = [(str(f.relative_to(path)), f) for f in files]
    for name, file in [*named, *companions]:
        digest.update(hashlib.sha256(os.fsencode(name)).digest())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _modules_among(companions: Sequence[tuple[str, Path]]) -> dict[str, str]:
    """The text of the Python files of a folder, by their names in it."""
    found = {}
    for name, path in companions:
        if path.suffix.lower() == ".py":
            with path.open("rb") as file:
                data = file.read(4 * MAX_CHARACTERS)
            try:
                found[name] = decoded(data)
            except UnicodeDecodeError:
                continue
    return found


def _within_bounds(
    path: Path, cells: list[Cell], modules: dict[str, str], shown: Collection[str]
) -> tuple[list[Cell], dict[str, str], list[str]]:
    """The same without the largest pieces, if it is too much in all; and notes on what is not read.

    The modules that are `shown` by the cells are counted with them.
    """
    named: list[tuple[str, str]] = [(_place(c), c.source) for c in cells]
    named += modules.items()
    sizes = [size_of(source) for _, source in named]
    sizes = [
        0 if s <= MAX_TOKENS and n[0] in shown else s for s, n in zip(sizes, named, strict=True)
    ]
    total, left_out = sum(sizes), set()
    for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        if total <= MAX_TOKENS:
            break
        total -= sizes[i]
        left_out.add(i)
    if left_out and total == 0:
        raise SubmissionError(
            M(
                "{path}: too much code to be read (more than {n} words and signs); "
                "hand in only what you wrote yourself",
                path=str(path),
                n=MAX_TOKENS,
            )
        )
    notes = [f"too long: {named[i][0]}" for i in sorted(left_out)]
    for i, (place, source) in enumerate(named):
        if i not in left_out and place not in shown and is_too_deep(source):
            notes.append(f"too deep: {place}")
    cells = [replace(c, source="") if i in left_out else c for i, c in enumerate(cells)]
    kept = {n: t for j, (n, t) in enumerate(modules.items(), len(cells)) if j not in left_out}
    return cells, kept, notes


def _place(cell: Cell) -> str:
    """Where a cell is, for a note that each language words in its own way."""
    if cell.file.lower().endswith(".py"):
        return f"{cell.file}, line {cell.line}"
    return f"cell {cell.index}" if cell.prompt is None else f"In [{cell.prompt}]"


def _language_of(prose: str, text: str) -> Literal["ja", "en"]:
    """The language of the text cells; where there is hardly any, of comments and docstrings.

    A docstring or two that came with the course don't make an English notebook Japanese.
    """

    def share(of: str) -> float:
        letters = sum(c.isalpha() for c in of)
        return len(_JAPANESE.findall(of)) / letters if letters else 0.0

    if sum(c.isalpha() for c in prose) >= 40:
        return "ja" if share(prose) > 0.1 else "en"
    return "ja" if share(text) > 0.02 and len(_JAPANESE.findall(text)) >= 10 else "en"


def _read_text(path: Path) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise SubmissionError(
            f"{path}: larger than {MAX_FILE_BYTES // 2**20} MiB; clear its outputs and hand it in again"
        )
    data = path.read_bytes()
    mistaken = what_it_is(data[:4096])
    if mistaken is not None:
        raise SubmissionError(M("{path}: {reason}", path=str(path), reason=mistaken))
    try:
        return decoded(data)
    except UnicodeDecodeError as error:
        raise SubmissionError(
            f"{path}: not text (neither UTF-8 nor Shift-JIS nor UTF-16)"
        ) from error


def read_notebook(path: Path, first: int = 0) -> tuple[list[Cell], list[str], list[str]]:
    """Cells numbered from `first`, the prose, and notes on what had to be mended.

    Raises:
        SubmissionError: it is no notebook, or too large.
        OSError: it can't be read.
    """
    text = _read_text(path)
    if not text.strip():
        raise SubmissionError(f"{path}: the file is empty; save the notebook and hand it in again")
    if sum(map(text.count, "{[,")) > MAX_VALUES or text.count("{") > MAX_VALUES // 6:
        raise SubmissionError(
            M(
                "{path}: more than {n} values in it; clear its outputs and save it again",
                path=str(path),
                n=MAX_VALUES,
            )
        )
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        conflict = conflict_in(text)
        if conflict is not None:
            raise SubmissionError(M("{path}: {reason}", path=str(path), reason=conflict)) from error
        raise SubmissionError(f"{path}: not a notebook: no valid JSON ({error})") from error
    if not isinstance(raw, dict) or not ("cells" in raw or "worksheets" in raw):
        raise SubmissionError(f"{path}: not a notebook: it has no cells")
    notes: list[str] = []
    if "worksheets" in raw:
        notes.append("notebook of format 3, converted")
        raw = _upgraded(raw, path)
    cells = raw["cells"]
    if not isinstance(cells, list):
        raise SubmissionError(f"{path}: not a notebook: its cells are no list")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"{path}: {len(cells)} cells; at most {MAX_CELLS} are read")
    language = other_language(raw.get("metadata"))
    if language and not any(map(_defines_in_python, cells)):
        raise SubmissionError(
            M(
                "{path}: a notebook in {language}, not in Python; hand in the Python notebook",
                path=str(path),
                language=language,
            )
        )
    found: list[Cell] = []
    prose: list[str] = []
    section = Section()
    opened_by_prose = False
    left = MAX_PROSE
    del text
    for offset, cell in enumerate(cells):
        kind, source = _cell_text(cell)
        if kind == "code":
            opened = section_of_code(source)
            section = opened or section
            opened_by_prose = False
            found.append(
                Cell(first + offset, source, section, file=path.name, first=first, path=path)
            )
        elif kind:
            source = tamed(source, left)
            left -= len(source)
            prose.append(source)
            opened = section_of_text(source)
            if opened and opened_by_prose and section.problems:
                # Headings that follow each other without code between share what follows;
                # a sub-heading stays in its problem.
                merged = tuple(dict.fromkeys([*section.problems, *opened.problems]))
                section = Section(section.title, merged)
            elif opened and (opened.problems or not section.problems or _ends_problem(source)):
                section = opened
                opened_by_prose = True
    return found, prose, notes


def _defines_in_python(cell: object) -> bool:
    """True for a cell that has a class, a function or an import of Python's: a label may be wrong."""
    kind, source = _cell_text(cell)
    tree = compiled(Cell(0, source, Section())) if kind == "code" else None
    return tree is not None and any(isinstance(node, _PYTHON) for node in tree.body)


def _ends_problem(source: str) -> bool:
    """A top-level heading without a number ends the problem before it; a lower one does not."""
    return bool(re.match(r"\s{0,3}#{1,2}\s", source))


def _upgraded(raw: dict[str, Any], path: Path) -> dict[str, Any]:
    import nbformat  # notebooks are seldom that old

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            node = nbformat.v4.upgrade(nbformat.from_dict(raw), from_version=3)
        except Exception as error:
            raise SubmissionError(
                f"{path}: a notebook of format {raw.get('nbformat', '?')} that can't be converted "
                f"({type(error).__name__}: {error}); save it with a current Jupyter"
            ) from error
    converted: dict[str, Any] = json.loads(json.dumps(node))
    return converted


def _cell_text(cell: object) -> tuple[str, str]:
    """(type, source) of a cell, whatever its author's tools made of it; ("", "") if it has none."""
    if not isinstance(cell, dict):
        return "", ""
    kind, source = cell.get("cell_type"), cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(kind, str) or not isinstance(source, str):
        return "", ""
    return kind, source.replace("\r\n", "\n")


def _read_module(path: Path, first: int, folders: str | None = None) -> list[Cell]:
    """A module as cells: one a class or function, so that a failing line costs only itself."""
    text = _read_text(path).replace("\r\n", "\n").replace("\r", "\n")
    if size_of(text) > MAX_TOKENS:
        return [Cell(first, text, Section(), 1, path.name, first, folders, path)]
    lines = text.split("\n")  # as Python counts them: a form feed ends no line
    cells: list[Cell] = []
    section = Section()
    for start, end in _chunks(text, len(lines)):
        source = "\n".join(lines[start:end]).rstrip("\n")
        if not source.strip():
            continue
        section = section_of_code(source) or section
        cells.append(
            Cell(first + len(cells), source, section, start + 1, path.name, first, folders, path)
        )
    return cells


def _chunks(text: str, n_lines: int) -> Iterator[tuple[int, int]]:
    """Line ranges (from 0) of a module's pieces."""
    starts = {0}
    tree = parse(text)
    if tree is None:
        tree = ast.Module([], [])  # cut at the markers only; Python will report the error
    comments = _comment_lines(text)
    starts.update(
        line
        for line, source in enumerate(text.split("\n"))
        if _MARKER.match(source) and (comments is None or line in comments)
    )
    definition = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    after_definition = False
    for node in tree.body:
        is_definition = isinstance(node, definition)
        if is_definition or after_definition:
            line = node.lineno - 1
            if isinstance(node, definition) and node.decorator_list:
                line = min(d.lineno for d in node.decorator_list) - 1
            while line - 1 in (comments or ()):
                line -= 1  # the comment above belongs to what it is about
            starts.add(line)
        after_definition = is_definition
    for deep in deep_statements(text):  # it costs itself alone
        following = (node.lineno for node in tree.body if node.lineno > deep.lineno)
        starts.update((deep.lineno - 1, next(following, deep.lineno) - 1))
    ordered = sorted(starts)
    yield from zip(ordered, [*ordered[1:], n_lines], strict=True)


def _comment_lines(text: str) -> set[int] | None:
    """Lines (from 0) that are comments, not text in a string; None if that can't be told."""
    found: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                found.add(token.start[0] - 1)
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


def _read_folder(folder: Path) -> Submission:
    files = _files_of(folder)
    notebooks = [f for f in files if f.suffix.lower() == ".ipynb"]
    modules = [f for f in files if f.suffix.lower() == ".py"]
    main = notebooks or modules
    if not main:
        raise SubmissionError(f"{folder}: no notebook (.ipynb) and no module (.py) in this folder")
    cells: list[Cell] = []
    prose: list[str] = []
    notes: list[str] = []
    for file in main:
        first = cells[-1].index + 1 if cells else 0
        if notebooks:
            more, text, mended = read_notebook(file, first)
            prose += text
            notes += mended
        else:
            more = _read_module(file, first, ".".join(file.relative_to(folder).parts[:-1]))
        cells += more
    companions = tuple((str(f.relative_to(folder)), f) for f in files if f not in notebooks)
    return _submission(folder, "folder", notebooks, cells, prose, notes, companions)


def _files_of(folder: Path) -> list[Path]:
    """Regular files below the folder, sorted; links and hidden files are left out, and copies of our
    own packages, which would answer in the place of what was handed in.
    """
    found: list[Path] = []
    size = 0
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") or part == "__pycache__" for part in inside):
            continue
        if path.is_symlink() or any(p.is_symlink() for p in path.parents if folder in p.parents):
            continue
        if not path.is_file() or _is_ours(folder, inside):
            continue
        size += path.stat().st_size
        found.append(path)
        if len(found) > MAX_COMPANIONS or size > MAX_COMPANION_BYTES:
            raise SubmissionError(
                f"{folder}: more than {MAX_COMPANIONS} files or {MAX_COMPANION_BYTES // 2**20} MiB; "
                "hand in only what the notebook needs"
            )
    return found


def _is_ours(folder: Path, inside: Sequence[str]) -> bool:
    """True for a file of a copy of ours that lies in the folder (which may be in a clone itself)."""
    return any(own.is_ours(str(folder.joinpath(*inside[:n]))) for n in range(1, len(inside)))
