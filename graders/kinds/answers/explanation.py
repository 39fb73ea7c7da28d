"""Why written answers failed: wrong numbers that stand in the place of the right ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.lessons import sizes
from graders.diagnosis.naming import named
from graders.messages import M
from graders.misconceptions import Diagnosis, Misconception, Name
from graders.specs import ItemSpec

ENOUGH = 2

# (input size, input channels, output channels, filter, stride) of each layer that is asked for.
_LAYERS: Mapping[str, Mapping[str, tuple[int, int, int, int, int]]] = {
    "conv2d_answers": {
        "1": (144, 3, 6, 3, 1),
        "2": (60, 24, 48, 3, 1),
        "3": (20, 10, 20, 3, 2),
    }
}

_MOST_FILTERS = 100


def diagnose_answers(
    spec: ItemSpec, pool: str, results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """Wrong numbers that stand in the place of the right ones."""
    found: list[Diagnosis] = []
    for facet in spec.facets:
        missing = [
            c.id[-1] for c in results
            if c.facet == facet and c.status == model.FAILED and c.id[-1] in _LAYERS.get(spec.id, {})
        ]  # fmt: skip
        if missing and (told := _half_way(spec.id, facet, missing, pool)) is not None:
            found.append(Diagnosis(facet, (told,)))
            continue
        # One wrong number may stand anywhere; a size says more, since it has two sides.
        if not missing or (len(missing) < ENOUGH and facet == "answers"):
            continue
        hits = [
            m for m in misconceptions_for(spec.id)
            if m.facet == facet
            and all(_written(m, _LAYERS[spec.id][n], pool) for n in missing)
        ]  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


def _half_way(item: str, facet: str, missing: Sequence[str], pool: str) -> Name | None:
    """What stands there in the place of every missing answer: a shape that is not multiplied out, the number
    of a layer with other filters, a size that is not rounded.
    """
    layers = [_LAYERS[item][n] for n in missing]
    if facet == "shape":
        halves = [(size - filter_) / stride + 1 for size, _, _, filter_, stride in layers]
        # The height and the width beside each other: one such number alone stands in many places.
        both = (rf"(?<![\d.]){h:g}[^\d\n]{{1,14}}{h:g}(?!\d)" for h in halves)
        unrounded = all(h % 1 for h in halves) and all(re.search(b, pool) for b in both)
        return Name("size-not-rounded", sizes.NO_FLOOR) if unrounded else None
    filters = [_filters_written(layer, pool) for layer in layers]
    if None not in filters and all(k == layer[2] for k, layer in zip(filters, layers, strict=True)):
        return Name("shape-alone", sizes.SHAPE_ALONE)
    several = {k for k in filters if k is not None} | {_filters_counted(layers, pool)}
    others = several - {None, *(layer[2] for layer in layers)}
    if len(missing) < ENOUGH or len(others) != 1:
        return None
    title = M("The numbers are those of {n} filters", n=others.pop())
    return Name("other-filters", replace(sizes.OTHER_FILTERS, title=title))


def _filters_written(layer: tuple[int, int, int, int, int], pool: str) -> int | None:
    """The number of filters in the shape of the weights, if that is written out: (6, 3, 3, 3)."""
    _, c_in, _, filter_, _ = layer
    between = r"[^\d\n]{1,14}"
    shape = between.join(map(str, (c_in, filter_, filter_)))
    found = re.search(rf"(?<![\d.])(\d{{1,4}}){between}{shape}(?![\d.]*\d)", pool)
    return int(found[1]) if found is not None else None


def _filters_counted(layers: Sequence[tuple[int, int, int, int, int]], pool: str) -> int | None:
    """The number of filters for which the totals of all layers stand there."""
    for filters in range(1, _MOST_FILTERS):
        totals = [filters * (c_in * f * f + 1) for _, c_in, _, f, _ in layers]
        if all(re.search(rf"(?<![\d.]){n}(?!\d|\.[1-9])", pool) for n in totals):
            return filters
    return None


def _written(known: Misconception, layer: tuple[int, int, int, int, int], pool: str) -> bool:
    size, c_in, c_out, filter_, stride = layer
    if known.facet == "answers":
        number = known.variant(c_in, c_out, (filter_, filter_))
        digits = f"{number:,}".replace(",", ",?")
        return re.search(rf"(?<![\d.]){digits}(?!\d|\.\d)", pool) is not None
    one, two = known.variant((size, size), (filter_, filter_), stride, 0)
    # With the channels beside it: two small numbers alone stand in many places.
    times = r"(\.0)?\s*[,x×*✕・、]\s*"
    orders = (f"{one:g}", f"{two:g}", f"{c_out}"), (f"{c_out}", f"{one:g}", f"{two:g}")
    sizes_ = (rf"(?<![\d.]){times.join(order)}(?!\d|\.[1-9])" for order in orders)
    return any(re.search(size_, pool) for size_ in sizes_)
