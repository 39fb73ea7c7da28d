"""What an estimator's spec has to have, how its data is drawn, and that its classes are what is asked of them.

Such a class is made with the spec's ``settings`` and has ``fit(x, y)`` and a method for each facet that is one,
``predict(x)`` and ``predict_proba(x)``. What descends has all that `reference.Descent` has, of which ``losses``,
``slopes`` and ``predict`` are to be written. What has centres has ``step``, ``nearest`` and ``distances``, as `reference.KMeans` has; what finds
a margin ``settle``, ``scores``, ``support`` and ``pace``, as `reference.WidestMargin` has. What finds components has ``transform``, as
`reference.PrincipalComponents` has, or ``variances`` and ``ratios`` besides, as `reference.ExplainedVariance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.specs.document import Document
from graders.specs.model import ItemSpec, Manner, Targets
from graders.specs.references import found_reference
from graders.specs.tasks.task import Task

_ALONE = (Manner.CENTRES, Manner.COMPONENTS)  # what is found without targets
ANSWERS = ("predict", "predict_proba")  # facets that are methods
SIZES = {"N": "samples", "D": "features"}
_GROUPED = (Targets.GROUPS, Targets.UNEVEN, Targets.NOTHING)
_KINDS = "K"  # the size that says how many groups there are
_DRAWS = 200  # of a cloud, until ...
_APART = 1.15  # ... one variance is so many times the next
_NEW = 30  # rows that are asked about ...
_MORE = 150  # ... and where each answer is only a class ...
_WIDE = 300  # ... that two lines near each other share


@dataclass(frozen=True)
class Rows:
    """Data to fit, and new rows of the same kind."""

    x: np.ndarray  # (N, D)
    y: np.ndarray  # (N,)
    new: np.ndarray  # (M, D)
    truth: np.ndarray  # (M,), without noise


def settings_of(item: ItemSpec, rng: np.random.Generator, number: int = 0) -> dict[str, float]:
    """The settings of a case that are drawn, or chosen in turn."""
    found: dict[str, float] = {}
    for name, setting in item.settings.items():
        if setting.between is not None:
            found[name] = round(float(rng.uniform(*setting.between)), 3)
        elif setting.choose:
            found[name] = setting.choose[number % len(setting.choose)]
    return found


def drawn(item: ItemSpec, number: int, rng: np.random.Generator) -> Rows:
    """The data of a case; sizes change from case to case."""
    n, d = (item.sizes[name][number % 2] for name in SIZES)
    if item.targets is Targets.BOXES:
        return _boxes(n, d, rng)
    if item.targets is Targets.SIDES:
        return _sides(n, d, rng)
    if item.targets is Targets.CLOUD:
        return _cloud(n, d, rng)
    if item.targets in _GROUPED:
        uneven = item.targets is Targets.UNEVEN
        return _groups(n, d, item.sizes[_KINDS][number % 2], rng, uneven)
    return _along_a_plane(item.targets, number, n, d, rng)


def _along_a_plane(
    targets: Targets | None, number: int, n: int, d: int, rng: np.random.Generator
) -> Rows:
    """Numbers lie on a plane, with noise; classes are drawn by their distance to one. The first of two cases has the
    slopes of the other with the other sign, so that nothing fits both that does not look at the targets.
    """
    x = rng.normal(rng.uniform(-0.5, 0.5, d), rng.uniform(0.8, 1.2, d), (n + _NEW, d))
    signs = np.where(np.arange(d) % 2, 1.0, -1.0) * (-1) ** number
    slopes = signs * rng.uniform(1, 2.5, d)
    plane = x @ slopes - signs[0] * rng.uniform(1, 2)
    if targets is Targets.NUMBERS:
        y = plane + rng.normal(0, 0.3, len(x))
        return Rows(x[:n], y[:n], x[n:], plane[n:])
    plane -= np.median(plane[:n]) - rng.uniform(-0.5, 0.5)
    classes = (rng.random(len(x)) < 1 / (1 + np.exp(-plane))).astype(int)
    return Rows(x[:n], classes[:n], x[n:], (plane[n:] > 0).astype(int))


def _groups(n: int, d: int, k: int, rng: np.random.Generator, uneven: bool = False) -> Rows:
    """Overlapping groups, each of every kind among the fitted rows, whose features differ in spread and are
    no mirror images of themselves, so that a mean is no median.
    """
    of = np.arange(n) % k
    if uneven:
        shares = 1.5 ** np.arange(k)
        more = rng.choice(k, max(n - 3 * k, 0), p=shares / shares.sum())
        of = np.concatenate([np.arange(min(n, 3 * k)) % k, more])
    of = rng.permutation(of)
    of = np.concatenate([of, rng.integers(0, k, _MORE)])
    spread = rng.uniform(0.7, 1.4, (k, d))
    middles = rng.normal(0, 1.2, (k, d))
    x = middles[of] + spread[of] * (rng.exponential(1, (len(of), d)) - 1)
    return Rows(x[:n], of[:n], x[n:], of[n:])


def _boxes(n: int, d: int, rng: np.random.Generator) -> Rows:
    """Boxes of a tree of three splits on each way, whose last halves are of different classes."""
    of = rng.integers(0, 8, n + _MORE)
    of[:n] = rng.permutation(np.arange(n) % 8)
    x = rng.uniform(-2, 2, (len(of), d))
    axes = rng.integers(0, d, 7)
    for leaf in range(8):
        mine = of == leaf
        low, high = np.full(d, -2.0), np.full(d, 2.0)
        node = 0
        for level in (2, 1, 0):
            upper = leaf >> level & 1
            axis = axes[node]
            middle = low[axis] + (high[axis] - low[axis]) * (0.4 + 0.05 * node % 0.2)
            (low if upper else high)[axis] = middle
            node = 2 * node + 1 + upper
        x[mine] = low + (high - low) * (x[mine] + 2) / 4
    flips = rng.integers(0, 2, 4)
    y = (of + flips[of // 2]) % 2
    return Rows(x[:n], y[:n], x[n:], y[n:])


def _sides(n: int, d: int, rng: np.random.Generator) -> Rows:
    """-1 and 1 on two sides of a plane through the origin, unlike in number, with a gap; new rows are anywhere."""
    across = rng.normal(size=d)
    across /= np.linalg.norm(across)
    y = rng.permutation(np.where(np.arange(n) < n * rng.choice([0.35, 0.65]), 1, -1))
    along = rng.normal(0, 1.3, (n, d))
    along -= np.outer(along @ across, across)
    x = along + np.outer(y * (0.7 + rng.exponential(0.8, n)), across)
    new = rng.uniform(-3, 3, (_WIDE, d))
    return Rows(x, y, new, np.where(new @ across > 0, 1, -1))


def _cloud(n: int, d: int, rng: np.random.Generator) -> Rows:
    """Rows that are spread unlike in each direction, so that there is one order of them, away from the origin."""
    for _ in range(_DRAWS):
        turned, _ = np.linalg.qr(rng.normal(size=(d, d)))
        along = (rng.exponential(1, (n + _NEW, d)) - 1) * 2 * 0.65 ** np.arange(d)
        x = along @ turned.T * rng.uniform(0.6, 1.6, d)
        if min(_gaps(x[:n])) > _APART and min(_gaps(x[:n] / x[:n].std(axis=0))) > _APART:
            break
    x += rng.choice([-1.0, 1.0], d) * rng.uniform(1, 3, d)
    return Rows(x[:n], np.zeros(n), x[n:], np.zeros(_NEW))


def _gaps(x: np.ndarray) -> list[float]:
    """How many times the next smaller one each variance is, along the directions of the largest."""
    values = np.linalg.eigvalsh(np.cov(x.T))
    return [float(v) for v in values[1:] / values[:-1]]


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
        kinds = ", ".join(t.value for t in Targets)
        raise document.error((), f"an estimator needs targets: {kinds}")
    if item.targets in _GROUPED and _KINDS not in item.sizes:
        raise document.error(("sizes",), f"groups need the size {_KINDS!r}, how many there are")
    if (item.manner in _ALONE) is item.targets.given:
        reason = "centres and components are found without targets; everything else needs some"
        raise document.error(("targets",), reason)
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
    assert item.manner is not None
    rng = np.random.default_rng(0)
    settings, rows = settings_of(item, rng), drawn(item, 0, rng)
    with np.errstate(all="ignore"):
        if item.manner in _TRIES:
            _TRIES[item.manner](estimator(**settings), rows)
        one = estimator(**settings)
        one.fit(*((rows.x, rows.y) if item.targets and item.targets.given else (rows.x,)))
        for facet in ANSWERS:
            if facet in item.facets:
                _shaped(facet, getattr(one, facet)(rows.new), rows.new.shape[:1])
        if "explained_variance" in item.facets:
            _shaped("variances", one.variances(), (one.components,))
            _shaped("ratios", one.ratios(), (one.components,))


def _try_descent(one: Any, rows: Rows) -> None:
    one.iterations = 2
    theta = np.zeros(rows.x.shape[1] + 1)
    _shaped("step", one.step(theta, rows.x, rows.y), theta.shape)
    float(one.cost(theta, rows.x, rows.y))


def _try_centres(one: Any, rows: Rows) -> None:
    centres = rows.x[: one.clusters]
    _shaped("step", one.step(centres, rows.x), centres.shape)
    _shaped("nearest", one.nearest(centres, rows.x), rows.x.shape[:1])
    _shaped("distances", one.distances(centres, rows.x), (len(rows.x), len(centres)))


def _shaped(method: str, value: Any, shape: tuple[int, ...]) -> None:
    if np.shape(value) != shape:
        raise ValueError(f"{method} gave shape {np.shape(value)}; expected {shape}")


def _try_margin(one: Any, rows: Rows) -> None:
    one.settle(rows.x, rows.y)
    _shaped("scores", one.scores(rows.new), rows.new.shape[:1])
    np.asarray(one.support, dtype=int)
    type(one)(**one.pace(rows.x, rows.y))


def _try_components(one: Any, rows: Rows) -> None:
    one.fit(rows.x)
    shape = (len(rows.new), one.components)
    _shaped("transform", one.transform(rows.new), shape)


_TRIES = {
    Manner.DESCENT: _try_descent,
    Manner.CENTRES: _try_centres,
    Manner.MARGIN: _try_margin,
    Manner.COMPONENTS: _try_components,
}
"""What a manner asks of a class besides."""


TASK = Task(
    "an estimator",
    keys=("forms", "misconceptions", "manner", "targets", "settings"),
    facets=lambda item: (
        "fit",
        "predict",
        "predict_proba",
        "intercept",
        "regularisation",
        "loss",
        "val_loss",
        "support_vectors",
        "transform",
        "explained_variance",
        "repeat",
    ),
    check=check_estimator,
)
