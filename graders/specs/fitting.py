"""What a schema can't say: that the parts of an item fit together and to the reference."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable

import numpy as np

from graders.specs.document import Document
from graders.specs.kinds import check_kind
from graders.specs.model import PARTS, ItemSpec, Pair, Training
from graders.specs.references import found_reference
from graders.specs.soundness import check_formulas, check_soundness
from graders.specs.tasks.dropout import check_dropout
from graders.specs.tasks.estimator import check_estimator
from graders.specs.tasks.loss import check_loss
from graders.specs.tasks.optimizer import check_optimizer
from graders.specs.tasks.procedure import check_procedure, check_procedure_pair, given_names
from graders.specs.tasks.testing import check_testing
from graders.spelling import nearest
from graders.traits import KINDS

# Keys that only some kinds have, each kind with its article.
_OF_KINDS = {
    "hyperparameters": {"optimizer": "an optimizer"},
    "forms": {"optimizer": "an optimizer", "loss": "a loss", "estimator": "an estimator"},
    "misconceptions": {
        "optimizer": "an optimizer",
        "loss": "a loss",
        "layer": "a layer",
        "dropout": "a dropout",
        "estimator": "an estimator",
        "procedure": "a procedure",
    },
    "manner": {"estimator": "an estimator"},
    "targets": {"estimator": "an estimator"},
    "settings": {"estimator": "an estimator"},
    "reductions": {"loss": "a loss"},
    "unscaled": {"loss": "a loss"},
    "test": {"layer": "a layer"},
}


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
    _check_axes(document, item, known)
    _check_lengths(document, item)
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
    if item.kind == "layer" and not (item.reference and item.axes and item.output):
        raise document.error((), "a layer needs reference, input and output")
    for name in item.numbers if item.kind == "layer" else ():
        if name not in PARTS:
            raise document.error(("numbers", name), f"unknown name {name!r}{nearest(name, PARTS)}")
    if item.kind == "function" and not item.value:
        raise document.error((), "a function needs value")
    if item.kind == "procedure":
        check_procedure(document, item)
    if item.kind == "optimizer":
        check_optimizer(document, item)
    if item.kind == "loss":
        check_loss(document, item)
    if item.kind == "dropout":
        check_dropout(document, item)
    if item.kind == "estimator":
        check_estimator(document, item)
    for key, kinds in _OF_KINDS.items():
        if key in document.data and item.kind not in kinds:
            raise document.error(
                (key,), f"only {_one_of(list(kinds.values()))} has {key}; leave it out"
            )
    drawn_plainly = item.kind in KINDS and item.kind != "layer"  # a plugin's kind may read it
    if drawn_plainly and "scale" in document.data.get("input", {}):
        raise document.error(("input", "scale"), "only a layer has input.scale; leave it out")
    if item.below and (item.kind != "layer" or item.below not in known):
        reason = f"unknown size {item.below!r}{nearest(item.below, known)}"
        if item.kind != "layer":
            reason = "only a layer has input.below; leave it out"
        raise document.error(("input", "below"), reason)
    if item.ability and item.keywords is None:
        raise document.error(("ability",), "an item about an ability needs keywords")
    if item.ability and item.ability not in {*item.roles, *item.axes}:
        raise document.error(
            ("ability",),
            f"{item.ability!r} is neither a role nor an axis of the input"
            + nearest(item.ability, [*item.roles, *item.axes]),
        )
    if item.kind == "answers" and not item.answers:
        raise document.error((), "an item of kind answers needs answers")
    if (item.kind == "classifier") != (item.training is not None):
        raise document.error(
            ("training",), "an item of kind classifier, and no other, has training"
        )
    if item.training is not None:
        _check_training(document, item, item.training)
    if item.kind != "manual" and not item.facets:
        raise document.error((), "'facets' is missing: no facet has points")
    if item.kind in ("layer", "classifier"):
        _check_reference(document, item)
    if item.testing is not None:
        check_testing(document, item, item.testing)
    check_soundness(document, item)
    for i, pair in enumerate(item.documented):
        _check_pair(document, ("documented", i), item, pair)


def _check_training(document: Document, item: ItemSpec, training: Training) -> None:
    if not item.reference:
        raise document.error((), "a classifier needs reference")
    if training.floor >= training.accuracy:
        raise document.error(
            ("training", "accuracy"), f"is not above the floor of {training.floor}"
        )
    reached = training.mean - 3 * training.sd
    if training.accuracy > reached:
        raise document.error(
            ("training", "accuracy"),
            f"{training.accuracy} is more than the reference reaches with three standard "
            f"deviations of margin ({reached:.3f})",
        )
    for i, shape in enumerate(training.layouts):
        if math.prod(shape) != 784:
            raise document.error(
                ("training", "image", i), f"{list(shape)} is no shape of 28 x 28 pixels"
            )


def _check_axes(document: Document, item: ItemSpec, known: set[str]) -> None:
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
    if item.kind != "layer":
        return
    for axis in item.axes:
        if axis not in known:
            raise document.error(("input", "axes"), f"unknown size {axis!r}{nearest(axis, known)}")
        if axis not in item.output:
            raise document.error(("output",), f"says nothing of the input's axis {axis!r}")
    for axis, other in item.output.items():
        if axis not in item.axes:
            raise document.error(
                ("output", axis), f"{axis!r} is no axis of the input{nearest(axis, item.axes)}"
            )
        if other and other not in known:
            raise document.error(("output", axis), f"unknown size {other!r}{nearest(other, known)}")
    largest = item.with_shapes({name: high for name, (_, high) in item.sizes.items()})
    for axis in filter(None, item.output.values()):
        if largest[axis] < 1:
            raise document.error(
                ("sizes",), f"even the largest sizes give no output ({axis} < 1); widen them"
            )


def _check_lengths(document: Document, item: ItemSpec) -> None:
    """That every axis of a layer's arrays can have a length."""
    if item.kind != "layer":
        return
    for axis in (*item.axes, *(a for w in item.weights.values() for a in w.axes)):
        if item.sizes.get(axis, (1, 1))[1] < 1:
            raise document.error(("sizes", axis), "is 0 throughout; expected 1 or more")


