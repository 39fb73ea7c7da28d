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
from enum import Enum, auto
from pathlib import Path
from typing import IO

from graders.errors import SubmissionError
from graders.messages import M

MAX_FILES = 2_000
MAX_BYTES = 400 * 2**20
_CHUNK = 2**20
IGNORED = frozenset(["__MACOSX", "__pycache__"])
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
                M(
                    "{file}: more than {n} files or {size} MiB in it; "
                    "hand in only what the notebook needs",
                    file=str(of), n=MAX_FILES, size=MAX_BYTES // 2**20,
                )
            )  # fmt: skip


def members(archive: zipfile.ZipFile) -> tuple[list[Member], list[str]]:
    """The regular files of an archive that may be laid out, and the names that may not.

    Folders, links, hidden files and what file managers add are left out without a word; a name
    that leads out of the archive is told.
    """
    found: list[Member] = []
    refused: list[str] = []
    for info in archive.infolist():
        if _is_folder(info) or not _is_regular(info):
            continue
        name, parts = _path_of(info)
        if _leads_out(name, parts):
            refused.append(name)
        elif not any(p in IGNORED or p.startswith(".") for p in parts):
            found.append(Member(parts, info))
    return found, refused


class Unread(Enum):
    """What a member is that `members` leaves out without a word."""

    FOLDER = auto()
    HIDDEN = auto()
    LINK = auto()


def unread(archive: zipfile.ZipFile) -> list[tuple[str, Unread]]:
    """What `members` leaves out without a word, for who lists a class: paths, and what they are.

    Of what is hidden, the path ends with the first part that is.
    """
    found: dict[str, Unread] = {}
    for info in archive.infolist():
        name, parts = _path_of(info)
        if _leads_out(name, parts) or IGNORED & set(parts):
            continue
        hidden = next((i for i, p in enumerate(parts) if p.startswith(".")), None)
        if hidden is not None:
            found["/".join(parts[: hidden + 1])] = Unread.HIDDEN
        elif _is_folder(info):
            found["/".join(parts)] = Unread.FOLDER
        elif not _is_regular(info):
            found["/".join(parts)] = Unread.LINK
    return list(found.items())


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """As `is_dir` says; that raises for a damaged entry, whose name is empty."""
    return info.filename.endswith("/")


def _is_regular(info: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG)


def _path_of(info: zipfile.ZipInfo) -> tuple[str, tuple[str, ...]]:
    name = _name_of(info).replace("\\", "/")
    return name, tuple(p for p in name.split("/") if p not in ("", "."))


def _leads_out(name: str, parts: tuple[str, ...]) -> bool:
    return name.startswith("/") or ".." in parts or not parts or ":" in parts[0] or "\0" in name


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
        why = error.strerror or error
        raise SubmissionError(
            M("{file}: can't be read: {why}", file=str(path), why=str(why))
        ) from error
    except _BROKEN as error:
        said = M("{file}: not a zip file, or a damaged one ({why})", file=str(path), why=str(error))
        raise SubmissionError(said) from error


def content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, of: Path) -> Iterator[bytes]:
    """A member's bytes, piece by piece: what it says about its size is not believed.

    Raises:
        SubmissionError: it is encrypted or damaged.
    """
    try:
        with archive.open(info) as source:
            yield from iter(lambda: source.read(_CHUNK), b"")
    except _BROKEN as error:
        name = _name_of(info)
        said = M("{file}: {name} in it is damaged ({why}); zip it again",
                 file=str(of), name=name, why=str(error))  # fmt: skip
        if info.flag_bits & 1:
            said = M("{file}: {name} in it is encrypted; zip it again", file=str(of), name=name)
        raise SubmissionError(said) from error


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
        said = M("{file}: {name} is in it twice; zip it again", file=str(of), name=place.name)
        raise SubmissionError(said) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        said = M("{file}: {name} can't be unpacked ({why})",
                 file=str(of), name=place.name[:80], why=str(why))  # fmt: skip
        raise SubmissionError(said) from error


def unpack(path: Path, folder: Path, allowance: Allowance) -> None:
    """Lay an archive's files out in a folder.

    Raises:
        SubmissionError: it is no archive, damaged, too large, or has names that lead out of it.
    """
    with opened(path) as archive:
        found, refused = members(archive)
        if refused:
            raise SubmissionError(
                M("{file}: {name} in it leads out of the archive; zip it again",
                  file=str(path), name=repr(refused[0][:80]))
            )  # fmt: skip
        for member in found:
            place = folder.joinpath(*member.parts)
            lay_out(content(archive, member.info, path), place, path, allowance)


def root_of(folder: Path) -> Path:
    """What was handed in: the one notebook or module of a folder, else the innermost folder."""
    while True:
        inside = [p for p in folder.iterdir() if p.name not in IGNORED and p.name[:1] != "."]
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
