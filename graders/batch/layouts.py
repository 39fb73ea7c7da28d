"""The layouts in which learning systems export a class: listings -> one group a student.

A layout is what the names of *most* of a class show, or what the instructor says: no student's file
makes another's disappear. Who does not fit is a submission of its own, and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders import times
from graders.batch import metadata
from graders.batch.listing import Listing, Other, Top
from graders.batch.model import Part, Student
from graders.errors import UsageError
from graders.messages import clean

# familyfirst_LATE_12345_678910_notebook-1.ipynb; anonymous: anon_a1B2c_678910_notebook.ipynb
_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?:(?:question|text)_)?(?P<upload>\d+)_(?P<file>.+)|"
    r"anon_(?P<anonymous_late>LATE_)?(?P<secret>\w+?)_(?P<anonymous>\d+)_(?P<rest>.+)"
)
# First Last_12345_assignsubmission_file_ as a folder, or before the name of a file
_MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)"
)
_GRADESCOPE = re.compile(r"submission_\d+")
# The inbound folder of nbgrader's exchange: hana+ps1+2015-02-02 15:58:23 UTC, and a word behind it
_NBGRADER = re.compile(
    r"(?P<name>[^+/]+)\+(?P<assignment>[^+/]+)\+(?P<time>\d{4}-\d\d-\d\d[^+/]+)(?:\+(?P<secret>[^/]+))?"
)
# What instructors and systems put beside submissions: tables, settings, what is said about a folder.
_NOBODYS = re.compile(
    r"(?:readme|licen[sc]e)(?:\..*)?|(?:thumbs\.db|desktop\.ini)|"
    r".+\.(?:csv|tsv|xlsx?|ods|ya?ml|toml|cfg|ini|log|sqlite)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?:\.tar)?\.[^.]+$")


@dataclass(frozen=True)
class Group:
    """The files of one student. `whole`: a file or folder of the disk that is all of them.

    `others`: what is there and is not read; `typed`: a text that was typed into the system; `late`,
    `attempt`: as the system says, 0 where it counts none; `submitted`: when, "" where it does not say.
    """

    label: str
    student: Student
    parts: tuple[Part, ...]
    whole: Path | None = None
    place: str = ""
    others: tuple[Other, ...] = ()
    typed: bool = False
    late: bool = False
    attempt: int = 0
    submitted: str = ""


@dataclass(frozen=True)
class Grouped:
    """A class: its layout, its groups, and what there is to say about what does not fit."""

    layout: str
    groups: list[Group]
    notes: list[str] = field(default_factory=list)


def grouped(listing: Listing, layout: str, clones: frozenset[str], packed: bool = False) -> Grouped:
    """The groups of a listing. `clones`: top folders that are git clones; `packed`: it is an
    archive's.

    Raises:
        UsageError: no file has the layout that was asked for, or Gradescope's table is broken.
    """
    listing = _without_single_top(listing, packed)
    every = listing.tops
    tops = {n: t for n, t in every.items() if t.is_folder or not _NOBODYS.fullmatch(n)}
    for name, system in _SYSTEMS.items():
        if layout not in ("auto", name):
            continue
        fitting = system.fitting(every, clones)
        if fitting and (layout == name or 2 * len(fitting) > len(tops)):
            groups = system.read([every[n] for n in fitting], every)
            return _with_others(name, groups, fitting, every, tops)
    if layout in ("auto", "plain"):
        return _with_others("plain", [], (), every, tops)
    raise UsageError(f"--layout {layout}: the names of the files are not of this layout")


def _with_others(
    name: str, groups: list[Group], fitting: Collection[str],
    every: Mapping[str, Top], tops: Mapping[str, Top],
) -> Grouped:  # fmt: skip
    """The groups of a layout, and one of its own for each of `tops` that does not fit it."""
    notes = []
    left = [t for t in every.values() if t.name not in fitting]
    coded = {_label(t) for t in left if any(gradable(p.name) for p in t.parts)}
    for top in left:
        shown = clean(top.name, 80)
        holds_code = any(gradable(p.name) for p in top.parts)
        if top.name not in tops:
            if not (name == "gradescope" and top.name == metadata.FILE):
                notes.append(f"left out, not a submission: {shown}")
        elif not top.is_folder and not holds_code and _label(top) in coded:
            notes.append(f"left out, beside a notebook or module of that name: {shown}")
        else:
            if name != "plain":
                notes.append(f"not named as {name} names it, a submission of its own: {shown}")
            label = _label(top)
            groups = [
                *groups,
                Group(label, Student(label), top.inside, top.whole, top.name, top.others),
            ]
    return Grouped(name, groups, notes)


def _label(top: Top) -> str:
    return top.name if top.is_folder else _ENDING.sub("", top.name) or top.name


def gradable(name: str) -> bool:
    """True for the name of a file that may have code in it, or of an archive that may."""
    return name.lower().endswith((".ipynb", ".py", ".zip"))


def _without_single_top(listing: Listing, packed: bool) -> Listing:
    """Exports have everything in one folder: it is no student.

    A folder of the disk with one folder of files in it is a class of one; an archive's single folder
    is the class, if several things in it can be graded.
    """
    while len(listing.tops) == 1:
        (top,) = listing.tops.values()
        inner = listing.below(top.name)
        if not top.is_folder or not inner.tops or _MOODLE.fullmatch(top.name):
            return listing
        files = [n for n, t in inner.tops.items() if not t.is_folder]
        exported = bool(_fits_gradescope(inner.tops)) or all(_CANVAS.fullmatch(f) for f in files)
        students = {t.name for t in inner.tops.values() if any(gradable(p.name) for p in t.parts)}
        several = packed and len(students) > 1
        if files and not exported and not several:
            return listing
        listing = inner
    return listing


# -- the systems -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _System:
    """A learning system: which names at the top are its own, and whose they are."""

    fitting: Callable[[Mapping[str, Top], frozenset[str]], list[str]]
    read: Callable[[Sequence[Top], Mapping[str, Top]], list[Group]]


def _fits_gradescope(tops: Mapping[str, Top], clones: frozenset[str] = frozenset()) -> list[str]:
    """submission_123/ folders beside a submission_metadata.yml."""
    described = tops.get(metadata.FILE)
    if described is None or described.is_folder or not described.parts:
        return []
    return [n for n, t in tops.items() if t.is_folder and _GRADESCOPE.fullmatch(n)]


def _gradescope(fitting: Sequence[Top], tops: Mapping[str, Top]) -> list[Group]:
    students = metadata.read_students(tops[metadata.FILE].parts[0])
    groups = []
    for top in fitting:
        who, attempt, at = students.get(top.name, metadata.Described(Student("")))
        label = f"{who.name}_{top.name.removeprefix('submission_')}" if who.name else top.name
        student = Student(who.name or top.name, who.number, who.email)
        groups.append(
            Group(label, student, top.inside, top.whole, top.name, top.others, attempt=attempt,
                  submitted=at)
        )  # fmt: skip
    return groups


def _fits_moodle(tops: Mapping[str, Top], clones: frozenset[str]) -> list[str]:
    return [n for n in tops if _MOODLE.fullmatch(n)]


def _moodle(fitting: Sequence[Top], tops: Mapping[str, Top]) -> list[Group]:
    """A folder a student, or the student before the name of each file."""
    students: dict[tuple[str, str], list[tuple[Top, str]]] = {}
    typed: set[tuple[str, str]] = set()
    for top in fitting:
        match = _MOODLE.fullmatch(top.name)
        assert match is not None
        who = match["name"], match["number"] or ""
        given = students.setdefault(who, [])
        if match["kind"] == "onlinetext":
            typed.add(who)
        else:
            given.append((top, "" if top.is_folder else match["file"]))
    groups = []
    for (name, number), given in students.items():
        parts: list[Part] = []
        for top, file in given:
            named = file and not file.startswith(".")
            parts += [Part(file, p.path, p.member) for p in top.parts] if named else top.inside
        whole = given[0][0].whole if len(given) == 1 else None
        label = f"{name}_{number}" if number else name
        others = tuple(o for top, _ in given for o in top.others)
        place = given[0][0].name if given else label
        groups.append(
            Group(label, Student(name, number), tuple(parts), whole, place, others,
                  (name, number) in typed)
        )  # fmt: skip
    return groups


def _fits_canvas(tops: Mapping[str, Top], clones: frozenset[str]) -> list[str]:
    """Files that several students uploaded, most of them under a number of their own."""
    found = {n: _CANVAS.fullmatch(n) for n, t in tops.items() if not t.is_folder}
    matched = {n: m for n, m in found.items() if m is not None}
    students = {_student_of_canvas(m) for m in matched.values()}
    uploads = {m["anonymous"] or m["upload"] for m in matched.values()}
    if len(students) < 2 or 2 * len(uploads) <= len(matched):
        return []  # notebook_11_2_final.ipynb would be read as a student's
    return list(matched)


def _student_of_canvas(match: re.Match[str]) -> tuple[str, str]:
    return ("anon_" + match["secret"], "") if match["secret"] else (match["name"], match["user"])


def _canvas(fitting: Sequence[Top], tops: Mapping[str, Top]) -> list[Group]:
    """Files at the top, the student, the student's number and the upload's before each name."""
    students: dict[tuple[str, str], list[Part]] = {}
    others: dict[tuple[str, str], list[Other]] = {}
    late: set[tuple[str, str]] = set()
    for top in fitting:
        match = _CANVAS.fullmatch(top.name)
        assert match is not None
        who, name = _student_of_canvas(match), match["rest"] or match["file"]
        students.setdefault(who, []).extend(Part(name, p.path, p.member) for p in top.parts)
        others.setdefault(who, []).extend(top.others)
        if match["late"] or match["anonymous_late"]:
            late.add(who)
    groups = []
    for (name, number), files in students.items():
        names = {f.name for f in files}
        attempt = max((_attempt(f.name) for f in files if gradable(f.name)), default=0)
        files = [Part(_first_name(f.name, names), f.path, f.member) for f in files]
        whole = files[0].path if len(files) == 1 and not files[0].member else None
        label = f"{name}_{number}" if number else name
        place = f"{label}/{files[0].name}" if files else label
        groups.append(
            Group(label, Student(name, number), tuple(files), whole, place,
                  tuple(others[name, number]), late=(name, number) in late, attempt=attempt)
        )  # fmt: skip
    return groups


def _attempt(name: str) -> int:
    """The attempt that Canvas's name of a file tells: ``work-1.ipynb`` is the second; 0 without it."""
    found = re.search(r"-(\d{1,2})\.\w+$", name)
    return int(found[1]) + 1 if found else 0


