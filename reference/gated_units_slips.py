"""Gated recurrent units as students get them wrong; specs name the slips."""

import numpy as np

from .activations import sigmoid
from .gated_units import GatedUnits, GRUCell, GRUFromZero
from .layer import Array
from .unrolled_slips import NothingCarried, OneStepOnly


class _KeptLeftOut(GatedUnits):
    """The part that goes straight back into the state before is left out."""

    def kept(self, dh: Array, z: Array) -> Array:
        return np.zeros_like(dh)


class _ResetLeftOut(GatedUnits):
    """The reset gate is left out on the way back through the candidate."""

    def reset(self, through: Array, r: Array) -> Array:
        return through


class _WholeState(GatedUnits):
    """The candidate's part of the gradient of Wh is made with the whole state."""

    def multiplied(self, r: Array, h: Array) -> Array:
        return h


class _NoSlope(GatedUnits):
    """The derivative of tanh is left out."""

    def slope(self, n: Array) -> Array:
        return np.ones_like(n)


class _NoSlopeOfGates(GatedUnits):
    """The derivatives of the sigmoids are left out."""

    def gate_slope(self, gate: Array) -> Array:
        return np.ones_like(gate)


class _NoReset(GatedUnits):
    """The reset gate has no part in the candidate."""

    def remembered(self, r: Array, h: Array, weight: Array) -> Array:
        return np.asarray(h @ weight)


class _ResetAfter(GatedUnits):
    """The reset gate is multiplied with the product."""

    def remembered(self, r: Array, h: Array, weight: Array) -> Array:
        return np.asarray(r * (h @ weight))


class _Mirrored(GatedUnits):
    """The update gate keeps the state."""

    def mixed(self, z: Array, n: Array, h: Array) -> Array:
        return np.asarray(z * h + (1 - z) * n)


class _Logistic(GatedUnits):
    """A sigmoid for the candidate."""

    def activated(self, z: Array) -> Array:
        return sigmoid(z)


class CellKeptLeftOut(_KeptLeftOut, GRUCell):
    """The part that goes straight back into the state before is left out."""


class CellResetLeftOut(_ResetLeftOut, GRUCell):
    """The reset gate is left out on the way back through the candidate."""


class CellWholeState(_WholeState, GRUCell):
    """The candidate's part of the gradient of Wh is made with the whole state."""


class CellNoSlope(_NoSlope, GRUCell):
    """The derivative of tanh is left out."""


class CellNoSlopeOfGates(_NoSlopeOfGates, GRUCell):
    """The derivatives of the sigmoids are left out."""


class CellNoReset(_NoReset, GRUCell):
    """The reset gate has no part in the candidate."""


class CellResetAfter(_ResetAfter, GRUCell):
    """The reset gate is multiplied with the product."""


class CellMirrored(_Mirrored, GRUCell):
    """The update gate keeps the state."""


class CellLogistic(_Logistic, GRUCell):
    """A sigmoid for the candidate."""


class FromZeroKeptLeftOut(_KeptLeftOut, GRUFromZero):
    """The part that goes straight back into the state before is left out."""


class FromZeroResetLeftOut(_ResetLeftOut, GRUFromZero):
    """The reset gate is left out on the way back through the candidate."""


class FromZeroWholeState(_WholeState, GRUFromZero):
    """The candidate's part of the gradient of Wh is made with the whole state."""


class FromZeroNoSlope(_NoSlope, GRUFromZero):
    """The derivative of tanh is left out."""


class FromZeroNoSlopeOfGates(_NoSlopeOfGates, GRUFromZero):
    """The derivatives of the sigmoids are left out."""


class FromZeroNoReset(_NoReset, GRUFromZero):
    """The reset gate has no part in the candidate."""


class FromZeroResetAfter(_ResetAfter, GRUFromZero):
    """The reset gate is multiplied with the product."""


class FromZeroMirrored(_Mirrored, GRUFromZero):
    """The update gate keeps the state."""


class FromZeroLogistic(_Logistic, GRUFromZero):
    """A sigmoid for the candidate."""


class FromZeroNothingCarried(NothingCarried, GRUFromZero):
    """What comes back from the step behind is left out."""


class FromZeroOneStepOnly(OneStepOnly, GRUFromZero):
    """Each step's part of a gradient takes the place of the others."""
