"""Winnowing: of each window of hashes of k tokens the smallest one stays.

Any part that two texts share, and that is at least ``WINDOW + LENGTH - 1`` tokens long, has a
fingerprint in both (Schleimer et al. 2003, section 3); on average two of ``WINDOW + 1`` stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from graders.batch.similarity.tokens import Token, tokens_of
from graders.submission import Submission

LENGTH = 24  # tokens hashed together: a line or two
WINDOW = 16
_BASE = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


@dataclass(frozen=True)
class Prints:
    """A submission's fingerprints: `hashes`, shape (n,), uint64, each once, in the order of the
    text; `places`, shape (n, 3), int32: the cell's place and the first and last line of each.
    """

    hashes: np.ndarray
    places: np.ndarray

    def packed(self) -> bytes:
        """Bytes for a store."""
        return (
            np.uint32(len(self.hashes)).tobytes()
            + self.hashes.astype("<u8").tobytes()
            + self.places.astype("<i4").tobytes()
        )

    @classmethod
    def unpacked(cls, data: bytes) -> Prints:
        """From `packed`; none for no bytes."""
        n = int(np.frombuffer(data[:4], "<u4")[0]) if data else 0
        hashes = np.frombuffer(data, "<u8", n, 4) if n else np.zeros(0, "<u8")
        places = np.frombuffer(data, "<i4", 3 * n, 4 + 8 * n) if n else np.zeros(0, "<i4")
        return cls(hashes, places.reshape(n, 3))


def fingerprints(submission: Submission) -> Prints:
    """The fingerprints of a submission's code."""
    seen: dict[int, tuple[int, int, int]] = {}
    for place, tokens in tokens_of(submission):
        hashes = _hashes(tokens)
        for at in _winnowed(hashes):
            lines = [t.line for t in tokens[at : at + LENGTH]]
            seen.setdefault(int(hashes[at]), (place, min(lines), max(lines)))
    return Prints(
        np.array(list(seen), dtype="<u8"),
        np.array(list(seen.values()), dtype="<i4").reshape(len(seen), 3),
    )


def _hashes(tokens: Sequence[Token]) -> np.ndarray:
    """Hashes of every LENGTH tokens in a row, shape (n - LENGTH + 1,)."""
    n = len(tokens) - LENGTH + 1
    if n < 1:
        return np.zeros(0, dtype=np.uint64)
    words = np.array([_word(t.text) for t in tokens], dtype=np.uint64)
    total = np.zeros(n, dtype=np.uint64)
    for offset in range(LENGTH):  # a polynomial modulo 2^64
        total = total * np.uint64(_BASE) + words[offset : offset + n]
    total ^= total >> np.uint64(31)  # its low bits know little of the first tokens
    total *= np.uint64(0xBF58476D1CE4E5B9)
    total ^= total >> np.uint64(29)
    return total


@lru_cache(maxsize=100_000)
def _word(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _winnowed(hashes: np.ndarray) -> list[int]:
    """The places of the hashes that stay: in each window the smallest, of equal ones the last."""
    if not len(hashes):
        return []
    window = min(WINDOW, len(hashes))
    views = np.lib.stride_tricks.sliding_window_view(hashes, window)
    last = window - 1 - np.argmin(views[:, ::-1], axis=1)
    return [int(i) for i in np.unique(last + np.arange(len(views)))]
