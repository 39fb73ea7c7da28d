"""Which array was meant to be the one of a facet, and how the true one would look beside it."""

from __future__ import annotations

import numpy as np

from graders.arrays import layouts
from graders.binding.plans import LayerPlan, output_layout
from graders.binding.standing import keyed, listed, named
from graders.cases import LayerCase
from graders.kinds.layer.runs import Measured
from graders.messages import M, Message
from graders.sandbox.session import Found
from graders.specs import ItemSpec

WHAT = {
    "forward": M("The output of forward"),
    "dX": M("The gradient of the input (dX)"),
    "dW": M("The gradient of the weights (dW)"),
    "dB": M("The gradient of the bias (dB)"),
}


def what(spec: ItemSpec, facet: str) -> Message:
    """What a facet is called in a sentence."""
    return WHAT.get(facet) or M(
        "The gradient of {weight} ({facet})", weight=spec.weight_of(facet) or "", facet=facet
    )


def expected(plan: LayerPlan, facet: str, case: LayerCase, like: Found | None) -> np.ndarray:
    """The true array in the student's layout."""
    return in_own_layout(plan, facet, case, like, case.truth(facet).array)


def in_own_layout(
    plan: LayerPlan, facet: str, case: LayerCase, like: Found | None, array: np.ndarray
) -> np.ndarray:
    """An array of a facet's canonical shape, laid out as the student's is (`like`, if found)."""
    truth = case.truth(facet)
    wanted_ = wanted(case.spec, plan, facet)
    if like is not None:
        for layout in layouts.possible(like.array.shape, truth.axes, truth.sizes):
            if wanted_ is None or layouts.order_of(layout, truth.sizes) == layouts.order_of(
                wanted_, truth.sizes
            ):
                return layouts.apply(layout, array, truth.axes)
    if wanted_ is None:
        return array
    return layouts.apply(wanted_, array, truth.axes)


def wanted(spec: ItemSpec, plan: LayerPlan, facet: str) -> layouts.Layout | None:
    """The layout in which the plan expects the array of a facet; None if it is open."""
    if facet == "forward":
        return output_layout(spec, plan.x_layout)
    if facet == "dX":
        return plan.x_layout
    name = spec.weight_of(facet)
    if name is None:
        return None
    if name in plan.places and plan.places[name].layout is not None:
        return plan.places[name].layout
    passed = plan.weight_layouts.get(name)
    if passed is not None and set(layouts.letters(passed)) - set(spec.weights[name].axes):
        return None  # spread along further axes
    return passed


def suspect(facet: str, measured: Measured, expected: np.ndarray) -> Found | None:
    """The array that was meant to be this gradient: by its name, then by where it was returned."""
    spec = measured.case.spec
    told, pool = named(spec, facet, _kept(measured)), candidates(facet, measured)
    same = [e for e in pool if e.array.squeeze().shape == expected.squeeze().shape]
    truthful = [e for e in pool if not lies_about(e, measured)]
    first = next((e for e in truthful if e in same), None)
    if first is not None:
        return first
    if facet == "dX":
        meant = [e for e in truthful if e.path == ("ret",) or e in told]
    else:
        of_it = [*told, *keyed(spec, facet, measured.after), *_handed_over(facet, measured)]
        meant = [e for e in truthful if e in of_it]
    by_shape = listed(_kept(measured), expected.shape) if facet != "dX" else None
    found = next(iter(meant), None) or by_shape or _left_over(facet, measured)
    return found or next((e for e in same if not _is_weight(e, measured)), None)


def _is_weight(entry: Found, measured: Measured) -> bool:
    """True for a weight where the instance keeps it: it has the shape of its gradient."""
    weights = measured.case.weights.values()
    return any(np.array_equal(entry.array.squeeze(), w.squeeze()) for w in weights)


def lies_about(entry: Found, measured: Measured) -> bool:
    """True for what backward was given, an input, a weight or the gradient from behind, in the instance or in
    what else is handed back of it: it is no gradient that was computed, unless it is returned as one.
    """
    returned = entry.path[0] == "ret" and all(isinstance(part, int) for part in entry.path[1:])
    case = measured.case
    given = (case.x, case.upstream, *case.weights.values())
    same = any(np.array_equal(entry.array.squeeze(), array.squeeze()) for array in given)
    return same and not returned


def _left_over(facet: str, measured: Measured) -> Found | None:
    """Of what backward returns side by side the one array that is none of the other gradients, where
    all the others are right: ``return db, dw, dx``.
    """
    if any(g != facet and g not in measured.matches for g in measured.case.spec.gradients):
        return None
    side = [e for e in measured.ret if len(e.path) == 2 and isinstance(e.path[1], int)]
    arrays = {e.path: e.array for e in (*measured.ret, *measured.after)}
    right = [arrays[h.path] for h in measured.matches.values() if h.path in arrays]
    left = [e for e in side if not any(np.array_equal(e.array, a) for a in right)]
    return left[0] if len(left) == 1 and left[0].array.size else None


def _handed_over(facet: str, measured: Measured) -> list[Found]:
    """Arrays that the optimiser was handed for a weight, ``update(self, dW, dB)``: they have no
    names there, but a bias has one axis and a weight has more.
    """
    name = measured.case.spec.weight_of(facet)
    if name is None:
        return []
    spec = measured.case.spec
    many = len(spec.weights[name].axes) > 1
    others = {
        e.path for other in spec.gradients if other != facet for e in named(spec, other, measured.after)
    }  # fmt: skip
    known = [*measured.case.weights.values(), measured.case.x, measured.case.upstream]
    return [
        e
        for e in measured.after
        if "_sg_calls" in e.path
        and e.kind == "array"
        and e.path not in others
        and (e.array.squeeze().ndim > 1) == many
        and not any(np.array_equal(e.array.ravel(), k.ravel()) for k in known)
    ]


def candidates(facet: str, measured: Measured) -> list[Found]:
    """Every array that may have been meant to be this gradient, the likeliest first."""
    spec = measured.case.spec
    told, in_dict = named(spec, facet, _kept(measured)), keyed(spec, facet, measured.after)
    pool = (
        [*measured.ret, *told, *in_dict]
        if facet == "dX"
        else [*told, *in_dict, *measured.ret, *_handed_over(facet, measured)]
    )
    return [e for e in pool if e.array.size]  # an empty array was never computed


def _kept(measured: Measured) -> list[Found]:
    return [e for e in measured.after if e.path[0] == "self"]
