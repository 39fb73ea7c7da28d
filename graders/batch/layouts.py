"""The layouts in which learning systems export a class: listings -> one group a student."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from graders.batch.model import Part, Student
from graders.errors import UsageError
from graders.submission.archive import content, opened

METADATA = "submission_metadata.yml"
_MAX_METADATA = 64 * 2**20
# familyfirst_LATE_12345_678910_notebook-1.ipynb; anonymous: anon_a1B2c_678910_notebook.ipynb
_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?:LATE_)?(?P<user>\d+)_(?:(?:question|text)_)?(?P<upload>\d+)_(?P<file>.+)|"
    r"anon_(?:LATE_)?(?P<secret>\w+?)_(?P<anonymous>\d+)_(?P<rest>.+)"
)
# First Last_12345_assignsubmission_file_ as a folder, or before the name of a file
_MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)"
)


@dataclass(frozen=True)
class Group:
    """The files of one student. `whole`: a file or folder of the disk that is all of them."""

    label: str
    student: Student
    parts: tuple[Part, ...]
    whole: Path | None = None
    always: bool = False  # counts as a submission even if nothing in it can be graded
    place: str = ""


def grouped(
    parts: Sequence[Part], layout: str, clones: frozenset[str], packed: bool = False
) -> tuple[str, list[Group]]:
    """(layout, groups) of a listing. `clones`: top folders that are git clones; `packed`: it is an
    archive's.

    Raises:
        UsageError: the files don't have the layout that was asked for.
    """
    parts = _without_single_top(parts, packed)
    for name, read in _READERS.items():
        if layout in ("auto", name):
            found = read(parts, clones)
            if found is not None:
                return name, found
    raise UsageError(f"--layout {layout}: the names of the files are not of this layout")


def _without_single_top(parts: Sequence[Part], packed: bool) -> Sequence[Part]:
    """Exports have everything in one folder: it is no student.

    A folder of the disk with one folder of files in it is a class of one; an archive's single folder
    is the class, if several things in it can be graded.
    """
    while parts:
        tops = {_top(p) for p in parts}
        if len(tops) != 1 or any("/" not in p.name for p in parts):
            return parts
        top = next(iter(tops))
        inner = [Part(p.name[len(top) + 1 :], p.path, p.member) for p in parts]
        files = [p.name for p in inner if "/" not in p.name]
        exported = METADATA in files or all(_CANVAS.fullmatch(f) for f in files)
        students = {_top(p) for p in inner if p.name.lower().endswith((".ipynb", ".py", ".zip"))}
        several = packed and len(students) > 1
        if _MOODLE.fullmatch(top) or (files and not exported and not several):
            return parts
        parts = inner
    return parts


def _top(part: Part) -> str:
    return part.name.partition("/")[0]


def _by_top(parts: Iterable[Part]) -> dict[str, list[Part]]:
    tops: dict[str, list[Part]] = {}
    for part in parts:
        tops.setdefault(_top(part), []).append(part)
    return tops


def _inside(top: str, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The files of a top folder by their names in it; a file at the top by its own."""
    return tuple(Part(p.name.removeprefix(top + "/"), p.path, p.member) for p in parts)


def _whole(top: str, parts: Sequence[Part]) -> Path | None:
    """The file or folder of the disk that these are all of; None for members of an archive."""
    first = parts[0]
    if first.member:
        return None
    depth = first.name.count("/")
    return first.path.parents[depth - 1] if depth else first.path


def _gradescope(parts: Sequence[Part], clones: frozenset[str]) -> list[Group] | None:
    """submission_123/ folders, and who they are of in submission_metadata.yml."""
    described = next((p for p in parts if p.name == METADATA), None)
    if described is None:
        return None
    data = _yaml(described)
    groups = []
    for top, inside in _by_top(p for p in parts if p is not described).items():
        entry = data.get(top) if isinstance(data, dict) else None
        who = [s for s in _get(entry, "submitters", []) if isinstance(s, dict)] or [{}]
        name = ", ".join(str(n) for n in (_get(s, "name", "") for s in who) if n)
        first = who[0]
        student = Student(name or top, str(_get(first, "sid", "") or ""),
                          str(_get(first, "email", "") or ""))  # fmt: skip
        number = top.removeprefix("submission_")
        label = f"{name}_{number}" if name else top
        groups.append(Group(label, student, _inside(top, inside), _whole(top, inside), True, top))
    return groups


def _get(entry: object, key: str, default: Any) -> Any:
    """A value under a key as Gradescope writes it (a Ruby symbol) or without the colon."""
    if not isinstance(entry, dict):
        return default
    return entry.get(f":{key}", entry.get(key, default))


