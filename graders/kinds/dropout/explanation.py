"""Why a dropout failed: what its calls show beside what mistaken ones show, made with the same probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis.known import misconceptions_of
from graders.diagnosis.naming import named
from graders.kinds.dropout.checks import ALL_RUNS, DropoutChecks, depends, mask_of
from graders.misconceptions import Diagnosis, Misconception, Variant
from graders.specs import ItemSpec

_NEAR = 1e-6
_SHARE = 0.06  # two shares of a run that are nearer than this may be one
_RUNS = 4  # that are laid beside a mistaken one


class _Back(Enum):
    """What a result kept of what was given."""

    ALL = auto()
    SAME = auto()  # as the training before it
    OTHER = auto()


@dataclass(frozen=True)
class _Seen:
    """What one run shows, in numbers that don't depend on what was drawn; None: it shows nothing of that kind.

    `scale` is that of training, `together` whether samples or elements of one sample were left out together;
    of the way back and of testing what was kept and the number beside it.
    """

    share: float
    scale: float | None
    together: tuple[bool, bool]
    back: tuple[_Back, float] | None
    test: tuple[_Back, float] | None
    redrawn: bool


def diagnose_dropout(
    spec: ItemSpec, checks: DropoutChecks, results: Sequence[CheckResult], rng: np.random.Generator
) -> tuple[Diagnosis, ...]:
    """The mistake that explains each facet that went wrong in all runs."""
    runs = [run for run in checks.ran[:_RUNS] if run.train.entries]
    if len(runs) < _RUNS:
        return ()
    mine = [
        _seen(run.x, run.dy, *(s.entries[0].array if s.entries else None
                               for s in (run.train, run.back, run.again, run.test)))
        for run in runs
    ]  # fmt: skip
    found: list[Diagnosis] = []
    shown: dict[tuple[Variant, bool], list[_Seen]] = {}
    for facet in dict.fromkeys(c.facet for c in results if c.status == model.FAILED):
        hits: list[Misconception] = []
        for known in misconceptions_of(spec):
            if facet not in known.breaks:
                continue
            for inverted in (True, False):
                key = (known.variant, inverted)
                if key not in shown:
                    shown[key] = [
                        _mistaken(known.variant, inverted, 1 - q, run.x, run.dy, rng)
                        for run, q in zip(runs, checks.kept, strict=False)
                    ]
                if all(_alike(facet, a, b) for a, b in zip(mine, shown[key], strict=True)):
                    hits.append(known)
        found += named(facet, hits)
    return tuple(found)


def _mistaken(
    variant: Variant,
    inverted: bool,
    drop: float,
    x: np.ndarray,
    dy: np.ndarray,
    rng: np.random.Generator,
) -> _Seen:
    one = variant(drop, inverted, rng)
    train = one.forward(x)
    back = one.backward(dy)
    again = one.forward(x)
    return _seen(x, dy, train, back, again, one.forward(x, training=False))


def _seen(
    x: np.ndarray,
    dy: np.ndarray,
    train: np.ndarray | None,
    back: np.ndarray | None,
    again: np.ndarray | None,
    test: np.ndarray | None,
) -> _Seen:
    mask = mask_of(x, train) if train is not None else None
    second = mask_of(x, again) if again is not None else None
    if mask is None:
        return _Seen(0.0, None, (False, False), None, None, True)
    together = (depends([mask.kept], 0) > ALL_RUNS, depends([mask.kept], 1) > ALL_RUNS)
    redrawn = second is None or not np.array_equal(second.kept, mask.kept)
    return _Seen(
        mask.share,
        mask.scale,
        together,
        _way(dy, back, mask.kept),
        _way(x, test, mask.kept),
        redrawn,
    )


def _way(
    given: np.ndarray, result: np.ndarray | None, kept: np.ndarray
) -> tuple[_Back, float] | None:
    """What a result did to what was given: left out nothing, what training left out, or something else."""
    mask = mask_of(given, result) if result is not None else None
    if mask is None:
        return None
    if np.all(mask.kept):
        return _Back.ALL, mask.scale
    return (_Back.SAME if np.array_equal(mask.kept, kept) else _Back.OTHER), mask.scale


def _alike(facet: str, one: _Seen, other: _Seen) -> bool:
    if one.scale is None or other.scale is None:
        return False
    says: Mapping[str, bool] = {
        "forward": (any(one.together) or abs(one.share - other.share) < _SHARE)
        and _near(one.scale, other.scale)
        and one.together == other.together,
        "dX": _same_way(one.back, other.back) and _near(one.scale, other.scale),
        "test": _same_way(one.test, other.test) and _near(one.scale, other.scale),
        "repeat": one.redrawn == other.redrawn,
    }
    return says.get(facet, False)


def _same_way(one: tuple[_Back, float] | None, other: tuple[_Back, float] | None) -> bool:
    if one is None or other is None:
        return False
    return one[0] == other[0] and _near(one[1], other[1])


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= _NEAR * max(abs(a), abs(b))
