"""Output sizes as students get them wrong; the results need not be whole numbers.

In two dimensions each of the four is a pair, or one number for both sides.
"""

import numpy as np


def no_floor(n_in, filter_size, stride=1, padding=0):
    """True division: half sizes."""
    return (n_in + 2 * padding - filter_size) / stride + 1


def no_plus_one(n_in, filter_size, stride=1, padding=0):
    """The + 1 is missing."""
    return (n_in + 2 * padding - filter_size) // stride


def plus_filter(n_in, filter_size, stride=1, padding=0):
    """The filter size is added, and the + 1 is missing."""
    return (n_in + 2 * padding + filter_size) // stride


def filter_over_stride(n_in, filter_size, stride=1, padding=0):
    """Without brackets: only the filter size is divided by the stride."""
    return n_in + 2 * padding - filter_size / stride + 1


def one_padding(n_in, filter_size, stride=1, padding=0):
    """The padding counts once instead of at both ends."""
    return (n_in + padding - filter_size) // stride + 1


def no_padding(n_in, filter_size, stride=1, padding=0):
    """The padding does not count."""
    return (n_in - filter_size) // stride + 1


def no_stride(n_in, filter_size, stride=1, padding=0):
    """The stride does not count."""
    return n_in + 2 * padding - filter_size + 1


def rounded_up(n_in, filter_size, stride=1, padding=0):
    """Rounded up: a window that reaches over the edge counts."""
    return -((filter_size - n_in - 2 * padding) // stride) + 1


def plus_one_inside(n_in, filter_size, stride=1, padding=0):
    """The + 1 is divided by the stride, too."""
    return (n_in + 2 * padding - filter_size + 1) // stride


def no_floor_2d(size_in, filter_size, stride=1, padding=0):
    """True division: half sizes."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f) / s + 1).tolist())


def no_plus_one_2d(size_in, filter_size, stride=1, padding=0):
    """The + 1 is missing."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f) // s).tolist())


def plus_filter_2d(size_in, filter_size, stride=1, padding=0):
    """The filter size is added, and the + 1 is missing."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p + f) // s).tolist())


def filter_over_stride_2d(size_in, filter_size, stride=1, padding=0):
    """Without brackets: only the filter size is divided by the stride."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple((n + 2 * p - f / s + 1).tolist())


def one_padding_2d(size_in, filter_size, stride=1, padding=0):
    """The padding counts once instead of at both ends."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + p - f) // s + 1).tolist())


def no_padding_2d(size_in, filter_size, stride=1, padding=0):
    """The padding does not count."""
    n, f, s = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride))
    return tuple(((n - f) // s + 1).tolist())


def no_stride_2d(size_in, filter_size, stride=1, padding=0):
    """The stride does not count."""
    n, f, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, padding))
    return tuple((n + 2 * p - f + 1).tolist())


def rounded_up_2d(size_in, filter_size, stride=1, padding=0):
    """Rounded up: a window that reaches over the edge counts."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple((-((f - n - 2 * p) // s) + 1).tolist())


def plus_one_inside_2d(size_in, filter_size, stride=1, padding=0):
    """The + 1 is divided by the stride, too."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f + 1) // s).tolist())


def sides_swapped(size_in, filter_size, stride=1, padding=0):
    """Height and width change places."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f) // s + 1).tolist()[::-1])