def _first_name(name: str, names: set[str]) -> str:
    """The name that the student gave: Canvas puts -1, -2 ... behind that of a later attempt."""
    plain = re.sub(r"-\d{1,2}(\.\w+)$", r"\1", name)
    return name if plain in names else plain


def _fits_classroom(tops: Mapping[str, Top], clones: frozenset[str]) -> list[str]:
    cloned = [n for n in tops if n in clones]
    return cloned if len(cloned) > 1 and _assignment(cloned) else []


def _assignment(names: Sequence[str]) -> str:
    """What names of clones share, up to a hyphen."""
    shared = 0
    for letters in zip(*names, strict=False):
        if len(set(letters)) > 1:
            break
        shared += 1
    return names[0][:shared].rpartition("-")[0]


def _classroom(fitting: Sequence[Top], tops: Mapping[str, Top]) -> list[Group]:
    """Clones named assignment-login, as GitHub Classroom made them until it was closed in 2026; what
    all names share is the assignment.
    """
    shared = _assignment([t.name for t in fitting]) + "-"
    groups = []
    for top in fitting:
        label = top.name.removeprefix(shared) or top.name
        groups.append(
            Group(label, Student(label, label), top.inside, top.whole, top.name, top.others)
        )
    return groups


def _fits_nbgrader(tops: Mapping[str, Top], clones: frozenset[str]) -> list[str]:
    return [
        n for n, t in tops.items()
        if t.is_folder and (found := _NBGRADER.fullmatch(n)) and times.kept(found["time"])
    ]  # fmt: skip


