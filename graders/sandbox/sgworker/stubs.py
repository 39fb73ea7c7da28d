"""Objects that stand in for an initialiser, optimiser or activation while a layer is called.

They hold nothing but the weights that the call was given. An initialiser stub answers every
method with those weights in the shape that was asked for; an optimiser stub notes what it
was handed and changes nothing; an activation stub gives back what it is given.
"""

import dis
import itertools
import re
import sys

import numpy as np

_BIAS = re.compile(r"^_?(b|.*bias.*|.*_b|b_.*|b\d)$", re.IGNORECASE)
_WEIGHT = re.compile(r"^_?(w|.*(weight|kernel|filter).*|.*_w|w_.*|w\d)$", re.IGNORECASE)
_BOTH = re.compile(r"coef|params|weights_and", re.IGNORECASE)


def aligned(canonical, shape):
    """Every distinct way to lay `canonical` out in `shape` by permuting and merging axes.

    The sizes of the axes are told apart by their numbers, so callers use sizes that differ.
    """
    shape = tuple(int(n) for n in shape)
    found = []
    for order in itertools.permutations(range(canonical.ndim)):
        moved = canonical.transpose(order)
        if _merges(moved.shape, shape):
            laid = np.ascontiguousarray(moved).reshape(shape)
            if not any(np.array_equal(laid, other) for other in found):
                found.append(laid)
    return found


def _merges(old, new):
    """True if `new` comes from `old` by joining neighbouring axes and adding axes of one."""
    old = [n for n in old if n != 1]
    new = [n for n in new if n != 1]
    i = 0
    for size in new:
        product = 1
        while product < size and i < len(old):
            product *= old[i]
            i += 1
        if product != size:
            return False
    return i == len(old)


def _ints(args, kwargs):
    flat = []
    for value in [*args, *kwargs.values()]:
        for part in value if isinstance(value, (tuple, list)) else [value]:
            if isinstance(part, (int, np.integer)) and not isinstance(part, bool):
                flat.append(int(part))
    return flat


class _Slot(float):
    """An attribute of a stub: a number that can be called like a method."""

    def __new__(cls, value, call):
        slot = super().__new__(cls, value)
        slot._call = call
        return slot

    def __call__(self, *args, **kwargs):
        return self._call(args, kwargs)


class Initializer:
    """Answers `W(...)`, `B(...)` and the like with the arrays of this call."""

    def __init__(self, weight, bias, laid=False, makes=""):
        self._sg_weight = weight
        self._sg_bias = bias
        self._sg_laid = laid  # the bias has the shape it is to be given in
        self._sg_makes = makes  # the one array that it makes, as a function
        self._sg_turn = {}

    def __call__(self, *args, **kwargs):
        if self._sg_makes:
            return self._sg_give(self._sg_makes, args, kwargs)
        ints = _ints(args, kwargs)
        if len(ints) > 1 and aligned(self._sg_weight, ints):
            return self._sg_give("W", args, kwargs)  # a function: init(n_in, n_out)
        return self  # a class where an instance is expected, or the other way round

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Slot(0.01, lambda args, kwargs: self._sg_give(name, args, kwargs))

    def _sg_redraw(self):
        """From here on other weights than those that were given out, as a real one draws."""
        for name in ("_sg_weight", "_sg_bias"):
            known = getattr(self, name)
            setattr(self, name, None if known is None else known + 1.0)

    def _sg_give(self, name, args, kwargs):
        if _BOTH.search(name):
            return self._sg_weight.copy(), self._sg_bias.copy()
        ints = _ints(args, kwargs)
        wanted = self._sg_bias if self._sg_means_bias(name, ints) else self._sg_weight
        if not ints or (self._sg_laid and wanted is self._sg_bias):
            return wanted.copy()
        return self._sg_fit(name, wanted, ints)

    def _sg_means_bias(self, name, ints):
        """By the name, or by the sizes where one method makes all: ``init.param(n_out, 1, 1)``."""
        if _BIAS.match(name) or _WEIGHT.match(name) or self._sg_bias is None or not ints:
            return bool(_BIAS.match(name))
        return bool(aligned(self._sg_bias, ints)) and not aligned(self._sg_weight, ints)

    def _sg_fit(self, name, wanted, ints):
        choices = aligned(wanted, ints)
        if choices:
            return choices[0]
        rest = list(wanted.shape)
        for n in ints:
            if n in rest:
                rest.remove(n)
            elif n != 1:
                break
        else:
            return self._sg_next(name, wanted, ints)
        if len(ints) > wanted.ndim and tuple(ints[-wanted.ndim :]) == wanted.shape:
            return np.broadcast_to(wanted, ints).copy()
        if int(np.prod(ints)) > 10**6:
            return wanted.copy()
        return np.random.standard_normal(ints) * 0.5  # another shape than the call's: no fit

    def _sg_next(self, name, wanted, ints):
        """One filter after the other, for layers that ask once for each output channel."""
        needed = [n for n in ints if n != 1]
        inner = list(range(wanted.ndim - len(needed), wanted.ndim))
        if [wanted.shape[a] for a in inner] != needed:
            inner = []
            for n in needed:
                free = (a for a in range(wanted.ndim) if wanted.shape[a] == n and a not in inner)
                inner.append(next(free))
        outer = [a for a in range(wanted.ndim) if a not in inner]
        moved = wanted.transpose(outer + inner).reshape([-1, *needed])
        turn = self._sg_turn.get(name, 0)
        self._sg_turn[name] = turn + 1
        return moved[turn % len(moved)].reshape(ints).copy()


