"""The geometry of a window that slides along an axis; convolution, pooling and im2col share it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from .layer import Array
from .sizes import conv_output_size

Index: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Axis:
    """Where each position ("tap") of the window meets the input, along one axis.

    ``taps`` has a pair for each tap: which outputs it serves, and which inputs it then sees, equal
    in number. Outputs for which the tap lies in the padding are left out, so that nobody needs a
    padded copy of the input.
    """

    n_in: int
    n_out: int
    stride: int
    padding: int
    taps: tuple[tuple[slice, slice], ...]
    whole: bool
    """No tap is ever in the padding."""
    disjoint: bool
    """No input is in two windows."""
    covered: bool
    """With disjoint: every input is in a window."""

    def gather(self, x: Array, parts: Array) -> None:
        """Write what each tap sees of ``x`` (A, B, ..., n_in) to ``parts`` (A, B, tap, ..., n_out).

        What lies in the padding is not touched: ``parts`` must be zero there.
        """
        for t, (outputs, inputs) in enumerate(self.taps):
            parts[:, :, t, ..., outputs] = x[..., inputs]

    def scatter(self, parts: Array, x: Array) -> None:
        """Set ``x`` to the sum of ``parts`` where ``gather`` took them from, and 0 elsewhere."""
        first, *others = enumerate(self.taps)
        if first[1][1].step == 1:
            # Cheaper than to clear everything and to add.
            t, (outputs, inputs) = first
            x[..., : inputs.start] = 0
            x[..., inputs] = parts[:, :, t, ..., outputs]
            x[..., inputs.stop :] = 0
        else:
            x[...] = 0
            others = [first, *others]
        for t, (outputs, inputs) in others:
            x[..., inputs] += parts[:, :, t, ..., outputs]


@lru_cache(maxsize=256)
def axis(n_in: int, size: int, stride: int, padding: int) -> Axis:
    """The geometry for ``n_in`` inputs; ValueError when the window does not fit."""
    n_out = conv_output_size(n_in, size, stride, padding)
    taps = []
    for tap in range(size):
        # Output o sees input o * stride + tap - padding, which must lie in 0 .. n_in - 1.
        first = max(0, -((tap - padding) // stride))
        stop = max(first, min(n_out, (n_in - 1 + padding - tap) // stride + 1))
        start = first * stride + tap - padding
        inputs = slice(start, start + (stop - first - 1) * stride + 1, stride)
        taps.append((slice(first, stop), inputs if stop > first else slice(0, 0, stride)))
    whole = all(outputs == slice(0, n_out) for outputs, _ in taps)
    covered = stride == size and n_out * size >= n_in + padding
    return Axis(n_in, n_out, stride, padding, tuple(taps), whole, stride >= size, covered)


def taps2d(rows: Axis, columns: Axis) -> tuple[tuple[int, int, Index, Index], ...]:
    """Each position (i, j) of the window, with the outputs it serves and the inputs it sees."""
    return tuple(
        (i, j, (out_h, out_w), (in_h, in_w))
        for i, (out_h, in_h) in enumerate(rows.taps)
        for j, (out_w, in_w) in enumerate(columns.taps)
    )
