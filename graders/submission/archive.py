"""Zip files of strangers: no way out of the folder, no links, caps on size, count and nesting."""

from __future__ import annotations

import shutil
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from graders.errors import SubmissionError

MAX_FILES = 2_000
MAX_BYTES = 400 * 2**20
_CHUNK = 2**20
_IGNORED = {"__MACOSX", "__pycache__"}
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@dataclass(frozen=True)
class Member:
    """A regular file of an archive. `parts`: its path as it will be laid out."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        """The path with slashes."""
        return "/".join(self.parts)


@dataclass
class Allowance:
    """How much may still be unpacked; shared by archives within archives."""

    files: int = MAX_FILES
    bytes: int = MAX_BYTES

    def take(self, of: Path, files: int = 0, size: int = 0) -> None:
        """Count what comes out of `of`. Raises SubmissionError when it is too much."""
        self.files -= files
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise SubmissionError(
                f"{of}: more than {MAX_FILES} files or {MAX_BYTES // 2**20} MiB in it; "
                "hand in only what the notebook needs"
            )


def members(archive: zipfile.ZipFile) -> tuple[list[Member], list[str]]:
    """The regular files of an archive that may be laid out, and the names that may not.

    Folders, links, hidden files and what file managers add are left out without a word; a name
    that leads out of the archive is told.
    """
    found: list[Member] = []
    refused: list[str] = []
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG):
            continue
        name = _name_of(info).replace("\\", "/")
        parts = tuple(p for p in name.split("/") if p not in ("", "."))
        if name.startswith("/") or ".." in parts or not parts or ":" in parts[0] or "\0" in name:
            refused.append(name)
        elif not any(p in _IGNORED or p.startswith(".") for p in parts):
            found.append(Member(parts, info))
    return found, refused


def _name_of(info: zipfile.ZipInfo) -> str:
    """The member's name; those that say no encoding are UTF-8 or, from Japanese Windows, cp932."""
    if info.flag_bits & 0x800:
        return info.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return info.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.filename


def opened(path: Path) -> zipfile.ZipFile:
    """The archive, open. Raises SubmissionError if it is none."""
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise SubmissionError(f"{path}: can't be read: {error.strerror or error}") from error
    except _BROKEN as error:
        raise SubmissionError(f"{path}: not a zip file, or a damaged one ({error})") from error


def content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, of: Path) -> Iterator[bytes]:
    """A member's bytes, piece by piece: what it says about its size is not believed.

    Raises:
        SubmissionError: it is encrypted or damaged.
    """
    try:
        with archive.open(info) as source:
            yield from iter(lambda: source.read(_CHUNK), b"")
    except _BROKEN as error:
        said = "encrypted" if info.flag_bits & 1 else f"damaged ({error})"
        raise SubmissionError(f"{of}: {_name_of(info)} in it is {said}; zip it again") from error


def lay_out(pieces: Iterator[bytes], place: Path, of: Path, allowance: Allowance) -> None:
    """Write a new file below a folder of ours, counting as it comes.

    Raises:
        SubmissionError: it is too much, its name can't be had here or is there already.
    """
    allowance.take(of, files=1)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        target: IO[bytes]
        with place.open("xb") as target:
            for piece in pieces:
                allowance.take(of, size=len(piece))
                target.write(piece)
    except FileExistsError as error:
        raise SubmissionError(f"{of}: {place.name} is in it twice; zip it again") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SubmissionError(f"{of}: {place.name[:80]} can't be unpacked ({reason})") from error


def unpack(path: Path, folder: Path, allowance: Allowance) -> None:
    """Lay an archive's files out in a folder.

    Raises:
        SubmissionError: it is no archive, damaged, too large, or has names that lead out of it.
    """
    with opened(path) as archive:
        found, refused = members(archive)
        if refused:
            raise SubmissionError(
                f"{path}: {refused[0][:80]!r} in it leads out of the archive; zip it again"
            )
        for member in found:
            place = folder.joinpath(*member.parts)
            lay_out(content(archive, member.info, path), place, path, allowance)


def root_of(folder: Path) -> Path:
    """What was handed in: the one notebook or module of a folder, else the innermost folder."""
    while True:
        inside = [p for p in folder.iterdir() if p.name not in _IGNORED and p.name[:1] != "."]
        if len(inside) != 1:
            return folder
        if not inside[0].is_dir():
            return inside[0] if inside[0].suffix.lower() in (".ipynb", ".py") else folder
        folder = inside[0]


class Unpacked:
    """An archive's files in a folder of their own, which is there as long as this object.

    Raises:
        SubmissionError: as `unpack`.
    """

    def __init__(self, path: Path) -> None:
        folder = Path(tempfile.mkdtemp(prefix="scratchgrade-unpacked-"))
        weakref.finalize(self, shutil.rmtree, folder, True)
        unpack(path, folder, Allowance())
        self.root = root_of(folder)
