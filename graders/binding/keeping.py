"""Where an instance keeps its weights and sizes, and which of them can be set from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from graders.arrays import layouts, matching
from graders.arrays.layouts import Layout
from graders.binding.definitions import Definition
from graders.binding.joined import Joint
from graders.binding.lexicon import lexicon, own_name
from graders.binding.plans import Argument, LayerPlan, Place, is_bias, role_of
from graders.cases import LayerCase
from graders.sandbox.session import Found, Outcome
from graders.specs import ItemSpec
from graders.submission.parsing import every_node

_OF_GRADIENTS = re.compile(r"_?(d_?)?(grad(ient)?s?|deltas?|derivatives?)(_\w+)?", re.I)


def roles_for(spec: ItemSpec, name: str) -> list[str]:
    """The roles that a name may have in an item, likeliest first: a weight that says itself how it
    is called comes before what the lexicon knows.
    """
    plain = name.strip("_") or name
    own = [
        role_of(w) for w, weight in spec.weights.items()
        if any(p.fullmatch(plain) for p in weight.names)
    ]  # fmt: skip
    return own + [r for r in lexicon().roles(name) if r not in own]


def weight_like(spec: ItemSpec, entry: Found, name: str) -> bool:
    """True if the entry's own name is one that a weight or bias has."""
    if len(entry.path) < 2 or entry.path[0] != "self":
        return False
    if not is_bias(name) and entry.kind == "scalar" and entry.array.dtype.kind != "f":
        return False  # ``self.filter_w = filter_w``: a size
    names = [str(p) for p in entry.path[1:] if isinstance(p, str)]
    if any(_OF_GRADIENTS.fullmatch(n) for n in names[:-1]):
        return False  # ``self.gradients["scaler"]``
    if len(names) > 1 and lexicon().is_a(names[-1], "held_value"):
        names.pop()
    last = own_name(names[-1]) if names else ""
    if spec.weights[name].names:
        return role_of(name) in roles_for(spec, last)
    return lexicon().is_a(last, role_of(name)) and not lexicon().is_a(last, "upstream")


def located(spec: ItemSpec, plan: LayerPlan, probe: LayerCase, outcome: Outcome) -> LayerPlan:
    """The plan with the places where the weights are found in the instance."""
    places = dict(plan.places)
    for name in spec.weights:
        if name in places:
            continue
        truth = probe.weight(name)
        candidates = [e for e in outcome.found if e.path[0] == "self" and len(e.path) > 1]
        candidates.sort(key=lambda e: not weight_like(spec, e, name))
        if truth.array.size == 1:
            candidates = [e for e in candidates if weight_like(spec, e, name)]
        hit = matching.find(candidates, truth, 1e-12)
        if hit is not None:
            scalar = next(e.kind == "scalar" for e in candidates if e.path == hit.path)
            places[name] = Place(hit.path[1:], hit.layout, scalar)
    return plan.with_(places=places)


def _listed(found: Sequence[Found], axes: Sequence[str], sizes: Mapping[str, int]) -> list[Found]:
    """What could be the weight in a list of all that the layer has to learn, ``self.params[0]``: the
    one array there that has its shape.
    """
    fitting = [
        e
        for e in found
        if len(e.path) == 3
        and e.path[0] == "self"
        and isinstance(e.path[2], int)
        and lexicon().is_a(str(e.path[1]), "listing")
        and layouts.possible(e.array.shape, axes, sizes)
    ]
    return fitting if len(fitting) == 1 else []


def _nameless_bias(
    spec: ItemSpec, found: Sequence[Found], axes: Sequence[str], sizes: Mapping[str, int]
) -> list[Found]:
    """The bias where it is called like a weight, ``self.w0`` beside ``self.W``: the one array of such
    a name that has a bias's shape and not the weight's.
    """
    of_weight = spec.weights["W"].axes if "W" in spec.weights else ()
    fitting = [
        e
        for e in found
        if of_weight
        and e.kind == "array"
        and weight_like(spec, e, "W")
        and layouts.possible(e.array.shape, axes, sizes)
        and not layouts.possible(e.array.shape, of_weight, sizes)
    ]
    return fitting if len(fitting) == 1 else []


def kept_as(spec: ItemSpec, probe: LayerCase, found: Sequence[Found], name: str) -> list[Found]:
    """The entries that parameter `name` may be kept as: by their names, or else by where they lie."""
    axes = spec.weights[name].axes
    found = [e for e in found if e.array.dtype != bool]  # ``bias=True``: whether there is one
    hits = [e for e in found if weight_like(spec, e, name)] or _listed(found, axes, probe.sizes)
    if not hits and is_bias(name):
        return _nameless_bias(spec, found, axes, probe.sizes)
    return hits


