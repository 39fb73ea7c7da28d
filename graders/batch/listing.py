"""What lies in a class's folder or archive: files that count, and what is there and is not read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path, PurePosixPath

from graders.batch.model import Part
from graders.errors import UsageError
from graders.messages import clean
from graders.submission.archive import IGNORED, Unread, members, opened, unread

MAX_FILES = 2_000_000


class Kind(Enum):
    """What something is that is there and is not read."""

    EMPTY = "a folder with nothing in it"
    HIDDEN = "a hidden file or folder"
    LINK = "a link"
    SPECIAL = "no regular file"
    CLOSED = "a folder that may not be read"


@dataclass(frozen=True)
class Other:
    """Something that is not read, by its path in the class."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Top:
    """What lies right in the class's folder: a file, or a folder with all that is in it."""

    name: str
    parts: tuple[Part, ...]
    others: tuple[Other, ...]

    @cached_property
    def is_folder(self) -> bool:
        """True for a folder, even an empty one."""
        inside = [p.name for p in self.parts] + [o.name for o in self.others]
        folders = (Kind.EMPTY, Kind.CLOSED)
        return any("/" in name for name in inside) or any(o.kind in folders for o in self.others)

    @property
    def inside(self) -> tuple[Part, ...]:
        """Its files by their names in it; a file by its own."""
        return tuple(replace(p, name=p.name.removeprefix(self.name + "/")) for p in self.parts)

    @property
    def whole(self) -> Path | None:
        """The file or folder of the disk that this is; None for members of an archive."""
        if not self.parts or self.parts[0].member:
            return None
        first = self.parts[0]
        depth = first.name.count("/")
        return first.path.parents[depth - 1] if depth else first.path


@dataclass(frozen=True)
class Listing:
    """All of it. What is hidden right at the top is nobody's."""

    parts: tuple[Part, ...]
    others: tuple[Other, ...] = ()

    @cached_property
    def tops(self) -> dict[str, Top]:
        """What lies at the top, by name and in order."""
        parts: dict[str, list[Part]] = {}
        others: dict[str, list[Other]] = {}
        for part in self.parts:
            parts.setdefault(_top(part.name), []).append(part)
        for other in self.others:
            others.setdefault(_top(other.name), []).append(other)
        return {
            name: Top(name, tuple(parts.get(name, ())), tuple(others.get(name, ())))
            for name in sorted(parts.keys() | others.keys()) if not name.startswith(".")
        }  # fmt: skip

    def below(self, top: str) -> Listing:
        """What is in a folder at the top."""
        start = top + "/"
        return Listing(
            tuple(replace(p, name=p.name[len(start) :]) for p in self.parts
                  if p.name.startswith(start)),
            tuple(replace(o, name=o.name[len(start) :]) for o in self.others
                  if o.name.startswith(start)),
        )  # fmt: skip


def _top(name: str) -> str:
    return name.partition("/")[0]


def of_folder(folder: Path) -> Listing:
    """What lies below a folder, sorted. Links are never followed, hidden folders never entered.

    Raises:
        UsageError: it can't be read itself, or there is no end of files in it.
    """
    parts: list[Part] = []
    others: list[Other] = []

    def closed(error: OSError) -> None:
        inside = os.path.relpath(error.filename, folder)
        if inside == ".":
            raise UsageError(f"{folder}: can't be read ({error.strerror})") from error
        others.append(Other(inside.replace(os.sep, "/"), Kind.CLOSED))

    for place, folders, files in os.walk(folder, onerror=closed):
        inside = PurePosixPath(os.path.relpath(place, folder).replace(os.sep, "/"))
        named = [name for name in sorted(folders) if name not in IGNORED]
        folders.clear()
        for name in named:
            if os.path.islink(os.path.join(place, name)):
                others.append(Other(str(inside / name), Kind.LINK))
            elif name.startswith("."):
                others.append(Other(str(inside / name), Kind.HIDDEN))
            else:
                folders.append(name)
        for name in sorted(files):
            file = Path(place, name)
            kind = _kind_of(file)
            if kind is None:
                parts.append(Part(str(inside / name), file))
            else:
                others.append(Other(str(inside / name), kind))
        if not named and not files and str(inside) != ".":
            others.append(Other(str(inside), Kind.EMPTY))
        if len(parts) > MAX_FILES:
            raise UsageError(f"{folder}: more than {MAX_FILES} files in it")
    return Listing(tuple(parts), tuple(others))


def _kind_of(file: Path) -> Kind | None:
    """What a file is that is not read; None for one that is."""
    if file.is_symlink():
        return Kind.LINK
    if file.name.startswith("."):
        return Kind.HIDDEN
    return None if file.is_file() else Kind.SPECIAL


def of_archive(path: Path, notes: list[str]) -> Listing:
    """What a class's archive has in it; names that lead out of it are told in `notes`.

    Raises:
        SubmissionError: it is damaged.
    """
    with opened(path) as archive:
        inside, outside = members(archive)
        left = unread(archive)
    notes += [f"left out, its name leads out of the archive: {clean(r, 80)}" for r in outside]
    parts = tuple(Part(m.name, path, m.info.filename) for m in inside)
    return Listing(parts, tuple(_others(parts, left)))


def _others(parts: Iterable[Part], left: Iterable[tuple[str, Unread]]) -> Iterator[Other]:
    kinds = {Unread.HIDDEN: Kind.HIDDEN, Unread.LINK: Kind.LINK}
    full = {str(folder) for p in parts for folder in PurePosixPath(p.name).parents}
    folders = []
    for name, what in left:
        if what is Unread.FOLDER:
            folders.append(name)
            continue
        full.update(map(str, PurePosixPath(name).parents))
        yield Other(name, kinds[what])
    full.update(str(above) for name in folders for above in PurePosixPath(name).parents)
    yield from (Other(name, Kind.EMPTY) for name in folders if name not in full)
