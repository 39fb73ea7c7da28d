"""Output sizes of sliding windows, and parameter counts."""

from math import prod
from operator import index
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]


def as_int(value: object, name: str, least: int) -> int:
    """``value`` as an int; ValueError when it is not a whole number or is below ``least``."""
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number


def as_pair(value: int | Pair, name: str, least: int) -> Pair:
    """``value`` as (vertical, horizontal); one number stands for both.

    Raises ValueError when there are more or fewer than two numbers, and as ``as_int`` does.
    """
    if not isinstance(value, tuple | list):
        number = as_int(value, name, least)
        return number, number
    if len(value) != 2:
        raise ValueError(f"{name} must be one number or two, got {value!r}")
    return as_int(value[0], name, least), as_int(value[1], name, least)


def conv_output_size(n_in: int, filter_size: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit along one axis: floor((N + 2P - F) / S) + 1.

    The formula is Dumoulin & Visin, "A guide to convolution arithmetic for deep learning"
    (arXiv:1603.07285), relationship 6. Raises ValueError when a number is out of range or the
    filter is longer than the padded input.
    """
    n_in, filter_size = as_int(n_in, "n_in", 1), as_int(filter_size, "filter_size", 1)
    stride, padding = as_int(stride, "stride", 1), as_int(padding, "padding", 0)
    span = n_in + 2 * padding - filter_size
    if span < 0:
        raise ValueError(
            f"a filter of {filter_size} does not fit into {n_in} values with padding {padding}"
        )
    return span // stride + 1


def conv2d_output_size(
    size_in: Pair,
    filter_size: int | Pair,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
) -> Pair:
    """``conv_output_size`` for (height, width); one number stands for both axes.

    Raises ValueError as ``conv_output_size`` does.
    """
    (h, w), (fh, fw) = as_pair(size_in, "size_in", 1), as_pair(filter_size, "filter_size", 1)
    (sh, sw), (ph, pw) = as_pair(stride, "stride", 1), as_pair(padding, "padding", 0)
    return conv_output_size(h, fh, sh, ph), conv_output_size(w, fw, sw, pw)


def conv_parameter_count(
    c_in: int, c_out: int, filter_size: int | tuple[int, ...], bias: bool = True
) -> int:
    """Numbers that a convolution learns: C_out * C_in * prod(filter), and C_out for the bias.

    ``filter_size`` is F for a 1-D convolution and (FH, FW) for a 2-D one. Raises ValueError when
    a number is below 1.
    """
    filters = tuple(filter_size) if isinstance(filter_size, tuple | list) else (filter_size,)
    return _count((c_out, c_in, *filters), c_out if bias else 0)


def fc_parameter_count(n_in: int, n_out: int, bias: bool = True) -> int:
    """Numbers that a fully connected layer learns: n_in * n_out, and n_out for the bias.

    Raises ValueError when a number is below 1.
    """
    return _count((n_in, n_out), n_out if bias else 0)


def _count(weight_shape: tuple[int, ...], biases: int) -> int:
    return prod(as_int(n, "every size", 1) for n in weight_shape) + biases