def _yaml(part: Part) -> object:
    try:
        if part.member:
            with opened(part.path) as archive:
                pieces = content(archive, archive.getinfo(part.member), part.path)
                text = b"".join(_capped(pieces, part))
        else:
            text = part.path.read_bytes()[: _MAX_METADATA + 1]
        if len(text) > _MAX_METADATA:
            raise UsageError(f"{part.path}: {METADATA} is larger than {_MAX_METADATA // 2**20} MiB")
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{part.path}: {METADATA} can't be read ({error})") from error


def _capped(pieces: Iterable[bytes], part: Part) -> Iterable[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
        if size > _MAX_METADATA:
            return


def _moodle(parts: Sequence[Part], clones: frozenset[str]) -> list[Group] | None:
    """A folder a student, or the student before the name of each file."""
    tops = _by_top(parts)
    matched = {top: _MOODLE.fullmatch(top) for top in tops}
    if not any(matched.values()):
        return None
    students: dict[tuple[str, str], list[Part]] = {}
    where: dict[tuple[str, str], list[str]] = {}
    for top, inside in tops.items():
        match = matched[top]
        if match is None or match["kind"] == "onlinetext":
            continue
        who = match["name"], match["number"] or ""
        place = match["file"] if "/" not in inside[0].name and match["file"] else ""
        students.setdefault(who, []).extend(
            [Part(place, p.path, p.member) for p in inside] if place else _inside(top, inside)
        )
        where.setdefault(who, []).append(top)
    groups = []
    for (name, number), files in students.items():
        tops_of = where[name, number]
        whole = _whole(tops_of[0], tops[tops_of[0]]) if len(tops_of) == 1 else None
        label = f"{name}_{number}" if number else name
        groups.append(Group(label, Student(name, number), tuple(files), whole, True, tops_of[0]))
    return groups


def _canvas(parts: Sequence[Part], clones: frozenset[str]) -> list[Group] | None:
    """Files at the top, the student, the student's number and the upload's before each name."""
    matched = [(p, _CANVAS.fullmatch(p.name)) for p in parts]
    if not matched or any(m is None or "/" in p.name for p, m in matched):
        return None
    students: dict[tuple[str, str], list[Part]] = {}
    for part, match in matched:
        assert match is not None
        if match["anonymous"]:
            who, name = ("anon_" + match["secret"], ""), match["rest"]
        else:
            who, name = (match["name"], match["user"]), match["file"]
        students.setdefault(who, []).append(Part(name, part.path, part.member))
    if len(students) < 2:
        return None  # notebook_11_2_final.ipynb would be read as a student's
    groups = []
    for (name, number), files in students.items():
        names = {f.name for f in files}
        files = [Part(_first_name(f.name, names), f.path, f.member) for f in files]
        whole = files[0].path if len(files) == 1 and not files[0].member else None
        label = f"{name}_{number}" if number else name
        groups.append(
            Group(
                label, Student(name, number), tuple(files), whole, True, f"{label}/{files[0].name}"
            )
        )
    return groups


def _first_name(name: str, names: set[str]) -> str:
    """The name that the student gave: Canvas puts -1, -2 ... behind that of a later attempt."""
    plain = re.sub(r"-\d{1,2}(\.\w+)$", r"\1", name)
    return name if plain in names else plain


def _plain(parts: Sequence[Part], clones: frozenset[str]) -> list[Group]:
    """One file or one folder a student."""
    groups = []
    for top, inside in _by_top(parts).items():
        label = top if "/" in inside[0].name else PurePosixPath(top).stem
        groups.append(Group(label, Student(label), _inside(top, inside), _whole(top, inside),
                            place=top))  # fmt: skip
    return groups


def _classroom(parts: Sequence[Part], clones: frozenset[str]) -> list[Group] | None:
    """GitHub Classroom: clones named assignment-login; what all names share is the assignment."""
    tops = sorted(t for t in _by_top(parts) if t in clones)
    if len(tops) < 2:
        return None
    shared = 0
    for letters in zip(*tops, strict=False):
        if len(set(letters)) > 1:
            break
        shared += 1
    shared = tops[0][:shared].rfind("-") + 1
    if not shared:
        return None
    groups = []
    for top, inside in _by_top(parts).items():
        if top in tops:
            label = top[shared:] or top
            groups.append(Group(label, Student(label, label), _inside(top, inside),
                                _whole(top, inside), True, top))  # fmt: skip
    return groups


_Reader = Callable[[Sequence[Part], frozenset[str]], "list[Group] | None"]
_READERS: dict[str, _Reader] = {
    "gradescope": _gradescope,
    "moodle": _moodle,
    "canvas": _canvas,
    "classroom": _classroom,
    "plain": _plain,
}
LAYOUTS = ("auto", *_READERS)
