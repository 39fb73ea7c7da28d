"""What a parameter's or attribute's name says about its role."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path

import yaml

from graders.specs.document import Document, validate
from graders.specs.model import PARTS, ROLES
from graders.spelling import nearest, one_letter_off

FILE = "lexicon.yaml"
_SHORTEST, _LONGEST = 6, 24  # of names of which one letter may be wrong


class Lexicon:
    """Patterns of names by role."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self._patterns = {
            role: [re.compile(p, re.IGNORECASE) for p in listed]
            for role, listed in patterns.items()
        }
        self._known: dict[str, list[str]] = {}  # the same few names come again and again

    def roles(self, name: str) -> list[str]:
        """The roles that the name may have, likeliest first: an earlier pattern, a shorter list."""
        if name not in self._known:
            self._known[name] = self._looked_up(name.strip("_") or name)
        return self._known[name]

    def misspelt(self, name: str, roles: Iterable[str]) -> list[str]:
        """Of `roles` those that a long name, which has none, would have if one letter of it were not
        wrong, too many, missing or in its neighbour's place: ``icput_ch`` for ``input_ch``.
        """
        plain = name.strip("_").lower()
        if not _SHORTEST <= len(plain) <= _LONGEST or self.roles(name):
            return []
        near = set(one_letter_off(plain))
        return [
            role
            for role in roles
            if any(p.fullmatch(n) for p in self._patterns.get(role, ()) for n in near)
        ]

    def _looked_up(self, plain: str) -> list[str]:
        hits = []
        for order, (role, patterns) in enumerate(self._patterns.items()):
            if role in PARTS:
                continue
            for rank, pattern in enumerate(patterns):
                if pattern.fullmatch(plain):
                    hits.append((rank, order, role))
                    break
        return [role for _, _, role in sorted(hits)]

    def rank(self, name: str, role: str) -> int | None:
        """Which of the role's patterns is the first that the name fits; None if none is."""
        plain = name.strip("_") or name
        fitting = (i for i, p in enumerate(self._patterns.get(role, ())) if p.fullmatch(plain))
        return next(fitting, None)

    def is_a(self, name: str, role: str) -> bool:
        """True if the name may have that role."""
        return self.rank(name, role) is not None


def own_name(key: str) -> str:
    """What a key says itself, without what it lies in: W of ``Dense/W``, ``layers.0.W`` and ``Dense/W:0``."""
    parts = [p for p in re.split(r"[/.:|]+", key) if p and not p.isdigit()]
    return parts[-1] if parts else key


def other_side(role: str) -> str:
    """``filter_height`` of ``filter_width``: beside it, a name that may mean the filter's size
    means its width.
    """
    stem, _, side = role.rpartition("_")
    return {"height": f"{stem}_width", "width": f"{stem}_height"}.get(side, "")


@functools.cache
def _own() -> dict[str, list[str]]:
    text = (resources.files("graders.binding") / FILE).read_text(encoding="utf-8")
    patterns: dict[str, list[str]] = yaml.safe_load(text)
    return patterns


@functools.cache
def _builtin() -> Lexicon:
    return Lexicon(_own())


def read_lexicon(folder: Path) -> Lexicon:
    """The lexicon that comes with the grader, with the patterns of ``lexicon.yaml`` in a folder of
    specs before its own: they are for the sprints of this folder only. Without such a file it is
    the grader's alone.

    Raises:
        SpecError: the file is malformed; the message has file, line and key.
    """
    file = folder / FILE
    if not file.is_file():
        return _builtin()
    merged: dict[str, Sequence[str]] = dict(_own())
    _merge(Document(file), merged)
    return Lexicon(merged)


def _merge(document: Document, merged: dict[str, Sequence[str]]) -> None:
    validate(document, "lexicon")
    for role, patterns in document.data.items():
        if role not in ROLES | PARTS:
            raise document.error((role,), f"unknown role {role!r}{nearest(role, ROLES | PARTS)}")
        for i, pattern in enumerate(patterns):
            try:
                re.compile(pattern)
            except re.error as error:
                raise document.error((role, i), f"no valid pattern: {error}") from error
        merged[role] = [*patterns, *merged.get(role, ())]


_active: list[Lexicon] = []


def use_lexicon(chosen: Lexicon | None) -> None:
    """The lexicon of the gradings that follow in this process; None: the grader's own."""
    _active[:] = [] if chosen is None else [chosen]


def lexicon() -> Lexicon:
    """The lexicon in use."""
    return _active[0] if _active else _builtin()
