"""What would only show while grading: facets that nothing checks, sizes without end, references
that can't be called, formulas without a whole value.
"""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

from graders.formulas import Formula, FormulaError
from graders.specs.document import Document
from graders.specs.model import ROLES, TEST, USUAL_WEIGHTS, ItemSpec
from graders.specs.references import found_reference
from graders.spelling import nearest

# The facets that the checks of a kind know; a kind that is not here may have any.
FACETS = {
    "function": ("forward",),
    "initializer": ("forward", "shape"),
    "optimizer": ("update",),
    "iterator": ("forward", "shape", "repeat"),
    "softmax": ("forward", "dX", "repeat"),
    "loss": ("forward", "dX", "repeat"),
    "dropout": ("forward", "dX", "test", "repeat"),
    "estimator": (
        "fit",
        "predict",
        "predict_proba",
        "intercept",
        "regularisation",
        "loss",
        "val_loss",
        "support_vectors",
        "repeat",
    ),
    "answers": ("shape", "answers"),
    "classifier": ("training", "repeat"),
}
_OF_LAYERS = ("forward", "shape", "repeat")  # besides its gradients
MAX_ELEMENTS = 1_000_000  # of one array of a case
_DRAWS = 8


def check_soundness(document: Document, item: ItemSpec) -> None:
    """Refuse what the schema allows and grading could not use.

    Raises:
        SpecError: with file, line, key and the nearest valid name.
    """
    _check_facets(document, item)
    if item.cost.says:
        check_cost(document, ("cost",), document.data.get("cost", {}), item)
    _check_needs(document, item)
    _check_slips(document, item)
    if item.kind == "layer":
        for sizes in _drawn(item):
            _check_elements(document, item, item.with_shapes(sizes))
    if item.reference:
        _check_callable(document, item)


def check_cost(
    document: Document, path: tuple[str | int, ...], raw: Mapping[str, Any], item: ItemSpec
) -> None:
    """Refuse axes that the item has not, or has at one size alone.

    Raises:
        SpecError: with file, line and key.
    """
    if item.kind != "layer":
        raise document.error(path, f"items of kind {item.kind} are not counted; only layers are")
    grow = [name for name, (low, high) in item.sizes.items() if low < high]
    for key in ("loops", "memory"):
        for axis in raw.get(key, {}):
            if axis not in item.sizes:
                raise document.error(
                    (*path, key, axis), f"{axis!r} is no size; those that grow: {', '.join(grow)}"
                )
            if key == "memory" and axis not in item.axes:
                raise document.error(
                    (*path, key, axis), f"{axis!r} is no axis of the input ({', '.join(item.axes)})"
                )


def _check_facets(document: Document, item: ItemSpec) -> None:
    known = FACETS.get(item.kind)
    if item.kind == "layer":
        _check_weights(document, item)
        known = (*item.gradients, *_OF_LAYERS, *([TEST] if item.testing else []))
    for facet in item.facets:
        needed = next((w for w, gradient in USUAL_WEIGHTS.items() if gradient == facet), None)
        if item.kind == "layer" and needed is not None and facet not in item.gradients:
            raise document.error(
                ("facets", facet),
                f"{facet!r} is the gradient of {needed!r}, which is no weight here; leave it out",
            )
        if known is not None and facet not in known:
            raise document.error(
                ("facets", facet),
                f"nothing checks {facet!r} of kind {item.kind}; its facets are {', '.join(known)}",
            )
    if item.facets and item.facets.keys() <= item.accompanying:
        alone = " and ".join(repr(facet) for facet in item.facets)
        raise document.error(
            ("facets",),
            f"{alone} earn points only beside a facet that is computed; add one, such as 'forward'",
        )
    for i, answer in enumerate(item.answers):
        if answer.facet not in item.facets:
            raise document.error(
                ("answers", i, "facet"),
                f"{answer.facet!r} has no points{nearest(answer.facet, item.facets)}",
            )
        same = [a.id for a in item.answers].index(answer.id)
        if same != i:
            raise document.error(("answers", i, "id"), f"{answer.id!r} is also answer {same + 1}")
    if item.kind == "answers":
        for facet in item.facets:
            if facet not in {a.facet for a in item.answers}:
                raise document.error(("facets", facet), "none of the answers is of this facet")


def _check_slips(document: Document, item: ItemSpec) -> None:
    """That each mistake has a name of its own, breaks facets of the item, and is made by a class that is there."""
    for i, slip in enumerate(item.slips):
        place = ("misconceptions", i)
        same = [s.id for s in item.slips].index(slip.id)
        if same != i:
            raise document.error((*place, "id"), f"{slip.id!r} is also misconception {same + 1}")
        for facet in slip.breaks:
            if facet not in item.facets:
                reason = f"{facet!r} is no facet of this item{nearest(facet, item.facets)}"
                raise document.error((*place, "breaks"), reason)
        found = found_reference(document, slip.variant, (*place, "variant"))
        kind = "function" if item.kind == "procedure" else "class"
        if not (inspect.isfunction if kind == "function" else inspect.isclass)(found):
            raise document.error((*place, "variant"), f"{slip.variant} is no {kind}; expected one")


