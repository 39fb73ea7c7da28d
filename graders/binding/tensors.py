"""Arrays that carry gradients back by themselves: the Tensor of a small autograd.

Its layers have a forward alone: they take such objects, return them, and what they return is asked
to carry its gradient back. Which class that is, is told by what an instance does with two arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.binding.candidates import forward_of
from graders.binding.definitions import Callable_, Definition
from graders.binding.plans import Argument, Call, Path, TensorForm
from graders.sandbox.session import Found, Session

MAX_CLASSES = 4
CARRYING = Call("backward", (Argument("", "upstream"),))  # what stands for a layer's own backward


def tensor_forms(
    session: Session, definitions: Sequence[Definition], rng: np.random.Generator
) -> tuple[TensorForm, ...]:
    """The classes of the notebook's tensors, the latest first; a package may have one a module.

    A class that keeps whatever it is handed as its gradient may be handed a tensor or an array: which of
    them its layers' backward wants shows with these.
    """
    data, gradient = rng.standard_normal((2, 2, 3))
    found = []
    for definition in _likely(definitions)[:MAX_CLASSES]:
        for wrapped in (True, False):
            form = TensorForm(definition.name, definition.cell, (), (), wrapped)
            given = form.made({"a": 1}) if wrapped else {"a": 1}
            steps: list[dict[str, Any]] = [
                {"do": "hold", "value": form.made({"a": 0}), "out": "tensor"},
                {"do": "call", "on": "tensor", "method": CARRYING.name, "args": [given]},
                {"do": "harvest", "label": "", "of": ["tensor"]},
            ]
            outcome = session.run(steps, [data, gradient])
            places = [_place(outcome.found, array) for array in (data, gradient)]
            if outcome.ok and places[0] and places[1]:
                found.append(replace(form, data=places[0], gradient=places[1]))
    return tuple(found)


def _likely(definitions: Sequence[Definition]) -> list[Definition]:
    """Classes that are made from one array and are handed one gradient, the latest first."""
    return [
        d for d in reversed(definitions)
        if d.kind == "class" and forward_of(d) is None
        and _takes_one(d.constructor) and _takes_one(d.method(CARRYING.name))
    ]  # fmt: skip


def _takes_one(method: Callable_ | None) -> bool:
    """True if it may be called with one argument alone."""
    return method is not None and bool(method.parameters) and len(method.required) <= 1


def _place(found: Sequence[Found], array: np.ndarray) -> Path:
    """Where the instance keeps the array; nowhere, where it doesn't."""
    return min(_places(found, array), key=len, default=())


def _places(found: Sequence[Found], array: np.ndarray) -> Iterator[Path]:
    for entry in found:
        if entry.array.shape == array.shape and np.allclose(entry.array, array, 1e-6):
            yield entry.path[1:]
