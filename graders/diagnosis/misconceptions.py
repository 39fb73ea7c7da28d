"""The list of known misconceptions, item by item."""

from __future__ import annotations

from graders.diagnosis.model import Misconception
from graders.diagnosis.variants import conv1d
from graders.messages import M

CONV1D = ("conv1d", "conv1d_batch")

MISCONCEPTIONS: tuple[Misconception, ...] = (
    Misconception(
        "conv1d-dx-kernel-not-flipped",
        CONV1D,
        "dX",
        frozenset({"dX"}),
        M("The filter is not reversed in the gradient of the input"),
        M(
            "Position f of the filter touches input i + f, so going back from output i its weight meets input i + f: along the gradient the filter runs backwards."
        ),
        M("Write down which outputs input 0 and input 1 take part in, and with which weight."),
        conv1d.KernelNotFlipped,
    ),
    Misconception(
        "conv1d-last-channel-only",
        CONV1D,
        "forward",
        frozenset({"forward"}),
        M("Only the last input channel counts"),
        M(
            "Each pass of the loop over the input channels replaces what the pass before had computed."
        ),
        M("Look at the assignment inside the loop over the input channels: = or +=?"),
        conv1d.LastChannelOnly,
    ),
)


def misconceptions_for(item: str) -> tuple[Misconception, ...]:
    """The misconceptions that are known for an item."""
    return tuple(m for m in MISCONCEPTIONS if item in m.items)
