"""Does backward match the derivative of the student's own forward?

Central differences along random directions in float64: four directions of ±U(0.5, 1.5) a tensor.
A forward that does not depend on the tensor has no derivative to be right about: zeros agree with
the slope of any constant. Where a gradient is wrong, the same differences show it: numeric against
analytic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graders import cases
from graders.arrays import layouts
from graders.binding.plans import LayerPlan, Programmer, output_of, upstream_for
from graders.cases import LayerCase
from graders.checks.model import Slope
from graders.kinds.layer.arrays import in_own_layout
from graders.sandbox.session import Found, Session
from graders.specs import ItemSpec

DIRECTIONS = 4
STEP = 1e-5
# No rounding of the layer's, but the error of the differences: of size STEP squared, and the unit
# roundoff over STEP. Right code is at most at 4e-9, the smallest ordinary mistake at 6e-3.
LIMIT = 1e-6
# Inputs in which it shows on what an output depends: a maximum depends on one element at a time, and
# misses one of a window of 16 in so many less than once in a thousand times.
_REDRAWN = 150
LEAST_CHANGE = 1e-3  # of the true one: what changes by less does not depend on what is moved


def own_derivatives(
    session: Session,
    spec: ItemSpec,
    plan: LayerPlan,
    case: LayerCase,
    y: Found,
    reachable: Sequence[Found],
    facet: str,
    rng: np.random.Generator,
    directions: int = DIRECTIONS,
) -> list[Found]:
    """The arrays that backward left which are the derivative of <upstream, forward> itself.

    None are where forward does not depend on the tensor: nothing is right about a constant's. (One
    direction alone may be level by chance: it says nothing of that.)
    """
    upstream = upstream_for(plan, case)
    if y.array.squeeze().shape != upstream.squeeze().shape:
        return []
    target = _target(case, facet)
    shape = _laid(plan, case, facet, target).shape
    pool = [e for e in reachable if e.array.size == target.size and e.array.dtype.kind == "f"]
    pool = [e for e in pool if e.array.squeeze().shape == tuple(n for n in shape if n != 1)]
    depends = directions == 1
    least = LEAST_CHANGE * float(np.linalg.norm(case.truth(facet).array))
    for _ in range(directions):
        direction = _random_direction(target, rng)
        numeric = _numeric(session, spec, plan, case, facet, direction, upstream)
        if numeric is None:
            return []
        depends = depends or abs(numeric) > least
        own = _laid(plan, case, facet, direction)
        pool = [e for e in pool if off(e.array, own, numeric) <= LIMIT]
        if not pool:
            return []
    return pool if depends else []


def reaches_no_further(
    session: Session,
    spec: ItemSpec,
    plan: LayerPlan,
    case: LayerCase,
    y: Found,
    facet: str,
    rng: np.random.Generator,
) -> bool:
    """False where an output of forward depends on elements of which the true one is independent.

    A sum over everything has a derivative, too, and an easy one; it is not the layer's. Two outputs
    are looked at: all that they have nothing to do with is drawn anew, and they should stay.
    """
    redrawn = [cases.redraw(spec, case.sizes, rng).x for _ in range(_REDRAWN)]
    for place in (0, case.upstream.size - 1):
        one = np.zeros(case.upstream.size)
        one[place] = 1.0
        only = one.reshape(case.upstream.shape)
        depends = np.zeros(_target(case, facet).shape, dtype=bool)
        for x in (case.x, *redrawn):
            single = cases.build(spec, case.sizes, x, case.weights, only, None)
            depends |= np.asarray(single.gradients[facet]).reshape(depends.shape) != 0
            if depends.all():
                break
        if depends.all():
            continue
        moved = _moved(case, facet, np.where(depends, 0.0, rng.standard_normal(depends.shape)))
        outcome = Programmer(plan, moved).make().forward(keep="y").run(session)
        after = output_of(outcome.found, "y")
        if after is None or after.array.shape != y.array.shape:
            return False
        mask = upstream_for(plan, replace(case, upstream=only)).reshape(y.array.shape) != 0
        scale = float(np.max(np.abs(y.array)))
        with np.errstate(all="ignore"):
            if np.max(np.abs(after.array - y.array)[mask]) > LEAST_CHANGE * scale:
                return False
    return True


def influences(
    case: LayerCase, facet: str, rng: np.random.Generator
) -> list[tuple[LayerCase, float]]:
    """The case with one of its arrays drawn anew, for each on which the facet's truth depends, and
    the least change of an answer that depends on it, too.

    An answer that stays as it was in one of them has not been computed from what it must depend on.
    """
    other = cases.redraw(case.spec, case.sizes, rng)
    varied = [(other.x, case.weights, case.upstream), (case.x, case.weights, other.upstream)]
    for name in case.weights:
        varied.append((case.x, {**case.weights, name: other.weights[name]}, case.upstream))
    truth = case.truth(facet).array
    made = [cases.build(case.spec, case.sizes, *arrays, None) for arrays in varied]
    changes = [float(np.linalg.norm(one.truth(facet).array - truth)) for one in made]
    return [(one, LEAST_CHANGE * c) for one, c in zip(made, changes, strict=True) if c > 1e-9]


def slopes(
    session: Session,
    spec: ItemSpec,
    plan: LayerPlan,
    case: LayerCase,
    facet: str,
    wrong: np.ndarray,
    where: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[Slope, ...]:
    """The gradient check of a wrong gradient: its worst element, then random directions.

    Args:
        wrong: the student's gradient, in the layout that `expected` has for it.
        where: index of its worst element.

    Returns:
        No rows if forward gives no number to differentiate.
    """
    target = _target(case, facet)
    upstream = upstream_for(plan, case)
    like = Found(("ret",), wrong, "array")
    places = in_own_layout(plan, facet, case, like, np.arange(target.size).reshape(target.shape))
    if places.shape != wrong.shape:
        return ()
    worst = (np.arange(target.size) == places[where]).astype(float).reshape(target.shape)
    directions = [worst, *(_random_direction(target, rng) for _ in range(DIRECTIONS - 1))]
    rows: list[Slope] = []
    for direction in directions:
        numeric = _numeric(session, spec, plan, case, facet, direction, upstream)
        if numeric is None:
            break
        with np.errstate(all="ignore"):
            analytic = float(np.sum(wrong * in_own_layout(plan, facet, case, like, direction)))
        rows.append(Slope(where if not rows else None, numeric, analytic))
    return tuple(rows)


def _random_direction(target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    direction: np.ndarray = rng.uniform(0.5, 1.5, target.shape)
    direction *= rng.choice([-1.0, 1.0], target.shape)
    return direction


def _numeric(
    session: Session,
    spec: ItemSpec,
    plan: LayerPlan,
    case: LayerCase,
    facet: str,
    direction: np.ndarray,
    upstream: np.ndarray,
) -> float | None:
    """The central difference of <upstream, forward> along a direction; None if forward fails."""
    ahead = _pairing(session, spec, plan, _moved(case, facet, STEP * direction), upstream)
    behind = _pairing(session, spec, plan, _moved(case, facet, -STEP * direction), upstream)
    return None if ahead is None or behind is None else (ahead - behind) / (2 * STEP)


def distance(analytic: float, numeric: float, size: float = 0.0) -> float:
    """How far two slopes are apart, relative to the larger one, or to the size of what they are slopes of."""
    scale = max(abs(analytic), abs(numeric), size, 1e-3)
    return abs(analytic - numeric) / scale if math.isfinite(scale) else math.inf


def off(gradient: np.ndarray, direction: np.ndarray, numeric: float) -> float:
    """How far a slope is from that of a gradient: along a direction almost at right angles to it little is left of
    the slope, and all of the error of the differences.
    """
    analytic = float(np.sum(gradient.reshape(direction.shape) * direction))
    return distance(analytic, numeric, float(np.linalg.norm(gradient)))


def _weight_of(case: LayerCase, facet: str) -> str:
    name = case.spec.weight_of(facet)
    assert name is not None
    return name


def _target(case: LayerCase, facet: str) -> np.ndarray:
    """The array whose gradient the facet is."""
    return case.x if facet == "dX" else case.weights[_weight_of(case, facet)]


def _moved(case: LayerCase, facet: str, step: np.ndarray) -> LayerCase:
    x, weights = case.x, dict(case.weights)
    if facet == "dX":
        x = x + step
    else:
        weights[_weight_of(case, facet)] = _target(case, facet) + step
    return cases.build(case.spec, case.sizes, x, weights, case.upstream, None)


def _pairing(
    session: Session, spec: ItemSpec, plan: LayerPlan, case: LayerCase, upstream: np.ndarray
) -> float | None:
    outcome = Programmer(plan, case).make().forward(keep="y").run(session)
    y = output_of(outcome.found, "y")
    if y is None or y.array.size != upstream.size:
        return None
    return float(np.sum(y.array.reshape(upstream.shape) * upstream))


def _laid(plan: LayerPlan, case: LayerCase, facet: str, direction: np.ndarray) -> np.ndarray:
    """The direction in the layout in which the student holds the tensor."""
    if facet == "dX":
        return layouts.apply(plan.x_layout, direction, case.spec.axes)
    name = _weight_of(case, facet)
    place = plan.places.get(name)
    layout = place.layout if place is not None else plan.weight_layouts.get(name)
    if layout is None:
        return direction
    return layouts.apply(layout, direction, case.spec.weights[name].axes)
