"""What a loss's spec says beside its reference, how its arrays are drawn, and that its classes are what is asked of them.

Such a class is made with a word of the spec's ``reductions``; ``forward(x, t)`` gives the loss, ``backward()`` its
derivative in x. One that has a logarithm may take ``guard``, a constant that keeps it from zero.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from graders.specs.document import Document
from graders.specs.model import Argument, ItemSpec
from graders.specs.references import found_reference
from graders.specs.tasks.task import Place, Task
from graders.spelling import nearest

INPUT, LABELS = "input", "labels"


def drawn(
    item: ItemSpec,
    arguments: Mapping[str, Argument],
    sizes: Mapping[str, int],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and targets, float64, both in the axes of the input; `arguments`: a form's own."""
    said = {**item.arguments, **arguments}
    shape = [sizes[axis] for axis in said[INPUT].axes]
    x, t = (_values(said[role], shape, rng) for role in (INPUT, LABELS))
    return x, t


def _values(argument: Argument, shape: list[int], rng: np.random.Generator) -> np.ndarray:
    if argument.one_hot:
        return np.asarray(np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])])
    if argument.of:
        return np.asarray(rng.choice(argument.of, shape))
    low_high = argument.between
    values = rng.standard_normal(shape) if low_high is None else rng.uniform(*low_high, size=shape)
    if argument.shares:
        values = np.abs(values)
        values /= values.sum(-1, keepdims=True)
    return np.asarray(values, dtype=np.float64)


def made(loss: Any, reduction: str, guard: float = 0.0) -> Any:
    """An instance of a reference; the guard goes to what takes one."""
    takes = "guard" in inspect.signature(loss).parameters
    return loss(reduction, guard=guard) if takes and guard else loss(reduction)


def check_loss(document: Document, item: ItemSpec) -> None:
    """That each class of the item gives a loss and a derivative.

    Raises:
        SpecError: with file, line, key and what went wrong.
    """
    if not (item.reference and item.reductions):
        raise document.error((), "a loss needs reference and reductions")
    for role in (INPUT, LABELS):
        if role not in item.arguments:
            raise document.error(("arguments",), f"a loss needs {role!r}")
    for role, argument in item.arguments.items():
        if role not in (INPUT, LABELS):
            near = nearest(role, (INPUT, LABELS))
            raise document.error(("arguments", role), f"a loss takes no {role!r}{near}")
        for axis in argument.axes:
            if axis not in item.sizes:
                near = nearest(axis, item.sizes)
                raise document.error(("arguments", role, "axes"), f"unknown size {axis!r}{near}")
    axes = item.arguments[INPUT].axes
    if len(axes) != 2 or item.arguments[LABELS].axes != axes:
        reason = "a loss is of two axes, samples and outputs, the same for input and labels"
        raise document.error(("arguments",), reason)
    named: list[tuple[Place, str, Mapping[str, Argument]]] = [(("reference",), item.reference, {})]
    named += [
        (("forms", i, "reference"), f.reference, f.arguments) for i, f in enumerate(item.forms)
    ]
    named += [(("misconceptions", i, "variant"), s.variant, {}) for i, s in enumerate(item.slips)]
    for path, reference, arguments in named:
        try:
            for reduction in item.reductions:
                _try(found_reference(document, reference, path), item, arguments, reduction)
        except Exception as error:  # whatever an author's class raises
            raise document.error(
                path, f"{reference} is no loss: {type(error).__name__}: {error}"
            ) from error


def _try(loss: Any, item: ItemSpec, arguments: Mapping[str, Argument], reduction: str) -> None:
    sizes = {name: high for name, (_, high) in item.sizes.items()}
    x, t = drawn(item, arguments, sizes, np.random.default_rng(0))
    one = made(loss, reduction)
    with np.errstate(all="ignore"):
        value, slope = np.asarray(one.forward(x, t)), np.asarray(one.backward())
    if value.shape not in ((), (len(x),), x.shape):
        raise ValueError(f"forward gave shape {value.shape} for {x.shape}")
    if slope.shape != x.shape:
        raise ValueError(f"backward gave shape {slope.shape}; expected the input's, {x.shape}")


TASK = Task(
    "a loss",
    keys=("forms", "misconceptions", "reductions", "unscaled"),
    facets=lambda item: ("forward", "dX", "repeat"),
    check=check_loss,
)
