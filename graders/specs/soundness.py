"""What would only show while grading: facets that nothing checks, sizes without end, references
that can't be called, formulas without a whole value.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graders.formulas import Formula, FormulaError
from graders.specs.document import Document
from graders.specs.model import ItemSpec
from graders.specs.references import found_reference
from graders.specs.sizes import drawn_sizes
from graders.specs.tasks.table import task_of
from graders.spelling import nearest
from graders.traits import Trait


def check_soundness(document: Document, item: ItemSpec) -> None:
    """Refuse what the schema allows and grading could not use.

    Raises:
        SpecError: with file, line, key and the nearest valid name.
    """
    _check_facets(document, item)
    if item.cost.says:
        check_cost(document, ("cost",), document.data.get("cost", {}), item)
    _check_output_layout(document, item)
    _check_slips(document, item)
    if item.reference:
        _check_callable(document, item)


def check_cost(
    document: Document, path: tuple[str | int, ...], raw: Mapping[str, Any], item: ItemSpec
) -> None:
    """Refuse axes that the item has not, or has at one size alone.

    Raises:
        SpecError: with file, line and key.
    """
    if Trait.LAYER not in item.traits:
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
    facets = task_of(item.kind).facets
    known = None if facets is None else facets(item)
    for facet in item.facets:
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
        functions = task_of(item.kind).functions
        kind = "function" if functions else "class"
        if not (inspect.isfunction if functions else inspect.isclass)(found):
            raise document.error((*place, "variant"), f"{slip.variant} is no {kind}; expected one")


def _check_output_layout(document: Document, item: ItemSpec) -> None:
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
    for sizes in drawn_sizes(item):
        complete = _evaluated(document, ("shapes",), item.shapes, sizes)
        for key in ("config", "roles"):
            _evaluated(document, (key,), getattr(item, key), complete)
        for place, value in zip(places, item.value, strict=True):
            _value(document, place, value, complete)


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


# -- the reference -----------------------------------------------------------------------------


def _check_callable(document: Document, item: ItemSpec) -> None:
    """That the reference is there and takes what it is called with; nothing is called here."""
    found = found_reference(document, item.reference)
    if not callable(found):
        raise document.error(
            ("reference",),
            f"{item.reference} is neither class nor function; expected package.module:Class",
        )
