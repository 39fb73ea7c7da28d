"""Functions of attention and of places as students get them wrong; specs name them."""

import numpy as np

from .attention import attend
from .layer import Array
from .positions import BASE, sinusoids
from .softmax import softmax


def _columns(length: int, size: int, exponents: Array, first: int = 0) -> Array:
    """Sines in even columns and cosines in odd ones, of each column's own angle."""
    angles = (np.arange(length)[:, None] + first) / BASE**exponents
    return np.where(np.arange(size) % 2 == 0, np.sin(angles), np.cos(angles))


def _paired(size: int) -> Array:
    return np.asarray((np.arange(size) - np.arange(size) % 2) / size)


def own_exponents(length: int, size: int) -> Array:
    """An odd column has an exponent of its own, not that of the column before it."""
    return _columns(length, size, np.arange(size) / size)


def doubled_exponents(length: int, size: int) -> Array:
    """The number of the column is doubled, as if it were that of the pair."""
    return _columns(length, size, 2 * np.arange(size) / size)


def cosines_first(length: int, size: int) -> Array:
    """Cosines in even columns, sines in odd ones."""
    return sinusoids(length, size).reshape(length, -1, 2)[:, :, ::-1].reshape(length, size)


def sines_alone(length: int, size: int) -> Array:
    """No cosine."""
    return np.asarray(np.sin(np.arange(length)[:, None] / BASE ** _paired(size)))


def from_one(length: int, size: int) -> Array:
    """Places are counted from 1."""
    return _columns(length, size, _paired(size), 1)


def multiplied(length: int, size: int) -> Array:
    """Places are multiplied by the power, not divided."""
    return _columns(length, size, -_paired(size))


def base_of_a_thousand(length: int, size: int) -> Array:
    """1000 in the place of 10000."""
    return _columns(length, size, _paired(size) * 0.75)


def not_scaled(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Scores are not divided."""
    return attend(q * np.sqrt(k.shape[2]), k, v, mask)


def divided_by_length(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Scores are divided by the length of a key, not by its root."""
    return attend(q / np.sqrt(k.shape[2]), k, v, mask)


def not_masked(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Every query sees every key."""
    return attend(q, k, v, np.ones_like(mask))


def masked_afterwards(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Weights are set to zero after softmax, so that they do not add up to one."""
    return np.asarray((softmax(_scores(q, k)) * mask) @ v)


def masked_by_zero(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Masked scores are 0, not -inf."""
    return np.asarray(softmax(_scores(q, k) * mask) @ v)


def over_queries(q: Array, k: Array, v: Array, mask: Array) -> Array:
    """Weights add up to one over the queries."""
    scores = np.where(mask, _scores(q, k), -1e9)
    return np.asarray(softmax(scores.swapaxes(1, 2)).swapaxes(1, 2) @ v)


def _scores(q: Array, k: Array) -> Array:
    return np.asarray(q @ k.swapaxes(1, 2) / np.sqrt(k.shape[2]))
