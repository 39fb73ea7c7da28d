"""What an optimiser's spec says beside its reference, and that its classes are what is asked of them.

Such a class is made with ``lr`` and, by keyword, with numbers that have defaults of their own; its ``update(layer)``
changes each array of ``layer.params`` in place by the one of the same name in ``layer.grads``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from graders.specs.document import Document
from graders.specs.model import Hyperparameter, ItemSpec
from graders.specs.references import found_reference
from graders.specs.tasks.task import Place, Task
from graders.spelling import nearest

RATE = "lr"


def defaults_of(made: Any) -> dict[str, float]:
    """The numbers besides the learning rate that a class takes, with their defaults.

    Raises:
        ValueError: it takes something else, or nothing.
    """
    first, *others = inspect.signature(made).parameters.values()
    if first.name != RATE:
        raise ValueError(f"its first parameter is {first.name!r}; expected {RATE!r}")
    for one in others:
        if isinstance(one.default, bool) or not isinstance(one.default, int | float):
            raise ValueError(f"{one.name!r} has no number as its default")
    return {one.name: float(one.default) for one in others}


def hyperparameters_of(
    document: Document, raw: Mapping[str, Any], names: Mapping[str, Any]
) -> dict[str, Hyperparameter]:
    """Those that the reference takes, with what the spec says of them; `names`: their patterns.

    Raises:
        SpecError: the reference can't be used, or takes no such number.
    """
    said = raw.get("hyperparameters", {})
    if "reference" not in raw:
        raise document.error((), "an optimizer needs reference")
    takes = _takes(document, ("reference",), raw["reference"])
    for name, of in said.items():
        if name not in takes:
            what = raw["reference"].partition(":")[2]
            raise document.error(
                ("hyperparameters", name), f"{what} takes no {name!r}{nearest(name, takes)}"
            )
        low, high = of.get("between", (0, 1))
        if not (math.isfinite(high) and low < high):
            raise document.error(
                ("hyperparameters", name, "between"),
                f"the range [{low}, {high}] is empty; expected [smallest, largest]",
            )
    return {
        name: Hyperparameter(
            default,
            names.get(name, ()),
            _between(default, said.get(name, {})),
            said.get(name, {}).get("fixed", False),
            said.get(name, {}).get("upto", 0.0),
        )
        for name, default in takes.items()
    }


def _between(default: float, said: Mapping[str, Any]) -> tuple[float, float] | None:
    """What the spec says; else what is near the default: nearer to 1 than it, too, if it is a share."""
    if "between" in said:
        return (float(said["between"][0]), float(said["between"][1]))
    if "upto" in said:
        return None
    if 0.5 < default < 1:
        return 1 - 2 * (1 - default), 1 - 0.5 * (1 - default)
    return (0.5 * default, 2 * default) if default else (0.05, 0.2)


def check_optimizer(document: Document, item: ItemSpec) -> None:
    """That each class of the item can make steps.

    Raises:
        SpecError: with file, line, key and what went wrong.
    """
    named: list[tuple[Place, str]] = [(("reference",), item.reference)]
    named += [(("forms", i, "reference"), f.reference) for i, f in enumerate(item.forms)]
    named += [(("misconceptions", i, "variant"), s.variant) for i, s in enumerate(item.slips)]
    for path, reference in named:
        for name in _takes(document, path, reference):
            if name not in item.hyperparameters:
                raise document.error(
                    path,
                    f"{reference} takes {name!r}, which {item.reference} does not"
                    + nearest(name, item.hyperparameters),
                )
        right = path[0] != "misconceptions"
        try:
            _try(found_reference(document, reference, path), right)
        except Exception as error:  # whatever an author's class raises
            raise document.error(
                path, f"{reference} can't make a step: {type(error).__name__}: {error}"
            ) from error


def _takes(document: Document, path: Place, reference: str) -> dict[str, float]:
    made = found_reference(document, reference, path)
    if not (inspect.isclass(made) and callable(getattr(made, "update", None))):
        raise document.error(
            path, f"{reference} is no optimiser; expected a class with an update(layer)"
        )
    try:
        return defaults_of(made)
    except ValueError as error:
        raise document.error(path, f"{reference} can't be made: {error}") from error


def _try(made: Any, right: bool) -> None:
    """Two steps on small arrays; what is right must change them in place."""
    start = {"W": np.ones((3, 2)), "b": np.ones(2)}
    layer = Arrays(start)
    held = dict(layer.params)
    optimizer = made(0.125)
    for n in (1.0, 2.0):
        layer.grads = {name: n * np.ones_like(v) for name, v in start.items()}
        with np.errstate(all="ignore"):
            optimizer.update(layer)
    if right and any(held[name] is not layer.params.get(name) for name in held):
        raise ValueError("update put another array into layer.params; change it in place")
    if right and any(not np.any(held[name] != start[name]) for name in held):
        raise ValueError("update left an array of layer.params as it was")


class Arrays:
    """What an optimiser's reference sees of a layer: ``params`` and ``grads``, by the same names."""

    def __init__(self, start: Mapping[str, np.ndarray]) -> None:
        self.params = {n: np.array(a, dtype=np.float64, order="C") for n, a in start.items()}
        self.grads: Mapping[str, np.ndarray] = {}
        self._x = np.zeros((1, 1))  # as long as the batch: some mistakes divide by it


TASK = Task(
    "an optimizer",
    keys=("hyperparameters", "forms", "misconceptions"),
    facets=lambda item: ("update",),
    check=check_optimizer,
)
