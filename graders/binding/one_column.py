"""Layers that take their samples as columns, and those among them that take one column in a call.

``self.b -= rate * dZ`` with a bias of shape (n_out, 1) is right as long as each call has one sample, and
raises for more. It is one sample's code where it raises, and where nothing in the class counts, sums or
averages samples: code for batches that forgets the sum of one gradient is wrong.
"""

from __future__ import annotations

import ast

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.binding.definitions import Definition
from graders.binding.plans import LayerPlan, told_sizes
from graders.specs import ItemSpec
from graders.submission.parsing import every_node

_OVER_SAMPLES = frozenset("sum mean average nansum nanmean einsum add".split())


def in_columns(spec: ItemSpec, layout: Layout) -> bool:
    """True if each sample is a column: (features, samples)."""
    return layouts.letters(layout)[-1:] == spec.axes[0] and len(spec.axes) > 1


def one_column(spec: ItemSpec, plan: LayerPlan) -> LayerPlan | None:
    """The plan with one sample, a column, in each call; None where the class is not written so."""
    batch = spec.axes[0]
    known = {*plan.fixed, *told_sizes(spec, (*plan.making, *plan.forward.arguments))}
    if not (spec.weights and in_columns(spec, plan.x_layout)) or batch in known:
        return None
    if sees_samples(plan.definition):
        return None
    return plan.with_(fixed={**plan.fixed, batch: 1})


def is_one_column(spec: ItemSpec, plan: LayerPlan) -> bool:
    """True for a plan of `one_column`."""
    return in_columns(spec, plan.x_layout) and plan.fixed.get(spec.axes[0]) == 1


def tells_samples_apart(definition: Definition) -> bool:
    """True if a method does something along an axis, goes through rows or asks for a shape: no class that
    takes its array as one sample.
    """
    for method in definition.methods.values():
        for node in every_node(method.node):
            match node:
                case ast.keyword(arg="axis" | "keepdims") | ast.Attribute(attr="shape"):
                    return True
                case ast.For() | ast.comprehension() | ast.Call(func=ast.Name(id="len")):
                    return True
    return False


def sees_samples(definition: Definition) -> bool:
    """True if a method counts samples or does something along their axis."""
    for method in definition.methods.values():
        for node in every_node(method.node):
            match node:
                case ast.keyword(arg="axis" | "keepdims"):
                    return True
                case ast.Subscript(
                    value=ast.Attribute(attr="shape"),
                    slice=ast.Constant(value=1) | ast.UnaryOp(operand=ast.Constant(value=1)),
                ):
                    return True
                case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                    if name in _OVER_SAMPLES:
                        return True
    return False
