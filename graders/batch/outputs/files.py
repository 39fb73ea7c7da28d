"""Files that take their place whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from graders.errors import GraderError


@contextmanager
def new(path: Path, bom: bool = False) -> Iterator[TextIO]:
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
