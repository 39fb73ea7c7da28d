"""What tells a transformer the places of a sequence (Vaswani et al. 2017, section 3.5)."""

import numpy as np

from .layer import Array

BASE = 10000.0


def sinusoids(length: int, size: int) -> Array:
    """(length, size), ``size`` even: column 2i is sin(t / 10000^(2i / size)), column 2i + 1 the cosine of the same."""
    angles = _angles(length, size)
    pairs = np.stack([np.sin(angles), np.cos(angles)], axis=2)
    return pairs.reshape(length, size)


def sinusoids_in_halves(length: int, size: int) -> Array:
    """The same columns, all sines before all cosines."""
    angles = _angles(length, size)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def _angles(length: int, size: int) -> Array:
    """(length, size / 2)."""
    exponents = np.arange(0, size, 2) / size
    return np.asarray(np.arange(length)[:, None] / BASE**exponents)
