"""That the parts of a procedure item fit together and to its references."""

from __future__ import annotations

import importlib
import inspect
from math import prod

from graders.specs.document import Document
from graders.specs.model import ROLES, Argument, ItemSpec, Meaning, Pair, Result
from graders.specs.references import found_reference
from graders.specs.tasks.task import Place, Task
from graders.spelling import nearest


def check_procedure(document: Document, item: ItemSpec) -> None:
    """Arguments, numbers and meanings name what the item has.

    Raises:
        SpecError: one does not; with the key's line.
    """
    if not ((item.arguments or item.config) and item.meanings):
        raise document.error((), "a procedure needs arguments or config, and meanings")
    known = {*item.sizes, *item.shapes}
    for role, argument in item.arguments.items():
        _check_role(document, ("arguments", role), role)
        _check_array(document, ("arguments", role), argument, known)
    for role, reference in item.functions.items():
        _check_role(document, ("functions", role), role)
        found_reference(document, reference, ("functions", role))
        if not item.arguments:
            raise document.error(
                ("functions", role), "a function is one of an array: give arguments"
            )
    for role in item.numbers:
        _check_role(document, ("numbers", role), role)
    for key, sizes in (("natural", item.natural), ("one_step", item.one_step)):
        for name in sizes:
            if name not in item.sizes:
                reason = f"unknown size {name!r}{nearest(name, item.sizes)}"
                raise document.error((key, name), reason)
    for i, meaning in enumerate(item.meanings):
        _check_meaning(document, ("meanings", i), item, meaning, known)


def given_names(item: ItemSpec) -> frozenset[str]:
    """What a documented pair of the item must give: its arrays, and the sizes that none tells."""
    told = {axis for argument in item.arguments.values() for axis in argument.axes}
    return frozenset(item.arguments) | (item.sizes.keys() - told)


def pair_sizes(item: ItemSpec, pair: Pair) -> dict[str, int]:
    """All sizes of a documented pair."""
    sizes = {name: int(value) for name, value in pair.given.items() if name in item.sizes}
    for role, argument in item.arguments.items():
        sizes |= dict(zip(argument.axes, pair.given[role].shape, strict=True))
    return item.with_shapes(sizes)


def check_procedure_pair(document: Document, place: Place, item: ItemSpec, pair: Pair) -> None:
    """That the arrays of a documented pair have the shapes that the item gives them.

    Raises:
        SpecError: one has not; with the key's line.
    """
    seen: dict[str, int] = {}
    for name, value in pair.given.items():
        where = (*place, "given", name)
        axes = item.arguments[name].axes if name in item.arguments else ()
        if value.ndim != len(axes):
            raise document.error(where, f"has {value.ndim} axes; expected {len(axes)}")
        for axis, n in zip(axes, value.shape, strict=True):
            if seen.setdefault(axis, n) != n:
                raise document.error(
                    where, f"has {axis} = {n}, but another array has {axis} = {seen[axis]}"
                )
    sizes = pair_sizes(item, pair)
    for facet, expected in pair.expected.items():
        where = (*place, "expected", facet)
        result = item.meanings[0].results.get(facet)
        if result is None:
            raise document.error(where, "is no result of the function")
        asked = tuple(prod(sizes[axis] for axis in group) for group in result.layouts[0])
        if expected.shape != asked:
            raise document.error(where, f"has shape {expected.shape}; expected {asked}")


def _check_role(document: Document, place: Place, role: str) -> None:
    if role not in ROLES:
        raise document.error(place, f"unknown role {role!r}{nearest(role, ROLES)}")


def _check_array(
    document: Document, place: Place, array: Argument | Result, known: set[str]
) -> None:
    for axis in array.axes:
        if axis not in known:
            raise document.error(
                (*place, "axes"), f"unknown size {axis!r}{nearest(axis, sorted(known))}"
            )
    for i, layout in enumerate(array.layouts):
        letters = "".join(layout)
        if set(letters) - set(array.axes) or len(set(letters)) < len(letters):
            raise document.error(
                (*place, "layouts", i),
                f"{list(layout)} names an axis twice or one that is not in axes",
            )


def _check_meaning(
    document: Document, place: Place, item: ItemSpec, meaning: Meaning, known: set[str]
) -> None:
    module, _, name = meaning.reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise document.error((*place, "reference"), f"{meaning.reference}: {error}") from error
    parameters = inspect.signature(found).parameters
    for key in (*item.config, *item.numbers):
        if key not in parameters:
            where = ("config", key) if key in item.config else ("numbers", key)
            raise document.error(where, f"{name} takes no {key!r}{nearest(key, parameters)}")
    wanted = set(item.facets) - {"repeat"}
    if set(meaning.results) != wanted:
        raise document.error(
            (*place, "results"), f"must be the item's facets: {', '.join(sorted(wanted))}"
        )
    for facet, result in meaning.results.items():
        inner = (*place, "results", facet)
        _check_array(document, inner, result, known)
        if result.step_of and result.step_of not in item.arguments:
            near = nearest(result.step_of, item.arguments)
            raise document.error((*inner, "step_of"), f"unknown argument {result.step_of!r}{near}")


TASK = Task(
    "a procedure",
    keys=("misconceptions",),
    check=check_procedure,
    given=given_names,
    check_pair=check_procedure_pair,
    partly=True,
    functions=True,
)