def _check_weights(document: Document, item: ItemSpec) -> None:
    """That each weight is one that the lexicon knows, or says how it is called."""
    for name, weight in item.weights.items():
        if name not in USUAL_WEIGHTS and not weight.names:
            raise document.error(
                ("weights", name),
                f"unknown weight {name!r}{nearest(name, USUAL_WEIGHTS)}; "
                "one besides W and b needs 'names'",
            )
        if name in ROLES:
            raise document.error(("weights", name), f"{name!r} is the name of a role")
        if list(item.gradients).count(weight.gradient) > 1 or weight.gradient in _OF_LAYERS:
            raise document.error(
                ("weights", name, "gradient"), f"{weight.gradient!r} is another facet already"
            )


def _check_needs(document: Document, item: ItemSpec) -> None:
    if item.kind == "function" and not item.sizes:
        raise document.error((), "a function needs sizes")
    if item.kind == "function" and not item.roles:
        raise document.error((), "a function needs roles")
    if item.kind == "softmax":
        for size in ("N", "K"):
            if size not in item.sizes:
                raise document.error(("sizes",), f"softmax needs the size {size!r}")
    letters = set(item.output.values()) - {""}
    for i, group in enumerate(item.output_layout):
        if set(group) - letters:
            raise document.error(
                ("output_layout", i),
                f"{group!r} names an axis that is not in output ({', '.join(sorted(letters))})",
            )


def check_formulas(document: Document, item: ItemSpec) -> None:
    """Refuse formulas that have no whole value for sizes that the spec allows.

    Raises:
        SpecError: with file, line, key and the sizes.
    """
    places = [("value",) if len(item.value) == 1 else ("value", i) for i in range(len(item.value))]
    for place, value in zip(places, item.value, strict=True):
        unknown = value.names - set(item.sizes) - set(item.shapes)
        if unknown:
            word = min(unknown)
            raise document.error(
                place, f"{value.text!r} uses an unknown size {word!r}{nearest(word, item.sizes)}"
            )
    for sizes in _drawn(item):
        complete = _evaluated(document, ("shapes",), item.shapes, sizes)
        for key in ("config", "roles"):
            _evaluated(document, (key,), getattr(item, key), complete)
        for place, value in zip(places, item.value, strict=True):
            _value(document, place, value, complete)


def _drawn(item: ItemSpec) -> Iterator[dict[str, int]]:
    """The smallest and the largest sizes, and some between them."""
    rng = random.Random(0)
    yield {name: low for name, (low, _) in item.sizes.items()}
    yield {name: high for name, (_, high) in item.sizes.items()}
    for _ in range(_DRAWS if item.sizes else 0):
        yield {n: rng.randint(low, high) for n, (low, high) in item.sizes.items()}


def _evaluated(
    document: Document,
    path: tuple[str | int, ...],
    formulas: Mapping[str, Formula],
    sizes: dict[str, int],
) -> dict[str, int]:
    complete = dict(sizes)
    for name, formula in formulas.items():
        complete[name] = _value(document, (*path, name), formula, complete)
    return complete


def _value(
    document: Document, path: tuple[str | int, ...], formula: Formula, sizes: Mapping[str, int]
) -> int:
    try:
        return formula(sizes)
    except FormulaError as error:
        used = {n: sizes[n] for n in sorted(formula.names) if n in sizes}
        given = ", ".join(f"{n} = {v}" for n, v in used.items())
        problem, hint = "is not a whole number", "; floor(...) rounds down"
        if "by zero" in str(error):
            problem, hint = "divides by zero", "; expected a value for all of 'sizes'"
        elif "larger" in str(error):
            problem, hint = "is larger than any size", "; expected a formula of a few sizes"
        raise document.error(path, f"{formula.text!r} {problem} for {given}{hint}") from error


def _check_elements(document: Document, item: ItemSpec, sizes: Mapping[str, int]) -> None:
    for what, axes in (
        ("the input", item.axes),
        ("the output", tuple(filter(None, item.output.values()))),
        *((name, w.axes) for name, w in item.weights.items()),
    ):
        count = math.prod(max(0, sizes[a]) for a in axes)
        if count > MAX_ELEMENTS:
            raise document.error(
                ("sizes",),
                f"{what} may have {count} numbers; at most {MAX_ELEMENTS} can be checked",
            )


# -- the reference -----------------------------------------------------------------------------


def _check_callable(document: Document, item: ItemSpec) -> None:
    """That the reference is there and takes what it is called with; nothing is called here."""
    found = found_reference(document, item.reference)
    if not callable(found):
        raise document.error(
            ("reference",),
            f"{item.reference} is neither class nor function; expected package.module:Class",
        )
    if item.kind != "layer":
        return
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*item.weights, **dict.fromkeys(item.config))
    except TypeError as error:
        weights = ", ".join(item.weights) or "nothing"
        raise document.error(
            ("reference",),
            f"{item.reference}{signature} can't be called with {weights} and config: {error}",
        ) from error
