"""Layers that keep what backward needs only where they are told that it is a training.

``forward(x, training=False)`` predicts, unless whoever trains says otherwise: the flag is then given to
forward, and to backward, if it has one, too. ``forward(x, save_cache=False)`` asks the same by another name:
all that the flag does is to keep something.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from graders.binding.definitions import Callable_, Parameter
from graders.binding.mode_names import asks_for_training
from graders.binding.plans import Argument, Call, LayerPlan


def is_flag(parameter: Parameter) -> bool:
    """True for a parameter that asks whether it is a training."""
    return asks_for_training(parameter.name)


def left_out(method: Callable_) -> list[Parameter]:
    """The flags that a method does without: by default it is no training, and nothing is kept."""
    return [
        p
        for p in method.parameters
        if p.default == "False" and (is_flag(p) or _only_keeps(method, p.name))
    ]


def _only_keeps(method: Callable_, name: str) -> bool:
    """True where the one thing that is done if the parameter is true is to keep something."""
    asked = [
        node
        for node in ast.walk(method.node)
        if isinstance(node, ast.If | ast.IfExp | ast.While)
        and any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node.test))
    ]
    return bool(asked) and all(
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and not node.orelse
        and all(_keeps(statement) for statement in node.body)
        for node in asked
    )


def _keeps(statement: ast.stmt) -> bool:
    """True for ``self.x = ...`` and ``self.cache["x"] = ...``."""
    if not isinstance(statement, ast.Assign):
        return False
    for target in statement.targets:
        while isinstance(target, ast.Attribute | ast.Subscript):
            inner = target.value
            if isinstance(inner, ast.Name):
                break
            target = inner
        if not (isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"):
            return False
    return True


def in_training(plan: LayerPlan) -> LayerPlan | None:
    """The plan with calls that say that it is a training; None if forward doesn't ask."""
    forward = _told(plan, plan.forward)
    if forward == plan.forward or plan.backward is None:
        return None
    return plan.with_(forward=forward, backward=_told(plan, plan.backward))


def _told(plan: LayerPlan, call: Call) -> Call:
    method = plan.definition.methods.get(call.name)
    given = {a.parameter for a in call.arguments}
    flags = [p.name for p in left_out(method) if p.name not in given] if method is not None else []
    told = tuple(Argument(name, "flag", "", True) for name in flags)
    return replace(call, arguments=(*call.arguments, *told))
