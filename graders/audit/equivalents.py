"""Mutants that no answer of the layer can show: listed by hand beside the specs, with the reason.

``equivalents.yaml`` has, for each function of the reference, lines with what they become::

    pooling.Pool2D._pieces:
      - line: step = max(1, min(n, PIECE_BYTES // max(h * w * planes.itemsize, 1)))
        into: [step = max(2, min(n, PIECE_BYTES // max(h * w * planes.itemsize, 1)))]
        why: pieces only decide how much is done at a time
        items: [max_pool2d]     # where it is not so for every item that runs the line
        equivalent: false       # it could be shown, and counts against the spec

An entry that is no mutant any more, or that a spec does kill, is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.audit.mutation import Mutant
from graders.specs.document import Document, nearest

FILE = "equivalents.yaml"
_KEYS = {"line": str, "into": list, "why": str, "items": list, "equivalent": bool}


@dataclass(frozen=True)
class Entry:
    """One change with its reason. `items` is empty where every item that has it is meant."""

    function: str
    line: str
    into: str
    why: str
    items: tuple[str, ...]
    equivalent: bool
    where: str  # file and line, for messages

    def fits(self, mutant: Mutant, item: str) -> bool:
        """True if this is that mutant, for that item."""
        return (
            (not self.items or item in self.items)
            and self.function == f"{mutant.module}.{mutant.function}"
            and (self.line, self.into) == (mutant.line, mutant.into)
        )


def read_equivalents(specs: Path, items: Iterable[str]) -> list[Entry]:
    """The entries of a folder of specs; none if it has no such file.

    Raises:
        SpecError: an entry is malformed; the message has file, line and key.
    """
    file = specs / FILE
    if not file.exists():
        return []
    document = Document(file)
    known = set(items)
    entries: list[Entry] = []
    for function, listed in document.data.items():
        if not isinstance(listed, list):
            raise document.error((function,), "expected a list of lines with into and why")
        for i, raw in enumerate(listed):
            _check(document, (function, i), raw, known)
            at = f"{file}, line {document.line((function, i))}"
            for into in raw["into"]:
                entries.append(
                    Entry(
                        function, raw["line"], into, raw["why"], tuple(raw.get("items", ())),
                        raw.get("equivalent", True), at,
                    )
                )  # fmt: skip
    return entries


def _check(document: Document, path: tuple[str | int, ...], raw: Any, items: set[str]) -> None:
    if not isinstance(raw, dict):
        raise document.error(path, "expected line, into and why")
    for key, value in raw.items():
        if key not in _KEYS:
            raise document.error((*path, key), f"unknown key {key!r}{nearest(key, _KEYS)}")
        if not isinstance(value, _KEYS[key]):
            raise document.error((*path, key), f"expected a {_KEYS[key].__name__}")
    for key in ("line", "into", "why"):
        if not raw.get(key):
            raise document.error(path, f"{key!r} is missing")
    for text in raw["into"]:
        if not isinstance(text, str):
            raise document.error((*path, "into"), "expected lines of text")
    for name in raw.get("items", ()):
        if name not in items:
            raise document.error((*path, "items"), f"unknown item {name!r}{nearest(name, items)}")