def _nbgrader(fitting: Sequence[Top], tops: Mapping[str, Top]) -> list[Group]:
    """A folder a time that something was handed in: of each student's assignments the last counts."""
    found = {top.name: _NBGRADER.fullmatch(top.name) for top in fitting}
    several = len({match["assignment"] for match in found.values() if match}) > 1
    handed: dict[tuple[str, str], list[tuple[str, Top]]] = {}
    for top in fitting:
        match = found[top.name]
        assert match is not None
        at = times.kept(match["time"])
        handed.setdefault((match["name"], match["assignment"]), []).append((at, top))
    groups = []
    for (name, assignment), given in handed.items():
        at, top = max(given, key=lambda one: one[0])
        label = f"{name}_{assignment}" if several else name
        groups.append(
            Group(label, Student(name, name), top.inside, top.whole, top.name, top.others,
                  attempt=len(given), submitted=at)
        )  # fmt: skip
    return groups


_SYSTEMS = {
    "gradescope": _System(_fits_gradescope, _gradescope),
    "moodle": _System(_fits_moodle, _moodle),
    "canvas": _System(_fits_canvas, _canvas),
    "nbgrader": _System(_fits_nbgrader, _nbgrader),
    "classroom": _System(_fits_classroom, _classroom),
}
LAYOUTS = ("auto", *_SYSTEMS, "plain")
