"""Trials of an optimiser, made without running one: the arrays move as they are told to."""

from collections.abc import Sequence

import numpy as np

from graders.binding.rates import Rates
from graders.cases import resolve
from graders.kinds.optimizer import updates
from graders.kinds.optimizer.steps import Trial, Truth
from graders.specs import ItemSpec


def trial_of(spec: ItemSpec, truth: Truth, rate: float, moves: Sequence[np.ndarray]) -> Trial:
    """A trial whose only array moved so, from 0 and by the reference's own numbers."""
    numbers = {name: of.default for name, of in spec.hyperparameters.items()}
    return Trial("", "", "", {"W": truth}, {"W": list(moves)}, Rates(rate), numbers)


def right_moves(spec: ItemSpec, truth: Truth, rate: float, scale: str) -> list[np.ndarray]:
    """What the reference adds in each step."""
    start = {"W": np.zeros_like(truth.gradients[0])}
    return updates.replayed(resolve(spec.reference)(rate), {"W": truth}, start, scale)["W"]
