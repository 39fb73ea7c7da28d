"""Which number is the learning rate of an update: one, at one place.

What the grader handed over is the rate, and nothing else is. Only where nothing was handed over,
since the code has no place for it, does the number count that an instance keeps under a rate's
name; two different ones prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.binding.lexicon import lexicon
from graders.binding.plans import LR
from graders.sandbox.session import Found


@dataclass(frozen=True)
class Rates:
    """The rate, if it is known; else the attributes that contradict each other."""

    rate: float | None = None
    contradicting: tuple[str, ...] = ()  # ``lr = 0.01``


def is_rate(name: str) -> bool:
    """True for the name of a learning rate."""
    return lexicon().is_a(name, "lr")


def hands_over(value: Any, number: float = LR) -> bool:
    """True if the steps of a request, or a part of them, hand a number over: the grader's rate."""
    if isinstance(value, dict):
        return value.get("v") == number or any(hands_over(p, number) for p in value.values())
    return isinstance(value, list | tuple) and any(hands_over(part, number) for part in value)


def told(steps: Sequence[Any], found: Iterable[Found]) -> Rates:
    """The rate of what the steps made, of which `found` is what it keeps."""
    return Rates(LR) if hands_over(list(steps)) else kept(found)


def kept(found: Iterable[Found]) -> Rates:
    """The one number that is kept under a rate's name."""
    values: dict[float, str] = {}
    for entry in found:
        name = next((p for p in reversed(entry.path) if isinstance(p, str)), "")
        if entry.kind != "scalar" or not is_rate(name):
            continue
        value = float(entry.array)
        if np.isfinite(value) and value > 0:
            values.setdefault(value, name)
    if len(values) > 1:
        return Rates(None, tuple(f"{name} = {value:g}" for value, name in values.items()))
    return Rates(next(iter(values), None))
