"""What a schema can't say: that the parts of an item fit together and to the reference."""

from __future__ import annotations

import math

import numpy as np

from graders.specs.document import Document
from graders.specs.kinds import check_kind
from graders.specs.model import ItemSpec, Pair
from graders.specs.soundness import check_formulas, check_soundness
from graders.specs.tasks.table import TASKS, task_of
from graders.specs.tasks.task import Place
from graders.spelling import nearest
from graders.traits import Trait


def _one_of(kinds: list[str]) -> str:
    *others, last = kinds
    return f"{', '.join(others)} or {last}" if others else last


def check_item(document: Document, item: ItemSpec) -> None:
    """What a schema can't say: that the parts of the item fit together."""
    if item.kind == "":
        raise document.error((), "'kind' is missing")
    check_kind(document, item)
    known = set(item.sizes)
    for name, formula in item.shapes.items():
        unknown = formula.names - known
        if unknown:
            word = min(unknown)
            raise document.error(
                ("shapes", name),
                f"{formula.text!r} uses an unknown size {word!r}{nearest(word, known)}",
            )
        known.add(name)
    for key, group in (("config", item.config), ("roles", item.roles)):
        for name, formula in group.items():
            if formula.names - known:
                word = min(formula.names - known)
                raise document.error(
                    (key, name),
                    f"{formula.text!r} uses an unknown size {word!r}{nearest(word, known)}",
                )
    check_formulas(document, item)
    for i, layout in enumerate(item.layouts):
        if set(layout) - set(item.axes):
            raise document.error(
                ("input", "layouts", i),
                f"{layout!r} names an axis that is not in input.axes ({', '.join(item.axes)})",
            )
    _check_weight_axes(document, item, known)
    for facet, points in item.facets.items():
        if not math.isfinite(points):
            raise document.error(
                ("facets", facet), f"{points} is no number of points; expected a finite one"
            )
    if not math.isfinite(item.tolerance):
        raise document.error(
            ("tolerance",), f"{item.tolerance} is no tolerance; expected a number above 0"
        )
    for role, tied in item.equal.items():
        if role not in item.roles or set(tied) - known:
            raise document.error(
                ("equal", role), "names a role or a size that the item does not have"
            )
    _check_keys(document, item)
    task_of(item.kind).check(document, item)
    if item.ability and item.keywords is None:
        raise document.error(("ability",), "an item about an ability needs keywords")
    if item.ability and item.ability not in {*item.roles, *item.axes}:
        raise document.error(
            ("ability",),
            f"{item.ability!r} is neither a role nor an axis of the input"
            + nearest(item.ability, [*item.roles, *item.axes]),
        )
    if Trait.PERSON not in item.traits and not item.facets:
        raise document.error((), "'facets' is missing: no facet has points")
    check_soundness(document, item)
    for i, pair in enumerate(item.documented):
        _check_pair(document, ("documented", i), item, pair)


def _check_keys(document: Document, item: ItemSpec) -> None:
    """Refuse what only items of other kinds have; of a plugin's kind, what stands at the top alone."""
    own = task_of(item.kind).keys
    for key in dict.fromkeys(k for task in TASKS.values() for k in task.keys):
        place = tuple(key.split("."))
        nested = len(place) > 1
        said = document.data.get(place[0], {}) if nested else document.data
        if place[-1] not in said or key in own or (nested and item.kind not in TASKS):
            continue
        having = [task.article for task in TASKS.values() if key in task.keys]
        raise document.error(place, f"only {_one_of(having)} has {key}; leave it out")


def _check_weight_axes(document: Document, item: ItemSpec, known: set[str]) -> None:
    for name, weight in item.weights.items():
        for axis in weight.axes:
            if axis not in known:
                raise document.error(
                    ("weights", name, "axes"), f"unknown size {axis!r}{nearest(axis, known)}"
                )
        for i, layout in enumerate(weight.layouts):
            if set(layout) - set(weight.axes):
                raise document.error(
                    ("weights", name, "layouts", i), f"{layout!r} names an axis that is not in axes"
                )


def _check_pair(document: Document, path: Place, item: ItemSpec, pair: Pair) -> None:
    task = task_of(item.kind)
    allowed = task.given(item)
    for name in pair.given:
        if name not in allowed:
            raise document.error(
                (*path, "given", name), f"unknown input {name!r}{nearest(name, allowed)}"
            )
    for name in pair.expected:
        if name not in item.facets:
            raise document.error(
                (*path, "expected", name),
                f"{name!r} is no facet of this item{nearest(name, item.facets)}",
            )
    for name in sorted(allowed - pair.given.keys()):
        raise document.error((*path, "given"), f"{name!r} is missing")
    for facet, told in pair.expected.items():
        if np.isnan(told).any() and not task.partly:
            raise document.error(
                (*path, "expected", facet),
                "only a procedure's result can be told in part; expected all of it",
            )
    task.check_pair(document, path, item, pair)