class Optimizer:
    """Notes what `update` and the like are handed, returns it unchanged."""

    def __init__(self, lr, weight, bias):
        self._sg_lr = lr
        self._sg_known = [weight, bias]
        self._sg_calls = []

    def __call__(self, *args, **kwargs):
        if any(isinstance(a, (np.ndarray, dict)) for a in args):
            return self._sg_take(args, kwargs)
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Slot(self._sg_lr, lambda args, kwargs: self._sg_take(args, kwargs))

    def _sg_take(self, args, kwargs):
        values = [*args, *kwargs.values()]
        if len(self._sg_calls) < 16:
            self._sg_calls.append([_copied(v) for v in values])
        weights = [v for v in values if isinstance(v, np.ndarray) and self._sg_is_weight(v)]
        count = _unpacked()
        if 1 < count <= len(weights):  # B, W = optimizer.update(B, W, dB, dW)
            return tuple(weights[:count])
        if weights:
            return weights[0]
        return values[0] if values else None

    def _sg_is_weight(self, array):
        return any(
            known is not None
            and array.size == known.size
            and np.array_equal(np.sort(array.ravel()), np.sort(known.ravel()))
            for known in self._sg_known
        )


def _unpacked():
    """How many names the student's statement assigns the result of this call to; 0 if unknown."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None:
        return 0
    later = (i for i in dis.get_instructions(frame.f_code) if i.offset > frame.f_lasti)
    after = next((i for i in later if i.opname != "CACHE"), None)
    return after.arg if after is not None and after.opname == "UNPACK_SEQUENCE" else 0


_DERIVATIVE = re.compile(r"back|bwd|deriv|grad|prime|diff|dash|jacobian|^_*d_|_d$", re.IGNORECASE)


class Activation:
    """The identity, as an instance, a class or a function, in both directions.

    A method that is named like a derivative gives back the gradient from behind: of several
    arrays the one that forward has not seen. Where there is none it gives its factor, ones.
    """

    def __init__(self):
        self._sg_seen = []

    def __call__(self, *args, **kwargs):
        if not args:
            return self  # a class where an instance is expected
        return self._sg_back(args) if args[1:] or kwargs else self._sg_forth(args)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        way = self._sg_back if _DERIVATIVE.search(name) else self._sg_forth
        return lambda *args, **kwargs: way([*args, *kwargs.values()])

    def _sg_forth(self, args):
        if isinstance(args[0], np.ndarray):
            self._sg_seen = [*self._sg_seen[-7:], args[0].copy()]
        return args[0]

    def _sg_back(self, args):
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        new = [a for a in arrays if not any(np.array_equal(a, s) for s in self._sg_seen)]
        return new[0] if new else np.ones_like(arrays[0])


class Layer:
    """Stands in for a layer that an optimiser or initialiser is handed: plain attributes."""

    _sg_take = None  # one of ours: its attributes are collected wherever it turns up

    def __init__(self, attributes):
        self.__dict__.update(attributes)


def _copied(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in list(value.items())[:32]}
    if isinstance(value, (list, tuple)):
        return [_copied(v) for v in list(value)[:32]]
    return value
