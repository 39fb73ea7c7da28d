"""What the parameters of a function that computes a size may get: sizes, pairs, arrays, a layer."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.lexicon import lexicon, other_side
from graders.kinds.optimizer.roles import attributes_of
from graders.specs import ItemSpec

# An array in the place of its sizes: the roles that its shape stands for, in 2-D and 1-D.
_ARRAY_ROLES = {
    "input": (("input_height", "input_width"), ("input_size",)),
    "weight": (("filter_height", "filter_width"), ("filter_size",)),
}
# One parameter for both sides: ``input_size=(H, W)``.
_SIDES = {
    "input_size": ("input_height", "input_width"),
    "filter_size": ("filter_height", "filter_width"),
    "stride": ("stride_height", "stride_width"),
    "padding": ("padding_height", "padding_width"),
}
_ALONE = frozenset(itertools.chain(*_SIDES.values()))  # a side with a parameter of its own
Roles = tuple[str, ...]  # one for each parameter


def assignments(spec: ItemSpec, definition: Definition, target: Callable_) -> Iterator[Roles]:
    """Roles for the parameters: by their names; those whose names say nothing, in every order."""
    handled = list(_with_layer(spec, definition, target))
    yield from handled or _by_name(spec, target)
    if not handled and all(r in spec.roles for sides in _SIDES.values() for r in sides):
        yield from _in_pairs(target)


def _by_name(spec: ItemSpec, target: Callable_) -> Iterator[Roles]:
    fixed: list[str | None] = []
    taken: set[str] = set()
    named = {r for p in target.parameters for r in lexicon().roles(p.name)}
    for parameter in target.parameters:
        options, arrays = _named(spec, target, parameter, taken)
        options.sort(key=lambda role: other_side(role) not in named)
        sides = any(p.name.lower() in ("h", "height") for p in target.parameters)
        if arrays and (not options or (parameter.name in ("X", "W", "x", "w") and not sides)):
            fixed.append("array:" + arrays[0])
        elif options:
            fixed.append(options[0])
            taken.add(options[0])
        elif parameter.default is not None:
            fixed.append("default")
        else:
            fixed.append(None)
    yield from _filled(spec, fixed, taken)
    if None not in fixed:
        yield from _defaulted(spec, [r for r in fixed if r])


def _defaulted(spec: ItemSpec, fixed: list[str]) -> Iterator[Roles]:
    """Sizes that the item needs and no name says, among the parameters that have a default."""
    told = covered(spec, tuple(fixed), frozenset())
    role_of: dict[str, str] = {}  # of a size alone; the first one that is named
    for role, formula in spec.roles.items():
        if len(formula.names) == 1:
            role_of.setdefault(min(formula.names), role)
    missing = [role_of.get(size, "") for size in spec.sizes if size not in told]
    if not missing or not all(missing):
        return
    defaults = [i for i, r in enumerate(fixed) if r == "default"]
    for places in itertools.islice(itertools.permutations(defaults, len(missing)), 24):
        given = dict(zip(places, missing, strict=True))
        yield from _filled(spec, [given.get(i, r) for i, r in enumerate(fixed)], set(spec.roles))


def _named(
    spec: ItemSpec, target: Callable_, parameter: Parameter, taken: set[str]
) -> tuple[list[str], list[str]]:
    """What the parameter's name may stand for: sizes that are not taken yet, and arrays."""
    roles = lexicon().roles(parameter.name)
    if _is_measured(target, parameter.name):  # filter_size.shape[0]: an array by its use
        kinds = {kind: set(itertools.chain(*sides)) for kind, sides in _ARRAY_ROLES.items()}
        arrays = [k for r in roles for k in kinds if r == k or r in kinds[k]]
        return [], [k for k in dict.fromkeys(arrays) if _has_shape(spec, k)]
    known = [parameter.role] if parameter.role else roles
    free = [r for r in known if r in spec.roles and r not in taken]
    return free, [r for r in roles if _has_shape(spec, r)]


