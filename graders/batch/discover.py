"""What is there to grade: a folder, an archive, a manifest or a glob -> submissions with their ids.

Nothing is unpacked or read here but listings, a manifest, and the metadata of an export.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from graders.batch.layouts import LAYOUTS, Group, grouped
from graders.batch.model import Found, Handed, Part, Student
from graders.errors import SubmissionError, UsageError
from graders.messages import clean
from graders.submission.archive import members, opened

GRADABLE = (".ipynb", ".py", ".zip")
MAX_FILES = 2_000_000
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
        name, groups = grouped(_files_below(path, notes), layout, _clones(path))
    elif path.is_file() and path.suffix.lower() == ".csv":
        name, groups = "manifest", _manifest(path)
    elif path.is_file() and path.suffix.lower() == ".zip":
        with opened(path) as archive:
            inside, refused = members(archive)
        notes += [f"left out, its name leads out of the archive: {clean(r, 80)}" for r in refused]
        parts = [Part(m.name, path, m.info.filename) for m in inside]
        name, groups = grouped(parts, layout, frozenset(), packed=True)
    elif path.is_file():
        name, groups = "file", [_group_of(path, path.stem)]
    elif glob.has_magic(given):
        name, groups = "glob", _globbed(given)
    else:
        raise UsageError(
            f"{given}: no such file or folder; give a folder of submissions, a zip export, "
            "a CSV manifest (with a column path) or a glob in quotes"
        )
    kept = []
    for group in groups:
        if group.always or any(_gradable(p.name) for p in group.parts):
            kept.append(group)
        else:
            notes.append(f"left out, no notebook and no module: {clean(group.label, 80)}")
    if not kept:
        raise UsageError(f"{given}: no submission in it (no .ipynb, .py or .zip)")
    handed = _named(kept, path)
    return Found(tuple(sorted(handed, key=lambda h: h.id)), name, tuple(notes))


def is_class(given: str) -> bool:
    """True where `given` names several submissions, for front-ends that take one as well.

    A manifest, a glob, and an export in the layout of a learning system are a class. Any other file
    is one submission. Any other folder is one as long as a notebook or a module lies directly in
    it, or a package (a folder with an ``__init__.py``); where only its folders and archives have
    any, and more than one of them, it is a class. What can't be read is one, and will be told.
    """
    try:
        return _is_class(given, Path(given))
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
        with opened(path) as archive:
            parts = [Part(m.name, path, m.info.filename) for m in members(archive)[0]]
        return grouped(parts, "auto", frozenset(), packed=True)[0] != "plain"
    parts = _files_below(path, [])
    name, groups = grouped(parts, "auto", _clones(path))
    if name != "plain":
        return True
    if any(_holds_code([p]) for p in parts if "/" not in p.name):
        return False
    if any(p.name.endswith("/__init__.py") and p.name.count("/") == 1 for p in parts):
        return False
    return sum(any(_gradable(p.name) for p in g.parts) for g in groups) > 1


def _gradable(name: str) -> bool:
    return name.lower().endswith(GRADABLE)


# -- listings --------------------------------------------------------------------------------


def _files_below(folder: Path, notes: list[str]) -> list[Part]:
    """Regular files, sorted; hidden ones and links are left out."""
    found: list[Part] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            f for f in folders
            if f[:1] != "." and f not in ("__MACOSX", "__pycache__")
            and not os.path.islink(os.path.join(place, f))
        )  # fmt: skip
        inside = PurePosixPath(os.path.relpath(place, folder).replace(os.sep, "/"))
        for name in sorted(files):
            file = Path(place, name)
            if name.startswith(".") or not file.is_file():
                continue
            if file.is_symlink():
                notes.append(f"left out, a link: {clean(inside / name, 80)}")
                continue
            found.append(Part(str(inside / name), file))
        if len(found) > MAX_FILES:
            raise UsageError(f"{folder}: more than {MAX_FILES} files in it")
    return found


def _clones(folder: Path) -> frozenset[str]:
    """Names of the folders right below that are git clones."""
    with os.scandir(folder) as entries:
        return frozenset(
            e.name for e in entries if e.is_dir() and os.path.exists(os.path.join(e.path, ".git"))
        )


def _group_of(path: Path, label: str, student: Student | None = None) -> Group:
    """A file or a folder of the disk as a submission."""
    if path.is_dir():
        return Group(label, student or Student(label), tuple(_files_below(path, [])), path, True)
    return Group(label, student or Student(label), (Part(path.name, path),), path, True)


def _globbed(pattern: str) -> list[Group]:
    paths = sorted(Path(p) for p in glob.glob(pattern, recursive=True))
    paths = [p for p in paths if p.is_dir() or _gradable(p.name)]
    if not paths:
        raise UsageError(f"{pattern}: nothing has such a name")
    return [_group_of(p, label) for p, label in zip(paths, _labels(paths), strict=True)]


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
    "name": ("name", "student_name", "full_name"),
    "email": ("email", "e-mail", "email_address"),
}


def _manifest(file: Path) -> list[Group]:
    """One submission a row: columns path (from the manifest's folder), id, name, email."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: can't be read as UTF-8 ({error})") from error
    rows = csv.DictReader(text.splitlines())
    names = {(n or "").strip().lower().replace(" ", "_"): n for n in rows.fieldnames or ()}
    column = {
        key: next((names[n] for n in known if n in names), None) for key, known in _COLUMNS.items()
    }
    if column["path"] is None:
        raise UsageError(f"{file}, line 1: no column path; the first line names the columns")
    found: list[tuple[Path, dict[str, str]]] = []
    for row in rows:
        given = {k: (row.get(n) or "").strip() if n else "" for k, n in column.items()}
        path = file.parent / given["path"]
        if not given["path"] or not path.exists():
            raise UsageError(f"{file}, line {rows.line_num}: no such file or folder: {path}")
        found.append((path, given))
    if not found:
        raise UsageError(f"{file}: no submission in it, only the names of columns")
    labels = _labels([path for path, _ in found])
    return [
        _group_of(path, given["id"] or given["name"] or label,
                  Student(given["name"] or given["id"] or label, given["id"], given["email"]))
        for (path, given), label in zip(found, labels, strict=True)
    ]  # fmt: skip


# -- ids -------------------------------------------------------------------------------------


def _named(groups: Iterable[Group], source: Path) -> list[Handed]:
    """Submissions with ids that are good names of files; equal ones are told by their places."""
    groups = list(groups)
    ids = [slug(g.label) for g in groups]
    often = Counter(i.casefold() for i in ids)
    found: list[Handed] = []
    taken: set[str] = set()
    for group, id_ in zip(groups, ids, strict=True):
        shown = _shown(group, source)
        if often[id_.casefold()] > 1:
            id_ += "-" + hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:6]
        if id_.casefold() in taken:
            raise SubmissionError(f"{shown}: is listed twice")
        taken.add(id_.casefold())
        whole = group.whole
        if whole is not None and whole.is_file() and whole.suffix.lower() == ".zip":
            whole = None  # it is unpacked by the worker, file by file
        if whole is not None and whole.is_dir() and not _holds_code(group.parts):
            whole = None
        student = Student(*(clean(t, 200) for t in (
            group.student.name, group.student.number, group.student.email)))  # fmt: skip
        found.append(Handed(id_, shown, student, whole, group.parts if whole is None else ()))
    return found


def _holds_code(parts: Iterable[Part]) -> bool:
    return any(p.name.lower().endswith((".ipynb", ".py")) for p in parts)


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


__all__ = ["GRADABLE", "LAYOUTS", "discover", "slug"]
