"""Mistakes on the way back that every recurrent layer can have."""

import numpy as np

from .layer import Array
from .unrolled import Unrolled


class NothingCarried(Unrolled):
    """What comes back by the state from the step behind is left out."""

    def carried(self, dh: Array) -> Array:
        return np.zeros_like(dh)


class OneStepOnly(Unrolled):
    """Each step's part of a gradient takes the place of the others."""

    def add(self, name: str, gradient: Array) -> None:
        self.grads[name] = gradient
