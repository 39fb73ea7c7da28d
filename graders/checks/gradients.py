"""Does backward match the derivative of the student's own forward?

Central differences along random directions in float64 (DESIGN: four directions of ±U(0.5, 1.5)
a tensor; the idea of one random direction a side is that of autograd's gradient check).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graders import cases
from graders.binding import layouts
from graders.binding.plans import LayerPlan, Programmer, output_of, upstream_for
from graders.cases import WEIGHT_OF, LayerCase
from graders.sandbox.session import Found, Session
from graders.specs import ItemSpec

DIRECTIONS = 4
STEP = 1e-5
LIMIT = 1e-6  # right code is at most at 4e-9, the smallest ordinary mistake at 6e-3


def own_derivative_agrees(
    session: Session,
    spec: ItemSpec,
    plan: LayerPlan,
    case: LayerCase,
    y: Found,
    reachable: Sequence[Found],
    facet: str,
    rng: np.random.Generator,
) -> bool:
    """True if an array that backward left is the derivative of <upstream, forward> itself."""
    upstream = upstream_for(plan, case)
    if y.array.squeeze().shape != upstream.squeeze().shape:
        return False
    target = case.x if facet == "dX" else case.weights[WEIGHT_OF[facet]]
    shape = _own_shape(plan, case, facet)
    pool = [e for e in reachable if e.array.size == target.size and e.array.dtype.kind == "f"]
    pool = [e for e in pool if e.array.squeeze().shape == tuple(n for n in shape if n != 1)]
    for _ in range(DIRECTIONS):
        direction = rng.uniform(0.5, 1.5, target.shape) * rng.choice([-1.0, 1.0], target.shape)
        ahead = _pairing(session, spec, plan, _moved(case, facet, STEP * direction), upstream)
        behind = _pairing(session, spec, plan, _moved(case, facet, -STEP * direction), upstream)
        if ahead is None or behind is None:
            return False
        numeric = (ahead - behind) / (2 * STEP)
        own = _laid(plan, case, facet, direction)
        pool = [e for e in pool if _near(float(np.sum(e.array.reshape(own.shape) * own)), numeric)]
        if not pool:
            return False
    return True


def _near(analytic: float, numeric: float) -> bool:
    return abs(analytic - numeric) <= LIMIT * max(abs(analytic), abs(numeric), 1e-3)


def _moved(case: LayerCase, facet: str, step: np.ndarray) -> LayerCase:
    x, weights = case.x, dict(case.weights)
    if facet == "dX":
        x = x + step
    else:
        weights[WEIGHT_OF[facet]] = weights[WEIGHT_OF[facet]] + step
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
    name = WEIGHT_OF[facet]
    place = plan.places.get(name)
    layout = place.layout if place is not None else plan.weight_layouts.get(name)
    if layout is None:
        return direction
    return layouts.apply(layout, direction, case.spec.weights[name].axes)


def _own_shape(plan: LayerPlan, case: LayerCase, facet: str) -> tuple[int, ...]:
    target = case.x if facet == "dX" else case.weights[WEIGHT_OF[facet]]
    return _laid(plan, case, facet, target).shape
