"""Recurrent layers as students get them wrong; specs name the slips."""

import numpy as np

from .activations import sigmoid
from .layer import Array
from .recurrent import RNN, Recurrent, RNNCell, RNNFromZero
from .unrolled_slips import NothingCarried, OneStepOnly


class _NoSlope(Recurrent):
    """The derivative of tanh is left out."""

    def slope(self, h: Array, z: Array) -> Array:
        return np.ones_like(h)


class _SlopeOfSum(Recurrent):
    """The derivative of tanh is made of the sum in the place of the state."""

    def slope(self, h: Array, z: Array) -> Array:
        return np.asarray(1 - z**2)


class _SeesNew(Recurrent):
    """The gradient of Wh goes by the state after the step."""

    def seen(self, t: int) -> Array:
        return self._states[t + 1]


class _NotTransposed(Recurrent):
    """The gradient of the state before goes through Wh as it is."""

    def through(self, dz: Array) -> Array:
        return np.asarray(dz @ self.params["Wh"])


class _StateNotCarried(Recurrent):
    """Each step starts from the first state."""

    def memory(self, states: list[Array]) -> Array:
        return states[0]

    def seen(self, t: int) -> Array:
        return self._states[0]

    def carried(self, dh: Array) -> Array:
        return np.zeros_like(dh)


class _Logistic(Recurrent):
    """A sigmoid in the place of tanh."""

    def activated(self, z: Array) -> Array:
        return sigmoid(z)

    def slope(self, h: Array, z: Array) -> Array:
        return np.asarray(h * (1 - h))


class CellNoSlope(_NoSlope, RNNCell):
    """No derivative of tanh."""


class CellSlopeOfSum(_SlopeOfSum, RNNCell):
    """The derivative of the sum."""


class CellSeesNew(_SeesNew, RNNCell):
    """By the state after."""


class CellNotTransposed(_NotTransposed, RNNCell):
    """Through Wh as it is."""


class CellLogistic(_Logistic, RNNCell):
    """A sigmoid."""


class SequenceNoSlope(_NoSlope, RNN):
    """No derivative of tanh."""


class SequenceSlopeOfSum(_SlopeOfSum, RNN):
    """The derivative of the sum."""


class SequenceSeesNew(_SeesNew, RNN):
    """By the state after."""


class SequenceNotTransposed(_NotTransposed, RNN):
    """Through Wh as it is."""


class SequenceNothingCarried(NothingCarried, RNN):
    """Nothing comes back."""


class SequenceOneStepOnly(OneStepOnly, RNN):
    """One step alone."""


class SequenceStateNotCarried(_StateNotCarried, RNN):
    """From the first state."""


class SequenceLogistic(_Logistic, RNN):
    """A sigmoid."""


class FromZeroNoSlope(_NoSlope, RNNFromZero):
    """No derivative of tanh."""


class FromZeroSlopeOfSum(_SlopeOfSum, RNNFromZero):
    """The derivative of the sum."""


class FromZeroSeesNew(_SeesNew, RNNFromZero):
    """By the state after."""


class FromZeroNotTransposed(_NotTransposed, RNNFromZero):
    """Through Wh as it is."""


class FromZeroNothingCarried(NothingCarried, RNNFromZero):
    """Nothing comes back."""


class FromZeroOneStepOnly(OneStepOnly, RNNFromZero):
    """One step alone."""


class FromZeroStateNotCarried(_StateNotCarried, RNNFromZero):
    """From the first state."""


class FromZeroLogistic(_Logistic, RNNFromZero):
    """A sigmoid."""
