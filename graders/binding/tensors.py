"""Arrays that carry gradients back by themselves: the Tensor of a small autograd.

Its layers have a forward alone: they take such objects, return them, and what they return is asked
to carry its gradient back. Which class that is, is told by what an instance does with two arrays. Where its
backward is handed no gradient, that of an output has to lie in it already, and it is told by a sum of two.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.binding.candidates import forward_of
from graders.binding.definitions import Callable_, Definition
from graders.binding.lexicon import lexicon
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
        seeded = _seeded(session, definition, (data, gradient))
        found += [seeded] if seeded is not None else []
    return tuple(found)


def _seeded(
    session: Session, definition: Definition, arrays: tuple[np.ndarray, np.ndarray]
) -> TensorForm | None:
    """The form of a class that carries the gradient that lies in an attribute: of ``x + x`` it leaves twice
    as much in x.
    """
    method = definition.method(CARRYING.name)
    if method is None or method.required:
        return None
    for seed, wrapped in itertools.product(_held_gradients(definition), (True, False)):
        form = TensorForm(definition.name, definition.cell, (), (), wrapped, seed)
        given = form.made({"a": 1}) if wrapped else {"a": 1}
        steps: list[dict[str, Any]] = [
            {"do": "hold", "value": form.made({"a": 0}), "out": "tensor"},
            {"do": "call", "on": "tensor", "method": "__add__", "args": [{"h": "tensor"}],
             "out": "sum"},
            {"do": "set", "on": "sum", "path": [seed], "value": given},
            {"do": "call", "on": "sum", "method": CARRYING.name},
            {"do": "harvest", "label": "", "of": ["tensor"]},
        ]  # fmt: skip
        outcome = session.run(steps, list(arrays))
        places = [_place(outcome.found, array) for array in (arrays[0], 2 * arrays[1])]
        if outcome.ok and places[0] and places[1][:1] == (seed,):
            return replace(form, data=places[0], gradient=places[1])
    return None


def _held_gradients(definition: Definition) -> list[str]:
    """The attributes that the constructor begins and that are called like a gradient."""
    constructor = definition.constructor
    if constructor is None:
        return []
    kept = _stored(constructor)
    return sorted(name for name in kept if lexicon().is_a(name, "held_gradient"))


def _stored(method: Callable_) -> set[str]:
    return {
        node.attr
        for node in ast.walk(method.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
    }


def called_whole(definition: Definition) -> bool:
    """True for a class of which only ``__call__`` builds the graph: it calls forward with the arrays of its
    inputs, and keeps what neither forward nor the constructor does.
    """
    call, forward = definition.method("__call__"), forward_of(definition)
    if call is None or forward is None or forward.name == call.name:
        return False
    calls_it = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == forward.name
        for node in ast.walk(call.node)
    )
    others = [m for m in (forward, definition.constructor) if m is not None]
    return calls_it and not _stored(call) <= set().union(*map(_stored, others))


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
