"""Mutants and mistakes that no check of an answer can show: listed by hand, with the reason.

``equivalents.yaml`` has, for each function of the reference, what is so whatever it becomes::

    optimizers._blocks:
      - why: blocks only decide how much is done at a time
    windows.axis:
      - line: first = max(0, -((tap - padding) // stride))   # only this line
        into: [first = max(0, -(tap // stride))]              # only these changes of it
        items: [conv2d]                                       # only in these items
        why: there is no padding
        equivalent: false     # a spec could show it: it counts against the spec, but is explained
        by_chance: true       # it shows or not by chance: that it explains nothing is no error

An entry that fits no mutant any more, or whose mutants are all failed by the specs, is an error;
so is a change that is listed under `into` and that a spec fails.

Under ``misconceptions`` are known mistakes that an interface leaves no room for, so that the
answer with the mistake is a right one::

    misconceptions:
      - id: size-2d-sides-swapped
        item: conv2d_out_size
        interfaces: [one_axis]
        why: the function is about one side; there is nothing to be swapped

Such an answer must pass, and the item must have another interface in which the mistake shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.audit.mutation import Mutant
from graders.diagnosis import all_misconceptions
from graders.specs.document import Document
from graders.spelling import nearest

FILE = "equivalents.yaml"
MISCONCEPTIONS = "misconceptions"
_UNSHOWN_KEYS = {"id": str, "item": str, "interfaces": list, "why": str}
_KEYS = {
    "why": str,
    "line": str,
    "into": list,
    "items": list,
    "equivalent": bool,
    "by_chance": bool,
}


@dataclass(frozen=True)
class Entry:
    """What is known of the mutants of a function, of a line of it, or of single changes."""

    function: str
    line: str
    into: tuple[str, ...]
    why: str
    items: tuple[str, ...]
    equivalent: bool
    by_chance: bool
    where: str  # file and line, for messages

    def fits(self, mutant: Mutant, item: str) -> bool:
        """True if it is about that mutant, for that item."""
        return (
            (not self.items or item in self.items)
            and self.function == f"{mutant.module}.{mutant.function}"
            and (not self.line or self.line == mutant.line)
            and (not self.into or mutant.into in self.into)
        )

    def listed(self, mutant: Mutant) -> bool:
        """True if the change itself is listed, so that it must pass."""
        return mutant.into in self.into


@dataclass(frozen=True)
class Unshown:
    """A misconception that some interfaces of an item leave no room for."""

    misconception: str
    item: str
    interfaces: tuple[str, ...]
    why: str
    where: str  # file and line, for messages


def read_unshown(specs: Path, items: Iterable[str], slips: Iterable[str] = ()) -> list[Unshown]:
    """The misconceptions that interfaces leave no room for; none if the folder has no such file. `slips`:
    those that specs name themselves.

    Raises:
        SpecError: an entry is malformed; the message has file, line and key.
    """
    file = specs / FILE
    if not file.exists():
        return []
    document = Document(file)
    listed = document.data.get(MISCONCEPTIONS, [])
    if not isinstance(listed, list):
        raise document.error((MISCONCEPTIONS,), "expected a list of entries with why")
    known, ids = set(items), {*(m.id for m in all_misconceptions()), *slips}
    entries: list[Unshown] = []
    for i, raw in enumerate(listed):
        path = MISCONCEPTIONS, i
        _check_keys(document, path, raw, _UNSHOWN_KEYS)
        for key in _UNSHOWN_KEYS:
            if not raw.get(key):
                raise document.error(path, f"{key!r} is missing")
        for key, allowed in (("id", ids), ("item", known)):
            if raw[key] not in allowed:
                reason = f"unknown {key} {raw[key]!r}{nearest(raw[key], allowed)}"
                raise document.error((*path, key), reason)
        where = f"{file}, line {document.line(path)}"
        interfaces = tuple(str(name) for name in raw["interfaces"])
        entries.append(Unshown(raw["id"], raw["item"], interfaces, raw["why"], where))
    return entries


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
        if function == MISCONCEPTIONS:
            continue
        if not isinstance(listed, list):
            raise document.error((function,), "expected a list of entries with why")
        for i, raw in enumerate(listed):
            _check(document, (function, i), raw, known)
            entries.append(
                Entry(
                    function,
                    raw.get("line", ""),
                    tuple(raw.get("into", ())),
                    raw["why"],
                    tuple(raw.get("items", ())),
                    raw.get("equivalent", True),
                    raw.get("by_chance", False),
                    f"{file}, line {document.line((function, i))}",
                )
            )
    return entries


def _check(document: Document, path: tuple[str | int, ...], raw: Any, items: set[str]) -> None:
    _check_keys(document, path, raw, _KEYS)
    if not raw.get("why"):
        raise document.error(path, "'why' is missing")
    if "into" in raw and "line" not in raw:
        raise document.error(path, "'into' needs the line that it is made of")
    for text in raw.get("into", ()):
        if not isinstance(text, str):
            raise document.error((*path, "into"), "expected lines of text")
    for name in raw.get("items", ()):
        if name not in items:
            raise document.error((*path, "items"), f"unknown item {name!r}{nearest(name, items)}")


def _check_keys(
    document: Document, path: tuple[str | int, ...], raw: Any, keys: Mapping[str, type]
) -> None:
    if not isinstance(raw, dict):
        raise document.error(path, f"expected {', '.join(keys)}")
    for key, value in raw.items():
        if key not in keys:
            raise document.error((*path, key), f"unknown key {key!r}{nearest(key, keys)}")
        if not isinstance(value, keys[key]):
            raise document.error((*path, key), f"expected a {keys[key].__name__}")
