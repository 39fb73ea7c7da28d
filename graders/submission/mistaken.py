"""What was handed in in the place of a notebook or module, told by how it begins."""

from __future__ import annotations

import re

from graders.messages import M, Message

_BEGINNINGS = (
    (
        re.compile(rb"\s*version https://git-lfs\.github\.com/spec/"),
        M(
            "a pointer of Git LFS, not the file itself; get it with `git lfs pull` and hand in that file"
        ),
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE),
        M(
            "a web page (HTML), not the notebook that it shows; download the notebook itself and "
            "hand that in"
        ),
    ),
    (re.compile(rb"%PDF-"), M("a PDF file; hand in the notebook that it was made from")),
    (
        re.compile(rb"PK\x03\x04"),
        M("a zip file (or an office document) under another name; name it .zip, or hand in the notebook"),
    ),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), M("a picture; hand in the notebook itself")),
)  # fmt: skip
_CONFLICT = re.compile(r"^<<<<<<< .*$", re.MULTILINE)
_DIVIDES = re.compile(r"^(?:=======$|>>>>>>> )", re.MULTILINE)
_PYTHON = re.compile(r"\A(?:i|x|c)?python", re.IGNORECASE)


def what_it_is(head: bytes) -> Message | None:
    """What a file is whose first bytes are these, if it can't be a notebook or a module."""
    return next((said for beginning, said in _BEGINNINGS if beginning.match(head)), None)


def conflict_in(text: str) -> Message | None:
    """That two versions of a file were merged and nobody has chosen, with the line."""
    found = _CONFLICT.search(text)
    if found is None or not _DIVIDES.search(text, found.end()):
        return None
    return M(
        "unresolved conflict of a merge in line {line} (<<<<<<<); choose one of the two versions, "
        "take the marks out and hand it in again",
        line=text.count("\n", 0, found.start()) + 1,
    )


def other_language(metadata: object) -> str:
    """The language of a notebook by its metadata, if that says that it is not Python."""
    if not isinstance(metadata, dict):
        return ""
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        entry = metadata.get(part)
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and name.strip():
            return "" if _PYTHON.match(name.strip()) else name.strip()[:40]
    return ""
