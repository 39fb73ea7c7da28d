"""What an estimator's spec has to have, how its data is drawn, and that its classes are what is asked of them.

Such a class is made with the spec's ``settings`` and has ``fit(x, y)`` and a method for each facet that is one,
``predict(x)`` and ``predict_proba(x)``. What descends has all that `reference.Descent` has, of which ``losses``,
``slopes`` and ``predict`` are to be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Targets
from graders.specs.references import found_reference

ANSWERS = ("predict", "predict_proba")  # facets that are methods
SIZES = {"N": "samples", "D": "features"}
_NEW = 30  # rows that are asked about


@dataclass(frozen=True)
class Rows:
    """Data to fit, and new rows of the same kind."""

    x: np.ndarray  # (N, D)
    y: np.ndarray  # (N,)
    new: np.ndarray  # (M, D)
    truth: np.ndarray  # (M,), without noise


def settings_of(item: ItemSpec, rng: np.random.Generator) -> dict[str, float]:
    """The settings of a case that are drawn."""
    return {
        name: round(float(rng.uniform(*setting.between)), 3)
        for name, setting in item.settings.items() if setting.between is not None
    }  # fmt: skip


def drawn(item: ItemSpec, number: int, rng: np.random.Generator) -> Rows:
    """The data of a case; sizes change from case to case.

    Numbers lie on a plane, with noise; classes are drawn by their distance to one. The first of two cases has the slopes
    of the other with the other sign, so that nothing fits both that does not look at the targets.
    """
    n, d = (item.sizes[name][number % 2] for name in SIZES)
    x = rng.normal(rng.uniform(-0.5, 0.5, d), rng.uniform(0.8, 1.2, d), (n + _NEW, d))
    signs = np.where(np.arange(d) % 2, 1.0, -1.0) * (-1) ** number
    slopes = signs * rng.uniform(1, 2.5, d)
    plane = x @ slopes - signs[0] * rng.uniform(1, 2)
    if item.targets is Targets.NUMBERS:
        y = plane + rng.normal(0, 0.3, len(x))
        return Rows(x[:n], y[:n], x[n:], plane[n:])
    plane -= np.median(plane[:n]) - rng.uniform(-0.5, 0.5)
    classes = (rng.random(len(x)) < 1 / (1 + np.exp(-plane))).astype(int)
    return Rows(x[:n], classes[:n], x[n:], (plane[n:] > 0).astype(int))


def check_estimator(document: Document, item: ItemSpec) -> None:
    """That the item has what its manner needs, and that each class of it can be fitted and asked.

    Raises:
        SpecError: with file, line, key and what went wrong.
    """
    if not item.reference or item.manner is None:
        raise document.error((), "an estimator needs reference and manner")
    for size, of in SIZES.items():
        if item.sizes.get(size, (0, 0))[0] < 1:
            raise document.error(("sizes",), f"an estimator needs the size {size!r}, the {of}")
    if item.sizes["N"][0] < 10:
        raise document.error(
            ("sizes", "N"), "is to be at least 10, so that there is something to fit"
        )
    if item.targets is None:
        raise document.error((), "an estimator needs targets: numbers or classes")
    for name, setting in item.settings.items():
        if setting.between is not None and setting.between[0] > setting.between[1]:
            raise document.error(
                ("settings", name, "between"), "the range is empty; expected [smallest, largest]"
            )
    named: list[tuple[tuple[str | int, ...], str]] = [(("reference",), item.reference)]
    named += [(("forms", i, "reference"), f.reference) for i, f in enumerate(item.forms)]
    named += [(("misconceptions", i, "variant"), s.variant) for i, s in enumerate(item.slips)]
    for path, reference in named:
        try:
            _try(found_reference(document, reference, path), item)
        except Exception as error:  # whatever an author's class raises
            raise document.error(
                path, f"{reference} is no estimator: {type(error).__name__}: {error}"
            ) from error


def _try(estimator: Any, item: ItemSpec) -> None:
    rng = np.random.default_rng(0)
    settings, rows = settings_of(item, rng), drawn(item, 0, rng)
    one = estimator(**settings)
    one.iterations = 2
    with np.errstate(all="ignore"):
        theta = one.step(np.zeros(rows.x.shape[1] + 1), rows.x, rows.y)
        if np.shape(theta) != (rows.x.shape[1] + 1,):
            raise ValueError(
                f"step gave shape {np.shape(theta)}; expected {(rows.x.shape[1] + 1,)}"
            )
        float(one.cost(theta, rows.x, rows.y))
        one.fit(rows.x, rows.y)
        for facet in ANSWERS:
            if facet in item.facets:
                given = np.shape(getattr(one, facet)(rows.new))
                if given != (len(rows.new),):
                    raise ValueError(f"{facet} gave shape {given} for {len(rows.new)} rows")
