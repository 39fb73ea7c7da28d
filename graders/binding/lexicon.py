"""What a parameter's or attribute's name says about its role."""

from __future__ import annotations

import functools
import re
from importlib import resources

import yaml


class Lexicon:
    """Patterns of names by role."""

    def __init__(self, patterns: dict[str, list[str]]) -> None:
        self._patterns = {
            role: [re.compile(p, re.IGNORECASE) for p in listed]
            for role, listed in patterns.items()
        }

    def roles(self, name: str) -> list[str]:
        """The roles that the name may have, likeliest first: an earlier pattern, a shorter list."""
        plain = name.strip("_") or name
        hits = []
        for order, (role, patterns) in enumerate(self._patterns.items()):
            for rank, pattern in enumerate(patterns):
                if pattern.fullmatch(plain):
                    hits.append((rank, order, role))
                    break
        return [role for _, _, role in sorted(hits)]

    def is_a(self, name: str, role: str) -> bool:
        """True if the name may have that role."""
        plain = name.strip("_") or name
        return any(p.fullmatch(plain) for p in self._patterns.get(role, ()))


@functools.cache
def lexicon() -> Lexicon:
    """The lexicon that comes with the grader."""
    text = (resources.files("graders.binding") / "lexicon.yaml").read_text(encoding="utf-8")
    return Lexicon(yaml.safe_load(text))
