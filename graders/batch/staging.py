"""A submission's files: their fingerprint, and laid out in a folder where they have to be."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from graders.batch.model import Handed, Part
from graders.errors import SubmissionError
from graders.submission.archive import Allowance, content, lay_out, opened, root_of, unpack

_CHUNK = 2**20
_NESTED = 2  # archives within a student's archive within a class's


def fingerprint(handed: Handed) -> str:
    """The SHA-256 of a submission's files and their names. What can't be read counts as its reason."""
    digest = hashlib.sha256(str(handed.refused or "").encode("utf-8", "replace"))
    with _Archives() as archives:
        for part in sorted(_files(handed.whole, handed.parts), key=lambda p: p.name):
            digest.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            inner = hashlib.sha256()
            try:
                for piece in archives.pieces(part):
                    inner.update(piece)
                digest.update(inner.digest())
            except (OSError, SubmissionError) as error:
                digest.update(type(error).__name__.encode())
    return digest.hexdigest()


def _files(whole: Path | None, parts: Iterable[Part]) -> Iterator[Part]:
    if whole is None:
        yield from parts
    elif whole.is_file():
        yield Part(whole.suffix.lower(), whole)  # its name is its place, which may change
    else:
        for place, folders, files in os.walk(whole):
            folders[:] = [f for f in folders if f[:1] != "." and f != "__pycache__"]
            for name in files:
                path = Path(place, name)
                if name[:1] != "." and path.is_file() and not path.is_symlink():
                    yield Part(str(PurePosixPath(path.relative_to(whole))), path)


def pieces_of(whole: Path | None, parts: list[Part]) -> Iterator[tuple[Part, Iterator[bytes]]]:
    """Every file of a submission with its bytes, piece by piece, to be read before the next one.

    Raises:
        OSError, SubmissionError: a file can't be read.
    """
    files = parts
    if whole is not None:
        files = list(_files(whole, []))
        if whole.is_file():
            files[0] = Part(whole.name, whole)
    with _Archives() as archives:
        for part in files:
            yield part, archives.pieces(part)


class _Archives(ExitStack):
    """Archives that are open for as long as one submission is read."""

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[Path, zipfile.ZipFile] = {}

    def pieces(self, part: Part) -> Iterator[bytes]:
        """The bytes of a part, piece by piece."""
        if part.member:
            if part.path not in self._open:
                self._open[part.path] = self.enter_context(opened(part.path))
            archive = self._open[part.path]
            yield from content(archive, archive.getinfo(part.member), part.path)
            return
        with part.path.open("rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")


def stage(parts: list[Part], folder: Path) -> Path:
    """Lay a submission's files out in an empty folder; the path to grade.

    Archives in it are unpacked beside the other files, unless there is a notebook or module.

    Raises:
        SubmissionError: something is damaged, too large, or leads out of its archive.
    """
    allowance = Allowance()
    with _Archives() as archives:
        for part in parts:
            place = folder.joinpath(*PurePosixPath(part.name).parts)
            lay_out(archives.pieces(part), place, part.path, allowance)
    for _ in range(_NESTED):
        zipped = _having(folder, lambda name: name.endswith(".zip"))
        if not zipped or _having(folder, lambda name: name.endswith((".ipynb", ".py"))):
            break
        for archive in zipped:
            target = archive.with_suffix("")
            while target.exists():
                target = target.with_name(target.name + "_")
            target.mkdir()
            unpack(archive, target, allowance)
            archive.unlink()
    return root_of(folder)


def _having(folder: Path, wanted: Callable[[str], bool]) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and wanted(p.name.lower()))
