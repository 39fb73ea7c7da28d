"""Why an initialiser failed: what the statistics of drawn weights tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graders.diagnosis.known import misconceptions_for
from graders.diagnosis.lessons import training
from graders.diagnosis.naming import named
from graders.kinds.initializer.statistics import Family, family
from graders.misconceptions import Diagnosis, Lesson, Name
from graders.specs import ItemSpec


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
