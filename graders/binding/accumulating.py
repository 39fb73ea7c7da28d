"""Gradients that add up in a layer's parameters until they are put back to nothing.

A parameter object keeps an array beside its gradient, which begins at zero; backward adds to it, and
whoever trains puts it back before the next step. So does a layer that offers to do it, and a course whose
network fills certain attributes with zeros. What grows anywhere else is a mistake: nothing puts it back.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graders.binding.definitions import Definition
from graders.binding.lexicon import lexicon
from graders.binding.plans import Clearing, LayerPlan, Path, Programmer, upstream_for
from graders.cases import LayerCase
from graders.sandbox.session import Session
from graders.specs import ItemSpec
from graders.submission import Submission
from graders.submission.parsing import compiled

_CLOSE = 1e-9


@dataclass(frozen=True)
class Gradients:
    """Where an instance keeps the gradients of its weights: the path by the weight's name, and what
    was there before the first backward.
    """

    paths: Mapping[str, Path]
    before: Mapping[Path, np.ndarray] = field(default_factory=dict)


def clearing(
    session: Session, plan: LayerPlan, case: LayerCase, gradients: Gradients
) -> Clearing | None:
    """How gradients that add up are put back; None if they don't add up, or nothing puts them back."""
    method = zeroing_of(session.submission, plan.definition)
    paths = gradients.paths
    if not method:
        kept = _in_parameters(session.submission, plan, gradients)
        paths = {**kept, **_zeroed(case.spec, gradients)}
    growing = _growing(session, plan, case, paths) if paths else {}
    if not growing:
        return None
    if method:
        return Clearing(method)
    zeros = {path: name for name, path in growing.items() if path in gradients.before}
    nothing = tuple(
        path[: len(plan.places[name].path)]  # of a gradient that is an object the object
        for name, path in growing.items()
        if path not in gradients.before
    )
    return Clearing("", zeros, nothing)


def _zeroed(spec: ItemSpec, gradients: Gradients) -> dict[str, Path]:
    """The gradients that the course's network sets to zero, where the constructor makes them so."""
    return {
        name: path
        for name, path in gradients.paths.items()
        if len(path) == 1
        and path[0] in spec.zeroed
        and path in gradients.before
        and not np.any(gradients.before[path])
    }


def may_add_up(submission: Submission, plan: LayerPlan) -> bool:
    """True if something in the layer could put gradients back: a method, or parameter objects."""
    paths = (place.path for place in plan.places.values())
    return bool(zeroing_of(submission, plan.definition)) or any(
        len(path) > 1 and lexicon().is_a(str(path[-1]), "held_value") for path in paths
    )


def zeroing_of(submission: Submission, definition: Definition) -> str:
    """The layer's own method that puts its gradients back; "" if it has none.

    It is told by its name; or else it does nothing but put back, and the submission itself calls it, as a network
    does between two steps: what nobody calls puts nothing back, and a constructor only begins.
    """
    methods = [(n, m) for n, m in definition.methods.items() if not m.required]
    called_so = [n for n, m in methods if lexicon().is_a(n, "zeroing")]
    others = (
        n
        for n, m in methods
        if not m.parameters and _puts_back(m.node) and _is_called(submission, n)
    )
    return next(iter(called_so), "") or next(others, "")


def _is_called(submission: Submission, method: str) -> bool:
    """True if something in the submission calls a method of this name on another object than itself."""
    trees = (tree for cell in submission.cells if (tree := compiled(cell)) is not None)
    return not method.startswith("__") and any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and not _is_itself(node.func.value)
        for tree in trees
        for node in ast.walk(tree)
    )


def _is_itself(node: ast.expr) -> bool:
    """True for ``self`` and ``super()``."""
    match node:
        case ast.Name(id="self") | ast.Call(func=ast.Name(id="super")):
            return True
    return False


def _puts_back(function: ast.AST) -> bool:
    """True for a method that makes nothing but zeros of what it sets, or None of what was kept: ``clear_cache``."""
    given = [
        value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(not isinstance(target, ast.Name) for target in node.targets)
        for value in (node.value.elts if isinstance(node.value, ast.Tuple) else [node.value])
    ]
    zeros = [node for node in given if _is_zeros(node)]
    nothing = [node for node in given if isinstance(node, ast.Constant) and node.value is None]
    changed = any(isinstance(node, ast.AugAssign) for node in ast.walk(function))
    return bool(zeros) and len(zeros) + len(nothing) == len(given) and not changed


def _is_zeros(node: ast.expr) -> bool:
    """True for ``np.zeros(...)``, ``np.zeros_like(...)`` and 0."""
    match node:
        case ast.Call(func=ast.Attribute(attr="zeros" | "zeros_like")):
            return True
        case ast.Constant(value=0 | 0.0):
            return True
    return False


def _in_parameters(
    submission: Submission, plan: LayerPlan, gradients: Gradients
) -> dict[str, Path]:
    """The gradients that lie beside their arrays in an object that keeps the two, and that began at
    zero or as None.
    """
    found = {}
    for name, path in gradients.paths.items():
        place = plan.places.get(name)
        if place is None or len(place.path) < 2 or plan.joint is not None:
            continue
        *holder, value = place.path
        beside = list(path[: len(holder)]) == holder and path != place.path
        if not (beside and lexicon().is_a(str(value), "held_value")):
            continue
        attribute = str(path[len(holder)])
        if _began_at_nothing(submission, attribute, gradients.before.get(path)):
            found[name] = path
    return found


def _began_at_nothing(submission: Submission, attribute: str, before: np.ndarray | None) -> bool:
    if before is None:
        return _begins_as_none(submission, attribute)
    return not np.any(before)


def _begins_as_none(submission: Submission, attribute: str) -> bool:
    """True if a constructor of the notebook sets ``self.grad = None``."""
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    functions = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    return any(
        isinstance(target, ast.Attribute) and target.attr == attribute
        for function in functions
        if function.name == "__init__"
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
        for target in node.targets
    )


def _growing(
    session: Session, plan: LayerPlan, case: LayerCase, paths: Mapping[str, Path]
) -> dict[str, Path]:
    """The gradients that a second, equal backward leaves at twice what the first left; of those that a
    course's network sets to zero, at anything else.
    """
    dy = upstream_for(plan, case)
    programmer = Programmer(plan, case).make()
    for label in ("one:", "two:"):
        programmer.forward().backward(dy).harvest(label, "self").set_weights()
    arrays = {e.path: e.array for e in programmer.run(session).found}

    def grows(path: Path) -> bool:
        one, two = arrays.get(("one:self", *path)), arrays.get(("two:self", *path))
        if one is None or two is None or one.shape != two.shape or not np.any(one):
            return False
        if path[0] in case.spec.zeroed:
            return not np.allclose(two, one, _CLOSE, _CLOSE)
        return np.allclose(two, 2 * one, _CLOSE, _CLOSE)

    return {name: path for name, path in paths.items() if grows(path)}
