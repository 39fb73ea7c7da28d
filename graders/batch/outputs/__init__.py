"""What a graded class leaves in its folder besides the reports; all of it can be made again."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from graders.batch.outputs import gradebook, gradescope, junit, markdown, page, similar
from graders.batch.outputs.summary import Summary, summarised
from graders.batch.run import Class
from graders.errors import GraderError
from graders.grading import sprints_for


def write_outputs(graded: Class, assignment: str = "", starter: Path | None = None) -> Summary:
    """Write every file, each whole or not at all; only one report at a time is in memory. The class
    in numbers.

    Raises:
        GraderError: a file can't be written; the starter code can't be read.
    """
    store, out = graded.store, graded.out
    sprints = sprints_for(graded.request)
    whole = summarised(store, sprints, graded.request.language)
    name = assignment or " ".join(whole.sprints) or "scratchgrade"
    alike = similar.found(store, starter)
    with _new(out / "gradebook.csv", bom=True) as file:
        gradebook.write_gradebook(store, whole, file)
    with _new(out / "canvas.csv", bom=True) as file:
        gradebook.write_canvas(store, whole, name, file)
    with _new(out / "moodle.csv", bom=True) as file:
        gradebook.write_moodle(store, whole, file)
    with _new(out / "similar.csv", bom=True) as file:
        similar.write_table(alike, file)
    with _new(out / "junit.xml") as file:
        junit.write_junit(store, file)
    with _new(out / "class.md") as file:
        markdown.write_markdown(store, whole, file)
    with _new(out / "class.html") as file:
        page.write_page(store, whole, name, similar.shown(store, alike), file)
    gradescope.write_all(store, _folder(out / "gradescope"), _new)
    return whole


def _folder(path: Path) -> Path:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise GraderError(f"{path}: can't be written ({error.strerror or error})") from error
    return path


@contextmanager
def _new(path: Path, bom: bool = False) -> Iterator[TextIO]:
    """A file that takes its place when the block has come to its end.

    `bom`: for spreadsheets, which take a file without one for another encoding.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            encoding = "utf-8-sig" if bom else "utf-8"
            with os.fdopen(handle, "w", encoding=encoding, errors="replace", newline="") as file:
                yield file
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise GraderError(f"{path}: can't be written ({error.strerror or error})") from error
