"""Files that were handed in: kept under their hash, and never by a name that somebody gave them."""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from graders.batch.model import Handed, Part
from graders.batch.outputs.files import new
from graders.errors import GraderError, SubmissionError
from graders.ledger.uploads import Upload
from graders.messages import M, clean
from graders.submission.mistaken import what_it_is

FOLDER = "uploads"
MANIFEST = "submissions.csv"
_KINDS = (".ipynb", ".py", ".zip")
_PARTIAL = ".part-"
_HEAD = 4096
_CHUNK = 2**20


class Kept:
    """The folder of a class's uploads.

    Raises:
        GraderError: it can't be used.
    """

    def __init__(self, course: Path) -> None:
        self.folder = course / FOLDER
        self._manifest = course / MANIFEST
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            for left in self.folder.glob(f"{_PARTIAL}*"):  # of a server that was killed
                left.unlink(missing_ok=True)
        except OSError as error:
            raise _unkept(self.folder, error) from error

    def keep(self, file: IO[bytes], kind: str) -> str:
        """Keep a file's bytes; the name under which they are. When this returns, a power cut does not lose them.

        Raises:
            GraderError: they can't be written.
        """
        digest = hashlib.sha256()
        file.seek(0)
        try:
            handle, partial = tempfile.mkstemp(prefix=_PARTIAL, dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as target:
                    while piece := file.read(_CHUNK):
                        digest.update(piece)
                        target.write(piece)
                    target.flush()
                    os.fsync(target.fileno())
                name = digest.hexdigest() + kind
                os.replace(partial, self.folder / name)
            except BaseException:
                with suppress(OSError):
                    os.unlink(partial)
                raise
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _unkept(self.folder, error) from error
        return name

    def handed(self, student: Handed, upload: Upload, late: bool, attempt: int) -> Handed:
        """What a student has handed in, as `batch` finds it by the manifest."""
        place = self.folder / upload.content
        packed = place.suffix == ".zip"
        return replace(
            student, shown=upload.name, refused=None, late=late, attempt=attempt, submitted=upload.at,
            whole=None if packed else place, parts=(Part(place.name, place),) if packed else (),
        )  # fmt: skip

    def list_counting(self, counting: Iterable[tuple[Handed, Upload]]) -> Path:
        """Write which upload of each student counts, for `regrade` and `review`; where.

        Raises:
            GraderError: it can't be written.
        """
        with new(self._manifest) as file:
            rows = csv.writer(file)
            rows.writerow(["path", "id", "number", "name", "email", "late", "attempt", "submitted"])
            for one, upload in counting:
                who = one.student
                rows.writerow([f"{FOLDER}/{upload.content}", one.id, who.number, who.name, who.email,
                               "late" if one.late else "", one.attempt, one.submitted])  # fmt: skip
        return self._manifest


def kind_of(name: str, file: IO[bytes]) -> str:
    """Which of three kinds a file is: by what its name ends with, if its bytes don't say otherwise.

    Raises:
        SubmissionError: it is none of them, and why.
    """
    shown = shown_name(name)
    kind = next((kind for kind in _KINDS if name.lower().endswith(kind)), None)
    if kind is None:
        raise SubmissionError(
            M("{name}: hand in a notebook (.ipynb), a module (.py), or a .zip of them", name=shown)
        )
    file.seek(0)
    head = file.read(_HEAD)
    if not head.strip():
        raise SubmissionError(M("{name} is empty", name=shown))
    if kind == ".zip":
        if not zipfile.is_zipfile(file):
            raise SubmissionError(
                M("{name}: no zip file, or a damaged one; zip it again", name=shown)
            )
        return kind
    other = what_it_is(head)
    if other is not None:
        raise SubmissionError(M("{path}: {reason}", path=shown, reason=other))
    if kind == ".ipynb" and not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        raise SubmissionError(
            M("{name}: no notebook; save it in Jupyter and hand that file in", name=shown)
        )
    return kind


def shown_name(name: str) -> str:
    """What a student calls a file, as text to show."""
    return clean(name.replace("\\", "/").rpartition("/")[2], 120) or "-"


def _unkept(place: Path, error: OSError) -> GraderError:
    return GraderError(
        M("{place}: can't be written ({why}); nothing was kept, hand it in again later",
          place=str(place), why=error.strerror or str(error))
    )  # fmt: skip
