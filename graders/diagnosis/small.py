"""Why functions of sizes, softmax, initialisers, iterators and written answers failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.binding.function_search import FunctionTrial
from graders.binding.softmax_search import SoftmaxRun
from graders.checks import minibatch, model
from graders.checks.minibatch import Data, Pass
from graders.checks.model import CheckResult
from graders.checks.statistics import Family, family
from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.lessons import sizes, training
from graders.diagnosis.naming import named
from graders.diagnosis.sights import close
from graders.diagnosis.slips import slips_of
from graders.messages import M
from graders.misconceptions import Diagnosis, Lesson, Misconception, Name
from graders.specs import ItemSpec

ENOUGH = 2


# -- functions ------------------------------------------------------------------------------------

_IGNORED: Mapping[str, tuple[str, Lesson]] = {
    "stride": ("size-no-stride", sizes.NO_STRIDE),
    "padding": ("size-no-padding", sizes.NO_PADDING),
}


def diagnose_function(spec: ItemSpec, trial: FunctionTrial) -> tuple[Diagnosis, ...]:
    """What the numbers that a function of sizes gave tell of it."""
    facet = next(iter(spec.facets))
    asked = list(zip(trial.sizes, trial.expected, trial.answers, strict=True))
    if all(answer is None for answer in trial.answers):
        return ()  # an empty function forgets nothing in particular
    wrong = [a for a in asked if a[2] is not None and a[2] != a[1]]
    if wrong:
        if len({tuple(sorted(a[0].items())) for a in wrong}) < ENOUGH:
            return ()
        answered = [(s, e, a) for s, e, a in asked if a is not None]
        alone = named(
            facet,
            (m for m in misconceptions_for(spec.id)
             if _agrees([(_size(m.variant, s, len(e)), a) for s, e, a in answered])),
        )  # fmt: skip
        together = slips_of([(s, a) for s, _, a in answered])
        return alone or ((Diagnosis(facet, (together,)),) if together is not None else ())
    ignored = [_IGNORED[r] for r in trial.unused if r in _IGNORED]
    return tuple(Diagnosis(facet, (Name(*one),)) for one in ignored)


def _agrees(pairs: Sequence[tuple[tuple[float, ...], Sequence[float]]]) -> bool:
    """True if every answer is the predicted one, or every one is what int() makes of it."""
    return any(all(tuple(map(way, made)) == tuple(map(float, a)) for made, a in pairs)
               for way in (float, int))  # fmt: skip


def _size(variant: Callable[..., Any], at: Mapping[str, int], count: int) -> tuple[float, ...]:
    stride, padding = at.get("S", 1), at.get("P", 0)
    if "N" in at:
        inputs: tuple[Any, ...] = (at["N"], at["F"])
        if variant.__name__.endswith("_2d") or variant.__name__ == "sides_swapped":
            inputs = (at["N"], at["N"]), (at["F"], at["F"])
    else:
        inputs = (at["H"], at["W"]), (at["K"], at["J"])
    made = variant(*inputs, stride, padding)
    values = made if isinstance(made, tuple) else (made,)
    return tuple(float(v) for v in values[:count])


# -- softmax --------------------------------------------------------------------------------------


def diagnose_softmax(
    spec: ItemSpec, runs: Sequence[SoftmaxRun], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """What the probabilities and gradients that came out tell."""
    found: list[Diagnosis] = []
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits = [
            m for m in misconceptions_for(spec.id)
            if facet in m.breaks and _explains(m, facet, runs)
        ]  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


def _explains(known: Misconception, facet: str, runs: Sequence[SoftmaxRun]) -> bool:
    wrong = 0
    for run in runs:
        right = run.found_forward if facet == "forward" else run.found_backward
        if run.loss is not None or "U" in (run.plan.backward or ()):
            return False  # what is known are slips in the probabilities and in Z - Y
        arrays = [e.array for e in run.stands[facet].entries]
        truth = run.probabilities if facet == "forward" else run.gradient
        layer = known.variant("sum")
        layer.forward(run.logits, run.labels)
        made = layer.probabilities if facet == "forward" else layer.backward()
        factors = (1.0,) if facet == "forward" else (1.0, 1.0 / len(made))
        if right:
            if not any(close(made, truth * f) for f in factors):
                return False
            continue
        if not any(close(a, made * f) for a in arrays for f in factors):
            return False
        wrong += 1
    return wrong >= ENOUGH


# -- initialisers ---------------------------------------------------------------------------------


def diagnose_draw(
    spec: ItemSpec,
    values: np.ndarray | None,
    fan_in: int,
    sigma: float,
    rng: np.random.Generator,
) -> tuple[Diagnosis, ...]:
    """What the statistics of drawn weights tell; `fan_in` and `sigma` were asked for."""
    if values is None or values.ndim < 2 or not np.all(np.isfinite(values)):
        return ()
    seen = _moments(values)
    hits = []
    for known in misconceptions_for(spec.id):
        kind = type(known.variant.__name__, (known.variant,), {"given_sigma": sigma})  # type: ignore[arg-type]
        source = kind(sigma) if spec.gain is None else kind()
        made = _moments(source(values.shape, fan_in, rng))
        if _alike(seen, made, values.size):
            hits.append(known)
    return named("forward", hits) or _of_another_family(values)


_FAMILIES: Mapping[Family, tuple[str, Lesson]] = {
    Family.UNIFORM: ("drawn-evenly", training.EVEN),
    Family.TRUNCATED: ("drawn-cut-off", training.CUT_OFF),
    Family.ABSOLUTE: ("drawn-signless", training.SIGNLESS),
    Family.TRIANGULAR: ("drawn-otherwise", training.OTHER_DISTRIBUTION),
    Family.LAPLACE: ("drawn-otherwise", training.OTHER_DISTRIBUTION),
    Family.EXPONENTIAL: ("drawn-otherwise", training.OTHER_DISTRIBUTION),
}


def _of_another_family(values: np.ndarray) -> tuple[Diagnosis, ...]:
    """The distribution that the values were drawn from, whatever their mean and spread."""
    name = _FAMILIES.get(family(values) or Family.GAUSSIAN)
    return () if name is None else (Diagnosis("forward", (Name(*name),), whole=False),)


def _moments(values: np.ndarray) -> tuple[float, float, float, bool]:
    """Mean, standard deviation, kurtosis; True where all values are one."""
    flat = values.astype(np.float64).ravel()
    mean, spread = float(flat.mean()), float(flat.std())
    if spread <= 1e-12 * abs(mean):
        return mean, 0.0, 0.0, True
    squares = np.square(flat - mean)
    return mean, spread, float(np.mean(squares * squares) / spread**4), False


def _alike(
    a: tuple[float, float, float, bool], b: tuple[float, float, float, bool], n: int
) -> bool:
    if a[3] or b[3]:
        return a[3] and b[3]
    error = 7 / n**0.5  # standard errors of a difference of two draws
    return (
        abs(a[1] / b[1] - 1) < error
        and abs(a[0] - b[0]) < 1.5 * error * b[1]
        and abs(a[2] - b[2]) < 0.3
    )


# -- iterators ------------------------------------------------------------------------------------


def diagnose_batches(
    spec: ItemSpec, passes: Sequence[Pass], results: Sequence[CheckResult]
) -> tuple[Diagnosis, ...]:
    """What is wrong with the batches, compared with what mistaken iterators do wrong."""
    found: list[Diagnosis] = []
    failed = {c.facet for c in results if c.status == model.FAILED}
    for facet in (f for f in spec.facets if f in failed):
        check = _CHECKS[facet]
        seen = [_kind(check(p)) for p in passes]
        if sum(k is not None for k in seen) < ENOUGH:
            continue
        hits = [
            m for m in misconceptions_for(spec.id)
            if facet in m.breaks
            and [_kind(check(_passed(m.variant, p))) for p in passes] == seen
        ]  # fmt: skip
        found += named(facet, hits)
    return tuple(found)


_CHECKS: Mapping[str, Callable[[Pass], Any]] = {
    "forward": minibatch.coverage,
    "shape": minibatch.batch_sizes,
    "repeat": minibatch.repeated,
}


def _kind(message: Any) -> str | None:
    return None if message is None else str(message.id)


def _passed(variant: Callable[..., Any], seen: Pass) -> Pass:
    """A pass of the variant over the same data, looked at as the student's was."""
    data: Data = seen.data
    one, other = (variant(data.x, data.y, data.batch_size, 3) for _ in range(2))
    made = Pass(data, list(one))
    if seen.again is not None:
        made.again = list(one)
    if seen.twin is not None:
        made.twin = list(other)
    made.length = None if seen.length is None else len(one)
    return made


# -- written answers ------------------------------------------------------------------------------

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
