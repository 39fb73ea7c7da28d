"""Dense layers that take one sample in a call, as a row of a matrix, (1, n), or as an array of one axis, (n,).

``self.bias -= rate * error`` with a bias of shape (1, n_out), or ``np.outer(self.x, grad)``, is right as long as each
call has one sample. Code for batches that forgets a sum looks the same: it is one sample's code only where the
submission itself hands its network one sample after another, and the class nowhere counts or sums samples.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from graders.arrays.layouts import Layout
from graders.binding.one_column import in_columns, sees_samples
from graders.binding.plans import LayerPlan, told_sizes
from graders.specs import ItemSpec
from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

_FORWARD = re.compile(
    r"_*(__call__|\w*forward\w*|f_?prop|\w*propag\w*|predict\w*|train\w*|learn|update\w*|query)",
    re.I,
)
_BACK = re.compile(r"back", re.I)


def one_rows(submission: Submission, spec: ItemSpec, plan: LayerPlan) -> Iterator[LayerPlan]:
    """The plan with one sample in each call, a row and then an array of one axis, where the layer may be written so."""
    batch = spec.axes[0]
    known = {*plan.fixed, *told_sizes(spec, (*plan.making, *plan.forward.arguments))}
    if not (spec.weights and len(spec.axes) == 2) or batch in known or plan.joint is not None:
        return
    if sees_samples(plan.definition) or not hands_one_sample(submission, plan.forward.name):
        return
    alone = plan.with_(fixed={**plan.fixed, batch: 1})
    if not in_columns(spec, plan.x_layout):
        yield alone
    yield alone.with_(x_layout=_without(plan.x_layout, batch))


def is_one_row(spec: ItemSpec, plan: LayerPlan) -> bool:
    """True for a plan of `one_rows`."""
    alone = plan.fixed.get(spec.axes[0]) == 1 and len(spec.axes) == 2
    return alone and bool(spec.weights) and not in_columns(spec, plan.x_layout)


def _without(layout: Layout, axis: str) -> Layout:
    return tuple(group for group in layout if group != axis)


def hands_one_sample(submission: Submission, forward: str) -> bool:
    """True if the submission goes through its samples one by one and hands each to its network: ``for x, y in
    zip(X, Y): ... forward(x)``, ``out = X[i]``.
    """
    for cell in submission.cells:
        tree = compiled(cell)
        for node in every_node(tree) if tree is not None else ():
            if isinstance(node, ast.For) and _hands_one(node, forward):
                return True
    return False


def _hands_one(loop: ast.For, forward: str) -> bool:
    names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    counted = _counts(loop.iter)
    samples = set() if counted else names
    if not (counted or _goes_through(loop.iter)):
        return False
    calls = []
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_one(
                value, samples, names
            ):
                samples = samples | {name}
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[_, *_]):
                calls.append((name, node.args))
    return any(
        (name == forward or (_FORWARD.fullmatch(name) and not _BACK.search(name)))
        and any(_is_one(value, samples, names) for value in args)
        for name, args in calls
    )


def _counts(iterated: ast.expr) -> bool:
    """True for a range, or what goes through an order of indices."""
    match iterated:
        case ast.Call(func=ast.Name(id="range"), args=[_]):
            return True
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0), _]):
            return True
        case ast.Call(func=ast.Attribute(attr="permutation")):
            return True
    return False


def _goes_through(iterated: ast.expr) -> bool:
    """True for arrays by name, alone, side by side or with their numbers."""
    match iterated:
        case ast.Name() | ast.Attribute():
            return True
        case ast.Call(func=ast.Name(id="zip" | "enumerate"), args=parts):
            return all(_goes_through(part) for part in parts)
    return False


def _is_one(value: ast.expr, samples: set[str], indices: set[str]) -> bool:
    match value:
        case ast.Name(id=name):
            return name in samples
        case ast.Subscript(slice=ast.Name(id=index)):
            return index in indices
        case ast.Subscript(
            slice=ast.Tuple(elts=[ast.Name(id=index), ast.Slice(lower=None, upper=None)])
        ):
            return index in indices
    return False
