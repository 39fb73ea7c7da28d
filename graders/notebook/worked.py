"""One element of a layer's output or gradient, worked out by hand: which products it adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graders import cases
from graders.cases import LayerCase
from graders.checks.model import CheckResult, number, shape_text
from graders.errors import GraderError
from graders.specs import ItemSpec
from graders.traits import Trait

_MOST_TERMS = 24
_MOST_VALUES = 40  # of an array that is shown
_NOTHING = 1e-12


@dataclass(frozen=True)
class Worked:
    """An example: its inputs by name as text, and an element as a sum of products."""

    given: tuple[tuple[str, str], ...]
    what: str
    terms: str
    value: str


def worked(spec: ItemSpec, check: CheckResult) -> Worked | None:
    """The example that a check's facet is worked out in; None where it is no sum of products."""
    if Trait.LAYER not in spec.traits or check.facet not in ("forward", *spec.gradients):
        return None
    try:
        case, mine = _case(spec, check)
        return _worked(spec, check, case, mine)
    except (GraderError, ValueError, KeyError, ArithmeticError):
        return None


def _case(spec: ItemSpec, check: CheckResult) -> tuple[LayerCase, bool]:
    """The documented pair that went wrong, or the first that shows the facet, or a small drawn one."""
    asked = None
    for n, pair in enumerate(spec.documented, 1):
        if check.id == f"{check.facet}-documented-{n}" or (
            n == 1 and check.id == check.facet and len(spec.documented) == 1
        ):
            asked = pair
    shows = [p for p in spec.documented if check.facet == "forward" or p.upstream is not None]
    chosen = asked or (shows[0] if shows else None)
    if chosen is not None:
        return cases.documented(spec, chosen), asked is not None
    rng = np.random.default_rng(0)  # a small one to reckon with, in no check
    case = cases.draw(spec, rng)
    small = {name: rng.integers(-2, 4, array.shape) for name, array in case.weights.items()}
    x = rng.integers(-2, 4, case.x.shape)
    upstream = rng.integers(-2, 4, case.upstream.shape)
    return cases.build(spec, case.sizes, x, small, upstream, None), False


def _worked(spec: ItemSpec, check: CheckResult, case: LayerCase, mine: bool) -> Worked | None:
    forward = check.facet == "forward"
    truth = case.forward if forward else case.gradients[check.facet]

    def result(array: np.ndarray) -> np.ndarray:
        x, upstream = (array, case.upstream) if forward else (case.x, array)
        other = cases.build(spec, case.sizes, x, case.weights, upstream, None)
        return (other.forward if forward else other.gradients[check.facet]).ravel()

    start = np.asarray(case.x if forward else case.upstream, dtype=np.float64)
    sums = _sums(result, start)
    if sums is None:
        return None
    at = _same_element(check, truth) if mine else None
    flat = int(np.argmax(np.count_nonzero(sums.factors, axis=0))) if at is None else at
    terms = sums.of(flat)
    if terms is None:
        return None
    given = [("x", case.x), *case.weights.items()]
    if not forward:
        given.append(("dA", case.upstream))
    where = tuple(int(i) for i in np.unravel_index(flat, _bare(truth).shape))
    return Worked(
        tuple((name, array_text(_bare(array))) for name, array in given),
        f"{check.facet}[{shape_text(where)[1:-1].rstrip(',')}]",
        terms,
        number(truth.ravel()[flat]),
    )


def _same_element(check: CheckResult, truth: np.ndarray) -> int | None:
    """Where the check's worst element lies in the canonical array; None where they differ in layout."""
    expected, where = check.expected, check.where
    if expected is None or where is None or expected.size != truth.size:
        return None
    if not np.allclose(expected.ravel(), truth.ravel()):
        return None
    return int(np.ravel_multi_index(where, expected.shape))


@dataclass(frozen=True)
class _Sums:
    """Every element of a result as a sum over the entries of what goes in: a factor for each, and a rest."""

    entries: np.ndarray
    factors: np.ndarray  # (entries, elements)
    rest: np.ndarray

    def of(self, element: int) -> str | None:
        """``2*1 + 3*1 + 1``; None where it is too long to be read."""
        found = np.flatnonzero(self.factors[:, element])
        if not 0 < len(found) <= _MOST_TERMS:
            return None
        pairs = ((self.entries[j], self.factors[j, element]) for j in found)
        parts = [f"{_signed(float(entry))}*{_signed(float(factor))}" for entry, factor in pairs]
        if self.rest[element]:
            parts.append(_signed(float(self.rest[element])))
        return " + ".join(parts)


def _sums(result: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> _Sums | None:
    """None where the result is no such sum."""
    rest = result(np.zeros_like(start))
    units = np.eye(start.size).reshape(start.size, *start.shape)
    factors = np.array([result(unit) - rest for unit in units])
    factors[np.abs(factors) < _NOTHING] = 0.0
    if not np.allclose(start.ravel() @ factors + rest, result(start)):
        return None
    return _Sums(start.ravel(), factors, np.where(np.abs(rest) < _NOTHING, 0.0, rest))


def _signed(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def _bare(array: np.ndarray) -> np.ndarray:
    """Without the axis of a batch of one."""
    return array[0] if array.ndim > 1 and len(array) == 1 else array


def array_text(array: np.ndarray) -> str:
    """An array as students write it, if it is small; else its shape."""
    array = np.asarray(array)
    if array.size > _MOST_VALUES:
        return f"array of shape {shape_text(array.shape)}"
    values = np.round(array.astype(np.float64), 4)
    whole = bool(np.all(values == np.round(values)))
    return str((values.astype(int) if whole else values).tolist())
