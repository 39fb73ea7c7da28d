"""Layers that are handed the activation which is theirs: ``SimpleRNN(n_nodes, Tanh())``.

A stub that changes nothing stands for an activation that comes after a layer and is no part of the item. An item that is
no affine function of its input has one inside; there the notebook's own is what the layer was meant to get.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graders import cases
from graders.binding.lexicon import lexicon
from graders.binding.plans import Argument
from graders.specs import ItemSpec


def is_affine(spec: ItemSpec) -> bool:
    """True if the reference's y(a) + y(b) is y(a + b) + y(0), for inputs of the item's own sizes."""
    if spec.below:
        return True  # whole numbers that choose rows
    rng = np.random.default_rng(0)
    sizes = cases.draw_sizes(spec, rng)
    case = cases.redraw(spec, sizes, rng)
    other = cases.redraw(spec, sizes, rng).x
    outputs = [
        cases.build(spec, sizes, x, case.weights, None, rng).forward
        for x in (case.x, other, case.x + other, 0 * other)
    ]
    return bool(np.allclose(outputs[0] + outputs[1], outputs[2] + outputs[3], rtol=1e-6, atol=1e-9))


def hands_over_activation(arguments: Sequence[Argument]) -> bool:
    """True if one of them is an activation."""
    return any(is_activation(a) for a in arguments)


def differ_in_activation(one: Sequence[Argument], other: Sequence[Argument]) -> bool:
    """True if nothing but the activation differs."""
    others = [[a for a in way if not is_activation(a)] for way in (one, other)]
    return others[0] == others[1] and tuple(one) != tuple(other)


def is_activation(argument: Argument) -> bool:
    """True for the stub and for what the notebook hands over under such a name."""
    return argument.kind == "activation" or (
        argument.kind == "expression" and lexicon().is_a(argument.parameter, "activation")
    )
