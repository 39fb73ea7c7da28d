"""Why a function of sizes failed: what the numbers that it gave tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.lessons import sizes
from graders.diagnosis.naming import named
from graders.kinds.function.search import FunctionTrial
from graders.kinds.function.slips import slips_of
from graders.misconceptions import Diagnosis, Lesson, Name
from graders.specs import ItemSpec

ENOUGH = 2

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
