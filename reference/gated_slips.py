"""Recurrent layers with gates as students get them wrong; specs name the slips."""

import numpy as np

from .activations import sigmoid
from .gated import LSTM, GatedRecurrent, LSTMFromZero
from .layer import Array
from .unrolled_slips import NothingCarried, OneStepOnly


class _NoCellCarried(GatedRecurrent):
    """What comes back by the cell is left out."""

    def carried_cell(self, dc: Array) -> Array:
        return np.zeros_like(dc)


class _NoSlopeOfCell(GatedRecurrent):
    """The derivative of tanh(c) is left out."""

    def slope_of_shown(self, cell: Array) -> Array:
        return np.ones_like(cell)


class _NoSlopeOfGates(GatedRecurrent):
    """The derivatives of the sigmoids are left out."""

    def slope(self, gate: str, value: Array) -> Array:
        return super().slope(gate, value) if gate == "g" else np.ones_like(value)


class _CellItselfShown(GatedRecurrent):
    """h = o c, without tanh."""

    def shown(self, cell: Array) -> Array:
        return cell

    def slope_of_shown(self, cell: Array) -> Array:
        return np.ones_like(cell)


class _CandidateLogistic(GatedRecurrent):
    """A sigmoid for the candidate."""

    def candidate(self, z: Array) -> Array:
        return sigmoid(z)

    def slope(self, gate: str, value: Array) -> Array:
        return np.asarray(value * (1 - value))


class SequenceNoCellCarried(_NoCellCarried, LSTM):
    """What comes back by the cell is left out."""


class SequenceNothingCarried(NothingCarried, LSTM):
    """What comes back by the state is left out."""


class SequenceNoSlopeOfCell(_NoSlopeOfCell, LSTM):
    """The derivative of tanh(c) is left out."""


class SequenceNoSlopeOfGates(_NoSlopeOfGates, LSTM):
    """The derivatives of the sigmoids are left out."""


class SequenceOneStepOnly(OneStepOnly, LSTM):
    """Each step's part of a gradient takes the place of the others."""


class SequenceCellItselfShown(_CellItselfShown, LSTM):
    """h = o c, without tanh."""


class SequenceGatesSwapped(LSTM):
    """The input gate keeps the cell, the forget gate lets the candidate in."""

    gates = "fiog"


class SequenceCandidateLogistic(_CandidateLogistic, LSTM):
    """A sigmoid for the candidate."""


class FromZeroNoCellCarried(_NoCellCarried, LSTMFromZero):
    """What comes back by the cell is left out."""


class FromZeroNothingCarried(NothingCarried, LSTMFromZero):
    """What comes back by the state is left out."""


class FromZeroNoSlopeOfCell(_NoSlopeOfCell, LSTMFromZero):
    """The derivative of tanh(c) is left out."""


class FromZeroNoSlopeOfGates(_NoSlopeOfGates, LSTMFromZero):
    """The derivatives of the sigmoids are left out."""


class FromZeroOneStepOnly(OneStepOnly, LSTMFromZero):
    """Each step's part of a gradient takes the place of the others."""


class FromZeroCellItselfShown(_CellItselfShown, LSTMFromZero):
    """h = o c, without tanh."""


class FromZeroGatesSwapped(LSTMFromZero):
    """The input gate keeps the cell, the forget gate lets the candidate in."""

    gates = "igfo"


class FromZeroCandidateLogistic(_CandidateLogistic, LSTMFromZero):
    """A sigmoid for the candidate."""
