"""Which of the known names a misspelt one may have meant, as the end of a sentence."""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterable, Iterator, Sequence

from graders.messages import M, Message

_FEW = 12  # names that a sentence can list


def meant(word: str, options: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence; empty where nothing is near."""
    near = guess(word, options)
    return f"; did you mean {near!r}?" if near else ""


def guess(word: str, options: Iterable[str]) -> str:
    """The name that may have been meant, "" where nothing is near."""
    known = list(options)
    near = [o for o in known if o.lower() == word.lower()]
    near = near or difflib.get_close_matches(word, known, 1, 0.5)
    return near[0] if near else ""


def nearest(word: str, options: Iterable[str]) -> str:
    """As `meant`; where nothing is near, all that there is, or the nearest of many."""
    known = sorted(options) if isinstance(options, set | frozenset) else list(options)
    return meant(word, known) or str(near(word, known)) or "; there is none"


def near(word: str, known: Sequence[str]) -> Message:
    """As `nearest`, in both languages; nothing where nothing is known."""
    if name := guess(word, known):
        return M("; did you mean {name}?", name=name)
    if 0 < len(known) <= _FEW:
        return M("; there is {names}", names=", ".join(known))
    nearest_ones = difflib.get_close_matches(word, known, _FEW // 3, 0)
    return M("; the nearest are {names}", names=", ".join(nearest_ones)) if known else Message("")


def one_letter_off(word: str) -> Iterator[str]:
    """Every word from which this one differs by one letter: another, one more, one less, or two
    neighbours that have changed places.
    """
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            if tail and letter != tail[0]:
                yield head + letter + tail[1:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield head + tail[1] + tail[0] + tail[2:]
