"""Strangers' text made harmless for whoever searches it: no run in it is longer than a limit.

Patterns that look for two runs beside each other take the square of a run's length, Unicode's
normal forms the square of a row of combining marks.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence

LONGEST_BLANKS = 60
LONGEST_WORD = 400
LONGEST_MARKS = 30

_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[\w+/=]+", re.ASCII)  # a picture's data, too; Japanese has sentences that long
_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def decoded(data: bytes) -> str:
    """Text in the encodings that students' machines write.

    Raises:
        UnicodeDecodeError: it is in none of them.
    """
    for encoding in _encodings(data[:1024]):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8")


def _encodings(head: bytes) -> Sequence[str]:
    """What may be tried: the mark at the beginning says it, else where the zeros are."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ("utf-32",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) / 8 and not even:
        return ("utf-16-le",)
    if even > len(head) / 8 and not odd:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp932")


def tamed(text: str, most: int) -> str:
    """The first `most` characters, without what is too long a run of blanks, letters or marks."""
    text = _BLANKS.sub(lambda m: m.group()[:LONGEST_BLANKS], text[:most])
    text = _WORD.sub(lambda m: m.group()[:LONGEST_WORD], text)
    return text if text.isascii() else _FOREIGN.sub(lambda m: _with_fewer_marks(m.group()), text)


def has_many_marks(text: str) -> bool:
    """True if a character carries more combining marks than any script needs."""
    return not text.isascii() and any(
        len(m.group()) > LONGEST_MARKS and _with_fewer_marks(m.group()) != m.group()
        for m in _FOREIGN.finditer(text)
    )


def normal(text: str) -> str:
    """The compatibility form (NFKC) of a text that is `tamed`."""
    return unicodedata.normalize("NFKC", text)


def _with_fewer_marks(run: str) -> str:
    if len(run) <= LONGEST_MARKS:
        return run
    kept, marks = [], 0
    for character in run:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= LONGEST_MARKS:
            kept.append(character)
    return "".join(kept)
