"""Written answers as students get them wrong: sizes and numbers of parameters."""

import numpy as np


def one_channel(c_in, c_out, filter_size, bias=True):
    """The input channels are left out."""
    return c_out * int(np.prod(filter_size)) + c_out


def one_channel_no_bias(c_in, c_out, filter_size, bias=True):
    """The input channels and the biases are left out."""
    return c_out * int(np.prod(filter_size))


def no_bias(c_in, c_out, filter_size, bias=True):
    """The biases are left out."""
    return c_in * c_out * int(np.prod(filter_size))


def bias_per_pair(c_in, c_out, filter_size, bias=True):
    """A bias is counted for each pair of channels."""
    return c_in * c_out * int(np.prod(filter_size)) + c_in * c_out


def stride_counted(c_in, c_out, filter_size, bias=True):
    """Stride and padding are counted as if they were learnt; channels and biases are left out."""
    return c_out * int(np.prod(filter_size)) + 1


def size_without_plus_one(size_in, filter_size, stride=1, padding=0):
    """The + 1 of the size is missing."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f) // s).tolist())


def size_without_floor(size_in, filter_size, stride=1, padding=0):
    """The size is not rounded down: 9.5."""
    n, f, s, p = (np.broadcast_to(v, 2) for v in (size_in, filter_size, stride, padding))
    return tuple(((n + 2 * p - f) / s + 1).tolist())


def size_unchanged(size_in, filter_size, stride=1, padding=0):
    """The output is taken to be as large as the input, divided by the stride."""
    n, s = (np.broadcast_to(v, 2) for v in (size_in, stride))
    return tuple((n // s).tolist())
