"""An activation inside a layer that has none: which, by what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from graders import cases
from graders.arrays.matching import Truth
from graders.cases import LayerCase
from graders.diagnosis.deciding import Hypothesis
from graders.diagnosis.lessons import activated as lessons
from graders.diagnosis.sights import NOTHING, Sight, Tokens, aligned, close, fits
from graders.kinds.layer.runs import Measured
from graders.misconceptions import Lesson, Name

_Function = Callable[[np.ndarray], np.ndarray]

LEAST_SHARE = 0.1  # of the elements, on both sides of a kink
CASES = 2  # of different sizes
ENOUGH = 8  # elements that a relation between three runs must hold for
STEP = 0.1  # from one input to the next, so that few outputs change their sign


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def _softmax(z: np.ndarray) -> np.ndarray:
    """Over the axis of the nodes or channels."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


_ACTIVATIONS: Mapping[str, tuple[Lesson, _Function, Sequence[_Function]]] = {
    "relu": (lessons.RELU, lambda z: np.maximum(z, 0), (lambda z: (z > 0) * 1.0,)),
    "sigmoid": (
        lessons.SIGMOID,
        _sigmoid,
        (lambda z: _sigmoid(z) * (1 - _sigmoid(z)), lambda z: z * (1 - z)),
    ),
    "tanh": (
        lessons.TANH,
        np.tanh,
        (lambda z: 1 - np.tanh(z) ** 2, lambda z: 1 - z**2),
    ),
    "softmax": (lessons.SOFTMAX, _softmax, ()),
}
"""By name: what is said of it, the function, and its derivative at the output before it, as it is and
as it is written for what came out of the function."""

Outputs = Callable[[Sight], Iterator[tuple[str, Truth]]]
"""What a layer may give before its activation: the truth, and what known mistakes make of it."""


def activations(outputs: Outputs) -> Iterator[Hypothesis]:
    """For forward: the activation of what the layer should give, or of what a known mistake gives;
    for gradients: those of an upstream gradient that was multiplied by an activation's derivative.
    """
    for name, (lesson, function, derivatives) in _ACTIVATIONS.items():

        def applied(sight: Sight, array: np.ndarray, function: _Function = function) -> Tokens:
            if sight.facet != "forward" or array.size < 2:
                return NOTHING
            return frozenset(
                (before, how)
                for before, made in outputs(sight)
                for how in fits(array, replace(made, array=function(made.array)), sight.wanted)
            )

        def multiplied(
            sight: Sight, array: np.ndarray, derivatives: Sequence[_Function] = derivatives
        ) -> Tokens:
            if sight.facet not in sight.case.gradients:
                return NOTHING
            return frozenset(
                (number, how)
                for number, derivative in enumerate(derivatives)
                for how in _of_upstream(sight, array, derivative)
            )

        yield Hypothesis(Name(f"{name}-inside", lesson), applied)
        if derivatives:
            yield Hypothesis(Name(f"{name}-derivative-inside", lessons.DERIVATIVE), multiplied)


def any_function(sight: Sight, array: np.ndarray) -> Tokens:
    """Where each output is a function of the true one, which never falls: of ELU, of clipping."""
    a, truth = aligned(sight, array), sight.truth.array.ravel()
    if sight.facet != "forward" or a is None or a.dtype.kind != "f" or a.size < ENOUGH:
        return NOTHING
    rising = a.ravel()[np.argsort(truth)]
    return frozenset({"rising"}) if bool(np.all(np.diff(rising) >= 0)) else NOTHING


ANY = Hypothesis(Name("activation-inside", lessons.ANY), any_function)


def _of_upstream(sight: Sight, array: np.ndarray, derivative: _Function) -> Tokens:
    """Where the array is the gradient for an upstream one times the derivative."""
    case, n = sight.case, sight.case.sizes.get("N", 1)
    upstream = np.reshape(case.upstream, case.forward.shape) * derivative(case.forward)
    if close(upstream, np.reshape(case.upstream, case.forward.shape)):
        return NOTHING  # it changes nothing here
    other = cases.build(case.spec, case.sizes, case.x, case.weights, upstream, None)
    factors = [("1", 1.0)]
    if case.spec.weight_of(sight.facet) and n > 1:
        factors.append(("1/N", 1.0 / n))
    return fits(array, other.truth(sight.facet), sight.wanted, factors)


# -- whatever stands before it ---------------------------------------------------------------------


def activation_of(
    wrong: Sequence[LayerCase],
    measure: Callable[[LayerCase], Measured],
    rng: np.random.Generator,
) -> Name | None:
    """The activation of a layer whose other mistakes have no name: without it the output would
    follow the input in straight lines, which three inputs show, two and the one between them.
    """
    seen: list[list[np.ndarray]] = []
    for case in wrong:
        step = STEP * cases.redraw(case.spec, case.sizes, rng).x
        ys = []
        for x in (case.x, case.x + 2 * step, case.x + step):
            asked = cases.build(case.spec, case.sizes, x, case.weights, None, None)
            y = measure(asked).y
            if y is None or y.array.dtype.kind != "f" or not np.all(np.isfinite(y.array)):
                return None
            ys.append(np.asarray(y.array, dtype=np.float64))
        if len({y.shape for y in ys}) > 1:
            return None
        seen.append([y.ravel() for y in ys])
    if len({tuple(sorted(case.sizes.items())) for case in wrong}) < CASES:
        return None
    first, last, between = (np.concatenate(ys) for ys in zip(*seen, strict=True))
    if _straight(first, last, between):
        return None
    for name, undone in _UNDONE.items():
        if undone((first, last, between)):
            return Name(f"{name}-inside", _ACTIVATIONS[name][0])
    return None


def _straight(one: np.ndarray, two: np.ndarray, between: np.ndarray) -> bool:
    return one.size >= ENOUGH and close(between, (one + two) / 2)


def _is_relu(ys: Sequence[np.ndarray]) -> bool:
    """Zero or straight, and both often enough."""
    joined = np.stack(ys)
    zeros = float(np.mean(joined == 0))
    above = np.all(joined > 0, axis=0)
    return (
        bool(np.all(joined >= 0))
        and LEAST_SHARE < zeros < 1 - LEAST_SHARE
        and _straight(*(y[above] for y in ys))
        and not np.any(np.all(joined[:2] == 0, axis=0) & (joined[2] > 0))
    )


def _undone_by(
    inverse: _Function, low: float, high: float
) -> Callable[[Sequence[np.ndarray]], bool]:
    """Whether outputs between two bounds are straight once a function is undone."""

    def undone(ys: Sequence[np.ndarray]) -> bool:
        joined = np.stack(ys)
        if not (np.all(joined >= low) and np.all(joined <= high)):
            return False
        margin = 1e-6 * (high - low)  # beyond it, rounding hides what was there
        seen = np.all((joined > low + margin) & (joined < high - margin), axis=0)
        return _straight(*(inverse(y[seen]) for y in ys))

    return undone


_UNDONE: Mapping[str, Callable[[Sequence[np.ndarray]], bool]] = {
    "relu": _is_relu,
    "sigmoid": _undone_by(lambda y: np.log(y / (1 - y)), 0.0, 1.0),
    "tanh": _undone_by(np.arctanh, -1.0, 1.0),
}
