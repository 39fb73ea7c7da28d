"""Output sizes as students get them wrong; the results need not be whole numbers.

In two dimensions the sizes are pairs; stride and padding are one number for both sides.
"""

import math


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
    return math.ceil((n_in + 2 * padding - filter_size) / stride) + 1


def plus_one_inside(n_in, filter_size, stride=1, padding=0):
    """The + 1 is divided by the stride, too."""
    return (n_in + 2 * padding - filter_size + 1) // stride


def no_floor_2d(size_in, filter_size, stride=1, padding=0):
    """True division: half sizes."""
    return tuple(
        (n + 2 * padding - f) / stride + 1 for n, f in zip(size_in, filter_size, strict=False)
    )


def no_plus_one_2d(size_in, filter_size, stride=1, padding=0):
    """The + 1 is missing."""
    return tuple(
        (n + 2 * padding - f) // stride for n, f in zip(size_in, filter_size, strict=False)
    )


def plus_filter_2d(size_in, filter_size, stride=1, padding=0):
    """The filter size is added, and the + 1 is missing."""
    return tuple(
        (n + 2 * padding + f) // stride for n, f in zip(size_in, filter_size, strict=False)
    )


def filter_over_stride_2d(size_in, filter_size, stride=1, padding=0):
    """Without brackets: only the filter size is divided by the stride."""
    return tuple(
        n + 2 * padding - f / stride + 1 for n, f in zip(size_in, filter_size, strict=False)
    )


def one_padding_2d(size_in, filter_size, stride=1, padding=0):
    """The padding counts once instead of at both ends."""
    return tuple(
        (n + padding - f) // stride + 1 for n, f in zip(size_in, filter_size, strict=False)
    )


def no_padding_2d(size_in, filter_size, stride=1, padding=0):
    """The padding does not count."""
    return tuple((n - f) // stride + 1 for n, f in zip(size_in, filter_size, strict=False))


def no_stride_2d(size_in, filter_size, stride=1, padding=0):
    """The stride does not count."""
    return tuple(n + 2 * padding - f + 1 for n, f in zip(size_in, filter_size, strict=False))


def rounded_up_2d(size_in, filter_size, stride=1, padding=0):
    """Rounded up: a window that reaches over the edge counts."""
    return tuple(
        math.ceil((n + 2 * padding - f) / stride) + 1
        for n, f in zip(size_in, filter_size, strict=False)
    )


def plus_one_inside_2d(size_in, filter_size, stride=1, padding=0):
    """The + 1 is divided by the stride, too."""
    return tuple(
        (n + 2 * padding - f + 1) // stride for n, f in zip(size_in, filter_size, strict=False)
    )


def sides_swapped(size_in, filter_size, stride=1, padding=0):
    """Height and width change places."""
    sides = zip(size_in[::-1], filter_size[::-1], strict=False)
    return tuple((n + 2 * padding - f) // stride + 1 for n, f in sides)