def overwritable(
    spec: ItemSpec, probe: LayerCase, found: Sequence[Found], name: str
) -> tuple[Place | None, dict[str, int]]:
    """The attribute that holds parameter `name`, and the sizes that its shape fixes."""
    axes = spec.weights[name].axes
    sizes = {a: probe.sizes[a] for a in axes}
    hits = kept_as(spec, probe, found, name)
    hits.sort(key=lambda e: (len(e.path), e.kind == "scalar"))
    for entry in hits:
        fitting = layouts.possible(entry.array.shape, axes, sizes)
        path = entry.path[1:]
        if fitting:
            fixed = {a: sizes[a] for a in axes if a in spec.sizes}
            return Place(path, fitting[0], entry.kind == "scalar"), fixed
    for entry in hits:
        path = entry.path[1:]
        if entry.kind == "scalar" or entry.array.ndim == 0:
            return Place(path, None, True), {}
        for text in spec.weights[name].layouts:
            layout = layouts.parse(text)
            if len(layout) == entry.array.ndim:
                shape = dict(zip(text, entry.array.shape, strict=True))
                drawn = {a: n for a, n in shape.items() if a in spec.sizes}
                return Place(path, layout), drawn
        return Place(path, layouts.parse(spec.weights[name].layouts[0])), {}
    return None, {}


def joined_plans(
    spec: ItemSpec, plan: LayerPlan, probe: LayerCase, found: Sequence[Found]
) -> Iterator[LayerPlan]:
    """The plan with what the instance keeps as one array for weight and bias, if it is one longer
    than the weight: the bias in front, then behind.
    """
    if spec.weights.keys() != {"W", "b"} or len(spec.weights["W"].axes) != 2:
        return
    axes, (outer,) = spec.weights["W"].axes, spec.weights["b"].axes
    for layout in (layouts.parse(text) for text in spec.weights["W"].layouts):
        if len(layout) != 2 or set(layouts.letters(layout)) != set(axes):
            continue
        axis = 1 - layout.index(outer)
        shape = Joint(axis, False).shape(layouts.shape_of(layout, probe.sizes))
        for entry in found:
            if entry.array.shape == shape and weight_like(spec, entry, "W"):
                for joint in (Joint(axis, False), Joint(axis, True)):
                    path = entry.path[1:]
                    places = {"W": Place(path, layout), "b": Place((*path, joint.name), (outer,))}
                    yield plan.with_(places=places, overwrite=True, joint=joint)


def bias_layouts(spec: ItemSpec, name: str) -> tuple[Layout, ...]:
    """The ways to lay out an array of one axis, the usual one first."""
    a = spec.weights[name].axes[-1]
    rows = [(a,), ("", a), (a, ""), ("", "", a), ("", a, ""), ()]
    if len(spec.axes) > 3:  # as long as the weight has axes: (1, 1, 1, O)
        rows += [("", "", "", a), ("", a, "", "")]
    return tuple(rows)


def spread_biases(spec: ItemSpec, name: str) -> tuple[Layout, ...]:
    """A bias for each input channel as well, all of which the sum over the channels adds up."""
    summed = [x for x in spec.weights["W"].axes if x in spec.axes] if "W" in spec.weights else []
    if len(spec.axes) < 3 or len(summed) != 1:
        return ()
    a, c = spec.weights[name].axes[-1], summed[0]
    return ("", c, a), (c, a), (a, c)


def settable_sizes(
    spec: ItemSpec, definition: Definition, construct: Sequence[Argument]
) -> dict[str, str]:
    """Attributes that stand for a size which the item varies and no parameter gives."""
    given = {a.text for a in construct if a.kind in ("size", "pair")}
    parameters = definition.constructor.parameters if definition.constructor else ()
    words = {p.name for p in parameters if (p.default or "").startswith(("'", '"'))}
    found: dict[str, str] = {}
    for node in every_node(definition.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
            and isinstance(node.ctx, ast.Store)
            and node.attr.strip("_") not in words  # ``pad='SAME'``: not a number to be set
        ):
            role = next((r for r in lexicon().roles(node.attr) if r in spec.roles), "")
            if role in ("stride", "padding") and role not in given and _varies(spec, role):
                found[node.attr] = role
    return found


def _varies(spec: ItemSpec, role: str) -> bool:
    formula = spec.roles.get(role)
    return formula is not None and any(
        spec.sizes.get(n, (0, 0)) not in ((0, 0), (1, 1)) for n in formula.names
    )