def _is_measured(target: Callable_, name: str) -> bool:
    """True if the function asks for the shape or the length of a parameter."""
    for node in ast.walk(target.node):
        asked: ast.expr | None = None
        if isinstance(node, ast.Attribute) and node.attr in ("shape", "ndim"):
            asked = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            asked = node.args[0] if node.func.id == "len" else None
        if isinstance(asked, ast.Name) and asked.id == name:
            return True
    return False


def _has_shape(spec: ItemSpec, kind: str) -> bool:
    """Whether the item has the sizes that tell the shape of such an array."""
    return any(sides[0] in spec.roles for sides in _ARRAY_ROLES.get(kind, ()))


def _filled(spec: ItemSpec, fixed: list[str | None], taken: set[str]) -> Iterator[Roles]:
    open_places = [i for i, r in enumerate(fixed) if r is None]
    rest = [r for r in spec.roles if r not in taken]
    fillings = list(itertools.permutations(rest, min(len(open_places), len(rest))))[:24]
    for filling in fillings or [()]:
        roles = [r or "" for r in fixed]
        for place, role in zip(open_places, filling, strict=False):
            roles[place] = role
        if any(r.startswith("array:") for r in roles):
            for shape in ("n", "1n", "11n"):
                yield tuple(f"{r}/{shape}" if r.startswith("array:") else r for r in roles)
        else:
            yield tuple(roles)


def _in_pairs(target: Callable_) -> Iterator[Roles]:
    """Both sides of the input, the filter, the stride or the padding in one parameter each.

    A side may have a parameter of its own beside them: ``(h_in, w_in, kernel_size=(3, 3))``.
    """
    roles: list[list[str]] = []
    taken: set[str] = set()
    for parameter in target.parameters:
        known = lexicon().roles(parameter.name)
        side = next((r for r in known if r in _SIDES), None)
        alone = next((r for r in known if r in _ALONE and r not in taken), None)
        if alone is not None and (side is None or known.index(alone) < known.index(side)):
            taken.add(alone)
            roles.append([alone])
        elif side is None and parameter.default is None:
            return
        elif side is None:
            roles.append(["default"])
        elif side in ("input_size", "filter_size"):
            roles.append([f"pair:{side}", f"pair4:{side}"])
        else:
            roles.append([f"pair:{side}", side] if _is_pair(parameter) else [side, f"pair:{side}"])
    if any(r[0].startswith("pair:") for r in roles):
        yield from itertools.islice(itertools.product(*roles), 16)


def _is_pair(parameter: Parameter) -> bool:
    return parameter.default is not None and parameter.default.startswith(("(", "["))


def _with_layer(spec: ItemSpec, definition: Definition, target: Callable_) -> Iterator[Roles]:
    """A free function that is handed a layer: ``output_size(layer, x)``."""
    if definition.kind != "function":
        return
    reads = attributes_of(definition, target)
    first = next((p for p in target.parameters if is_layer(spec, reads, p)), None)
    if first is None:
        return
    fixed: list[str | None] = []
    taken: set[str] = set()
    for parameter in target.parameters:
        options, arrays = _named(spec, target, parameter, taken)
        if parameter is first:
            fixed.append("layer")
        elif arrays:
            fixed.append("array:" + arrays[0])
        elif options:
            fixed.append(options[0])
            taken.add(options[0])
        else:
            fixed.append("default" if parameter.default is not None else None)
    yield from _filled(spec, fixed, taken)


def takes_layer(spec: ItemSpec, definition: Definition) -> bool:
    """True for a free function that reads every size off a layer and its other arguments."""
    target = definition.function
    if definition.kind != "function" or target is None:
        return False
    reads = attributes_of(definition, target)
    return any(
        covered(spec, roles, reads[target.parameters[roles.index("layer")].name].loaded)
        >= set(spec.sizes)
        for roles in _with_layer(spec, definition, target)
    )