def _check_reference(document: Document, item: ItemSpec) -> None:
    found = found_reference(document, item.reference)
    name = item.reference.partition(":")[2]
    try:
        parameters = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return
    for key in item.config:
        if key not in parameters:
            raise document.error(
                ("config", key), f"{name} takes no {key!r}{nearest(key, parameters)}"
            )


def _check_pair(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    allowed = set(item.sizes) if item.kind == "function" else {"x", *item.weights}
    if item.kind == "procedure":
        allowed = given_names(item)
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
    if item.kind == "procedure":
        check_procedure_pair(document, path, item, pair)
        return
    for facet, told in pair.expected.items():
        if np.isnan(told).any():
            raise document.error(
                (*path, "expected", facet),
                "only a procedure's result can be told in part; expected all of it",
            )
    if item.kind == "function":
        _check_pair_of_function(document, path, item, pair)
    if item.kind != "layer":
        return
    for name, weight in item.weights.items():
        array = pair.given.get(name)
        if array is not None and array.ndim not in {len(x) for x in (weight.axes, *weight.layouts)}:
            raise document.error(
                (*path, "given", name),
                f"has {array.ndim} axes; expected {len(weight.axes)} ({', '.join(weight.axes)})",
            )
    _check_pair_sizes(document, path, item, pair)
    for facet in item.gradients:
        name = item.weight_of(facet) or "x"
        expected, given = pair.expected.get(facet), pair.given.get(name)
        if expected is not None and given is not None and expected.shape != given.shape:
            raise document.error(
                (*path, "expected", facet),
                f"has shape {expected.shape}, but {name} has {given.shape}",
            )


def _check_pair_of_function(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    for name, given in pair.given.items():
        if given.ndim or given != np.floor(given):
            raise document.error(
                (*path, "given", name), "is no single number; expected a whole one"
            )
    for facet, told in pair.expected.items():
        if told.size != len(item.value):
            raise document.error(
                (*path, "expected", facet),
                f"has {told.size} numbers; expected {len(item.value)}, as 'value' has formulas",
            )


def _check_pair_sizes(
    document: Document, path: tuple[str | int, ...], item: ItemSpec, pair: Pair
) -> None:
    """That a pair's arrays agree on every size; a leading axis that is left out has size 1."""
    sizes: dict[str, int] = {name: low for name, (low, high) in item.sizes.items() if low == high}
    seen: dict[str, str] = {}

    def agree(where: tuple[str | int, ...], axes: Iterable[str], array: np.ndarray) -> None:
        names = list(axes)
        shape = (1,) * (len(names) - array.ndim) + array.shape
        if len(shape) != len(names):
            raise document.error(where, f"has {array.ndim} axes; expected at most {len(names)}")
        for axis, n in zip(names, shape, strict=True):
            if axis in seen and sizes[axis] != n:
                raise document.error(
                    where, f"has {axis} = {n}, but {seen[axis]} has {axis} = {sizes[axis]}"
                )
            sizes[axis], seen[axis] = n, str(where[-1])

    agree((*path, "given", "x"), item.axes, pair.given["x"])
    for name, weight in item.weights.items():
        agree((*path, "given", name), weight.axes, pair.given[name])
    complete = item.with_shapes({n: sizes.get(n, low) for n, (low, _) in item.sizes.items()})
    output = [complete[item.output[a]] for a in item.axes if item.output[a]]
    for key, array in (("upstream", pair.upstream), ("forward", pair.expected.get("forward"))):
        if array is None:
            continue
        where = (*path, "upstream") if key == "upstream" else (*path, "expected", key)
        if [n for n in array.shape if n != 1] != [n for n in output if n != 1]:
            raise document.error(where, f"has shape {array.shape}; expected {tuple(output)}")
