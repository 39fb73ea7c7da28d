"""What is there to grade: a folder, an archive, a manifest or a glob -> submissions with their ids.

Nothing is unpacked or read here but listings, a manifest, and the metadata of an export.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graders import times
from graders.batch.layouts import LAYOUTS, Group, Grouped, gradable, grouped
from graders.batch.listing import Kind, Other, of_archive, of_folder
from graders.batch.model import Found, Handed, Part, Student
from graders.batch.people import SUBMITTED, is_late, read_table
from graders.batch.reasons import why_not
from graders.errors import SubmissionError, UsageError
from graders.messages import clean

_ID_BYTES = 100


def discover(given: str, layout: str = "auto") -> Found:
    """The submissions that `given` (a folder, an archive, a CSV manifest, a file or a glob) names.

    `layout`: one of `layouts.LAYOUTS`, or ``auto``.

    Raises:
        UsageError: nothing is there, or the manifest is wrong.
        SubmissionError: the archive of the class is damaged.
    """
    path = Path(given)
    notes: list[str] = []
    if path.is_dir():
        found = grouped(of_folder(path), layout, _clones(path))
    elif path.is_file() and path.suffix.lower() == ".csv":
        found = Grouped("manifest", _manifest(path))
    elif path.is_file() and path.suffix.lower() == ".zip":
        found = grouped(of_archive(path, notes), layout, frozenset(), packed=True)
    elif path.is_file():
        found = Grouped("file", [_group_of(path, path.stem)])
    elif glob.has_magic(given):
        found = Grouped("glob", _globbed(given, notes))
    else:
        raise UsageError(
            f"{given}: no such file or folder; give a folder of submissions, a zip export, "
            "a CSV manifest (with a column path) or a glob in quotes"
        )
    if not found.groups:
        raise UsageError(f"{given}: no submission in it (no .ipynb, .py or .zip)")
    handed = _named(found.groups, path)
    for group, one in zip(found.groups, handed, strict=True):
        links = [o.name for o in group.others if o.kind is Kind.LINK and one.refused is None]
        notes += [f"left out, a link: {clean(name, 80)}" for name in links]
    return Found(tuple(sorted(handed, key=lambda h: h.id)), found.layout, (*found.notes, *notes))


def is_class(given: str) -> bool:
    """True where `given` names several submissions, for front-ends that take one as well.

    A manifest, a glob, and an export in the layout of a learning system are a class. Any other file
    is one submission. Any other folder is one as long as a notebook or a module lies directly in
    it, or a package (a folder with an ``__init__.py``); where only its folders and archives have
    any, and more than one of them, it is a class. What can't be read is one, and will be told.
    """
    try:
        return _is_class(given, Path(given))
    except UsageError:
        return True  # an export whose table is broken
    except (OSError, ValueError, SubmissionError):
        return False


def _is_class(given: str, path: Path) -> bool:
    if path.is_file() and path.suffix.lower() not in (".csv", ".zip"):
        return False
    if path.is_file() and path.suffix.lower() == ".csv":
        return True
    if not path.exists():
        return glob.has_magic(given)
    if path.is_file():
        return grouped(of_archive(path, []), "auto", frozenset(), packed=True).layout != "plain"
    listing = of_folder(path)
    found = grouped(listing, "auto", _clones(path))
    if found.layout != "plain":
        return True
    files = [p.name for p in listing.parts]
    if any(_is_code(name) for name in files if "/" not in name):
        return False
    if any(name.endswith("/__init__.py") and name.count("/") == 1 for name in files):
        return False
    return sum(any(gradable(p.name) for p in g.parts) for g in found.groups) > 1


# -- listings --------------------------------------------------------------------------------


def _clones(folder: Path) -> frozenset[str]:
    """Names of the folders right below that are git clones."""
    with os.scandir(folder) as entries:
        return frozenset(
            e.name for e in entries if e.is_dir() and os.path.exists(os.path.join(e.path, ".git"))
        )


def _group_of(path: Path, label: str, student: Student | None = None) -> Group:
    """A file or a folder of the disk as a submission."""
    student = student or Student(label)
    if path.is_dir():
        inside = of_folder(path)
        return Group(label, student, inside.parts, path, others=inside.others)
    return Group(label, student, (Part(path.name, path),), path)


def _globbed(pattern: str, notes: list[str]) -> list[Group]:
    """One submission a match; of files only those that may have code in them."""
    paths = []
    for path in sorted(map(Path, glob.glob(pattern, recursive=True))):
        if path.is_dir() or gradable(path.name):
            paths.append(path)
        else:
            notes.append(f"left out, no notebook and no module: {clean(path, 80)}")
    if not paths:
        raise UsageError(f"{pattern}: nothing has such a name, or no notebook and no module has")
    groups = []
    for path, label in zip(paths, _labels(paths), strict=True):
        if path.is_symlink():
            link = Other(path.name, Kind.LINK)
            groups.append(Group(label, Student(label), (), place=str(path), others=(link,)))
        else:
            groups.append(_group_of(path, label))
    return groups


def _labels(paths: Sequence[Path]) -> list[str]:
    """What tells paths from each other: without what all share at their ends."""
    whole = [Path(os.path.abspath(p)) for p in paths]
    shared = Path(os.path.commonpath([p.parent for p in whole]))
    parts = [
        p.relative_to(shared).with_suffix("" if p.is_file() else p.suffix).parts for p in whole
    ]
    while len(parts) > 1 and all(len(p) > 1 for p in parts) and len({p[-1] for p in parts}) == 1:
        parts = [p[:-1] for p in parts]
    return ["-".join(p) for p in parts]


# -- the manifest ----------------------------------------------------------------------------

_COLUMNS = {
    "path": ("path", "file", "submission"),
    "id": ("id", "student", "student_id", "login", "username"),
    "number": ("number", "student_number"),
    "name": ("name", "student_name", "full_name"),
    "email": ("email", "e-mail", "email_address"),
    "late": ("late",),
    "attempt": ("attempt",),
    "submitted": tuple(name.replace(" ", "_") for name in SUBMITTED),
}


def _manifest(file: Path) -> list[Group]:
    """One submission a row: columns path (from the manifest's folder), id, name, email, late, attempt,
    submitted; number, where it is another one than the id.
    """
    try:
        table = read_table(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: can't be read as UTF-8 ({error})") from error
    names = {name.lower().replace(" ", "_"): name for name in table.names}
    column = {
        key: next((names[n] for n in known if n in names), None) for key, known in _COLUMNS.items()
    }
    if column["path"] is None:
        raise UsageError(f"{file}, line 1: no column path; the first line names the columns")
    found: list[tuple[Path, dict[str, str]]] = []
    for line, row in table.rows:
        given = {k: row[n].strip() if n is not None else "" for k, n in column.items()}
        path = file.parent / given["path"]
        if not given["path"] or not path.exists():
            raise UsageError(f"{file}, line {line}: no such file or folder: {path}")
        if given["submitted"] and not times.kept(given["submitted"]):
            raise UsageError(
                f"{file}, line {line}: no time that is understood: {clean(given['submitted'], 60)}; write "
                "it as 2026-12-01T23:59+09:00"
            )
        found.append((path, given))
    if not found:
        raise UsageError(f"{file}: no submission in it, only the names of columns")
    labels = _labels([path for path, _ in found])
    return [
        replace(
            _group_of(path, given["id"] or given["name"] or label,
                      Student(given["name"] or given["id"] or label, given["number"] or given["id"],
                              given["email"])),
            late=is_late(given["late"]),
            attempt=int(given["attempt"]) if re.fullmatch("[0-9]{1,4}", given["attempt"]) else 0,
            submitted=times.kept(given["submitted"]),
        )
        for (path, given), label in zip(found, labels, strict=True)
    ]  # fmt: skip


# -- ids -------------------------------------------------------------------------------------


def _named(groups: Sequence[Group], source: Path) -> list[Handed]:
    """Submissions with ids that are good names of files."""
    shown = [_shown(g, source) for g in groups]
    ids = _told_apart([slug(g.label) for g in groups], shown)
    return [_handed(*one) for one in zip(ids, groups, shown, strict=True)]


def _told_apart(ids: list[str], shown: Sequence[str]) -> list[str]:
    """Equal ids are told by their places, and by more of them until all are different."""
    digests = [hashlib.sha256(s.encode("utf-8", "replace")).hexdigest() for s in shown]
    plain = list(ids)
    for length in range(6, len(digests[0]) + 1 if digests else 0):
        often = Counter(i.casefold() for i in ids)
        if max(often.values(), default=0) < 2:
            return ids
        ids = [
            f"{p}-{d[:length]}" if often[i.casefold()] > 1 else i
            for i, p, d in zip(ids, plain, digests, strict=True)
        ]
    return [f"{i}-{n}" for n, i in enumerate(ids)]  # the same place twice


def _handed(id_: str, group: Group, shown: str) -> Handed:
    who = group.student
    student = Student(*(clean(t, 200) for t in (who.name, who.number, who.email)))
    refused = why_not(group)
    handed = Handed(
        id_, shown, student, late=group.late, attempt=group.attempt, submitted=group.submitted
    )
    if refused is not None:
        return replace(handed, refused=refused)
    whole = group.whole
    if whole is not None and whole.is_file() and whole.suffix.lower() == ".zip":
        whole = None  # it is unpacked by the worker, file by file
    if whole is not None and whole.is_dir() and not any(_is_code(p.name) for p in group.parts):
        whole = None
    parts = group.parts if whole is None else ()
    return replace(handed, whole=whole, parts=parts)


def _is_code(name: str) -> bool:
    return name.lower().endswith((".ipynb", ".py"))


def _shown(group: Group, source: Path) -> str:
    """Where a submission lies, as its report says: seen from what was given."""
    if group.whole is not None:
        base = source if source.is_dir() else source.parent if source.exists() else Path()
        path = os.path.relpath(group.whole, base)
        return os.fsencode(path if path != "." else group.whole.name).decode("utf-8", "replace")
    return clean(group.place or group.label, 300)


def slug(label: str) -> str:
    """A name of a file for a label: letters, digits, ``.``, ``-`` and ``_``, of any language."""
    text = unicodedata.normalize("NFC", label.encode("utf-8", "replace").decode("utf-8"))
    text = re.sub(r"[^\w.\-]+", "_", text).strip("._-") or "unnamed"
    while len(text.encode()) > _ID_BYTES:
        text = text[:-1]
    return text


__all__ = ["LAYOUTS", "discover", "is_class", "slug"]
