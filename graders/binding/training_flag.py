"""Layers that keep what backward needs only where they are told that it is a training.

``forward(x, training=False)`` predicts, unless whoever trains says otherwise: the flag is then given to
forward, and to backward, if it has one, too.
"""

from __future__ import annotations

from dataclasses import replace

from graders.binding.definitions import Callable_, Parameter
from graders.binding.mode_names import asks_for_training
from graders.binding.plans import Argument, Call, LayerPlan


def is_flag(parameter: Parameter) -> bool:
    """True for a parameter that asks whether it is a training."""
    return asks_for_training(parameter.name)


def left_out(method: Callable_) -> list[Parameter]:
    """The flags that a method does without: by default it is no training."""
    return [p for p in method.parameters if is_flag(p) and p.default == "False"]


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