def is_layer(spec: ItemSpec, reads: Mapping[str, Any], parameter: Parameter) -> bool:
    """True if attributes of the parameter are read that only a layer has: weights, strides."""
    read = reads.get(parameter.name)
    if read is None:
        return False
    roles = {r for name in read.loaded for r in lexicon().roles(name)[:2]}
    return bool(roles & {"weight", *spec.roles})


def value(
    spec: ItemSpec,
    role: str,
    drawn: Mapping[str, int],
    arrays: list[np.ndarray],
    attributes: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The described value of a parameter; `attributes` are those that a layer must have."""
    if role.startswith("array:"):
        kind, shape = role[6:].split("/")
        return _array(spec, kind, sum(c == "1" for c in shape), drawn, arrays)
    if role.startswith("pair"):
        form, side = role.split(":")
        parts = [{"v": spec.roles[r](drawn)} for r in _SIDES[side]]
        return {"tuple": [*([{"v": 1}, {"v": 1}] if form == "pair4" else []), *parts]}
    if role == "layer":
        made: dict[str, Any] = {}
        for name in sorted(attributes):
            known = next((r for r in lexicon().roles(name) if r in spec.roles), None)
            if lexicon().is_a(name, "weight") and _has_shape(spec, "weight"):
                made[name] = _array(spec, "weight", 2, drawn, arrays)
            elif known is not None:
                made[name] = {"v": spec.roles[known](drawn)}
            elif lexicon().is_a(name, "input") and _has_shape(spec, "input"):
                made[name] = _array(spec, "input", 2, drawn, arrays)
        return {"layer": made}
    if role in spec.roles:
        return {"v": spec.roles[role](drawn)}
    return {"v": None}


def _array(
    spec: ItemSpec, kind: str, ones: int, drawn: Mapping[str, int], arrays: list[np.ndarray]
) -> dict[str, Any]:
    sides = next(r for r in _ARRAY_ROLES[kind] if r[0] in spec.roles)
    arrays.append(np.zeros([*[1] * ones, *(spec.roles[r](drawn) for r in sides)]))
    return {"a": len(arrays) - 1}


def covered(spec: ItemSpec, roles: Roles, attributes: frozenset[str]) -> set[str]:
    """The sizes that these roles hand over."""
    used = set(roles)
    for role in roles:
        if role.startswith("array:"):
            used.update(itertools.chain(*_ARRAY_ROLES[role[6:].split("/")[0]]))
        elif role.startswith("pair"):
            side = role.split(":")[1]
            used.update({side, *_SIDES[side]})
        elif role == "layer":
            for name in attributes:
                used.update(r for r in lexicon().roles(name) if r in spec.roles)
                kinds = [k for k in _ARRAY_ROLES if lexicon().is_a(name, k)]
                used.update(itertools.chain(*(s for k in kinds for s in _ARRAY_ROLES[k])))
    return {n for r in used if r in spec.roles for n in spec.roles[r].names}


def first_role(spec: ItemSpec, name: str) -> str | None:
    """The likeliest role of a name that the item has, or ``input``."""
    return next((r for r in lexicon().roles(name) if r in spec.roles or r == "input"), None)


def size_globals(spec: ItemSpec, target: Callable_) -> dict[str, str]:
    """Module-level names that the function reads and that stand for a size: ``pad``, ``stride``."""
    node = target.node
    stored = {p.name for p in target.parameters} | {"self"}
    read = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            if isinstance(part.ctx, ast.Store):
                stored.add(part.id)
            else:
                read.append(part.id)
    given = {first_role(spec, p.name) for p in target.parameters}
    found: dict[str, str] = {}
    for name in dict.fromkeys(read):
        if name in stored:
            continue
        role = next((r for r in lexicon().roles(name) if r in spec.roles), None)
        if role and role not in given and role not in found.values():
            found[name] = role
    return found


def shown(roles: Roles) -> list[str]:
    """The roles as the report shows them."""
    return [r.split("/")[0].split(":")[-1] for r in roles if r != "default"]
