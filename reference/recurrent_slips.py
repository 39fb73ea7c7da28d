"""Recurrent layers as students get them wrong; specs name the slips."""

import numpy as np
from numpy.typing import ArrayLike

from .activations import sigmoid
from .layer import Array
from .recurrent import RNN, Recurrent, RNNCell, RNNFromZero, RNNLastState
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


class _SlopeOfState(Recurrent):
    """The derivative of tanh is made of the tanh of the state."""

    def slope(self, h: Array, z: Array) -> Array:
        return np.asarray(1 - np.tanh(h) ** 2)


class _BiasLeftOut(Recurrent):
    """No bias is added."""

    def stepped(self, x: Array, h: Array) -> Array:
        self._sums.append(x @ self.params["Wx"] + h @ self.params["Wh"])
        return self.activated(self._sums[-1])


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


class LastNoSlope(_NoSlope, RNNLastState):
    """No derivative of tanh."""


class LastSlopeOfSum(_SlopeOfSum, RNNLastState):
    """The derivative of the sum."""


class LastSlopeOfState(_SlopeOfState, RNNLastState):
    """tanh twice."""


class LastSeesNew(_SeesNew, RNNLastState):
    """By the state after."""


class LastNotTransposed(_NotTransposed, RNNLastState):
    """Through Wh as it is."""


class LastNothingCarried(NothingCarried, RNNLastState):
    """The last step alone."""


class LastOneStepOnly(OneStepOnly, RNNLastState):
    """One step alone."""


class LastStateNotCarried(_StateNotCarried, RNNLastState):
    """From the first state."""


class LastLogistic(_Logistic, RNNLastState):
    """A sigmoid."""


class LastBiasLeftOut(_BiasLeftOut, RNNLastState):
    """No bias."""


class LastOfReversed(RNNLastState):
    """The sequence is gone through from its last step."""

    def forward(self, x: ArrayLike) -> Array:
        return super().forward(np.flip(np.asarray(x), 1))

    def backward(self, dy: ArrayLike) -> Array:
        return np.flip(super().backward(dy), 1)


class LastFirstStep(RNNLastState):
    """The output is the state after the first step."""

    def forward(self, x: ArrayLike) -> Array:
        super().forward(x)
        return self._states[1]
