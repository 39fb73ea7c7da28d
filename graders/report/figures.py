"""Arrays of a report as heat maps: rows of cells with numbers, colours and the worst one marked.

They are built from the report's plain data, so that a page can be made from a saved report, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.checks.model import shape_text
from graders.kinds.layer.gradients import LIMIT, distance

_LOW, _MIDDLE, _HIGH = (56, 116, 203), (255, 255, 255), (217, 119, 6)  # blue, white, orange


@dataclass(frozen=True)
class HeatCell:
    """One number: its text, its background and text colour, and whether it is the worst."""

    text: str
    background: str
    ink: str
    worst: bool


@dataclass(frozen=True)
class HeatMap:
    """A two-dimensional part of an array. `part` names the slice where there are more axes."""

    shape: str
    part: str
    columns: tuple[int, ...]
    rows: tuple[tuple[int, tuple[HeatCell, ...]], ...]

    @property
    def flat(self) -> bool:
        """True if the array has one axis or none, so that the row has no index."""
        return self.shape.endswith(",)") or self.shape == "()"


@dataclass(frozen=True)
class _Window:
    """Values with two axes, the index of the first of them, and the leading index."""

    values: np.ndarray
    start: tuple[int, int]
    leading: tuple[int, ...]
    whole: bool


def heat_maps(
    expected: dict[str, Any] | None,
    actual: dict[str, Any] | None,
    where: Sequence[int] | None,
) -> dict[str, HeatMap]:
    """Heat maps by name (expected, actual, difference) of what a check recorded."""
    windows = {
        name: _window(array, where)
        for name, array in (("expected", expected), ("actual", actual))
        if array is not None and array["values"] is not None
    }
    shapes = {"expected": expected, "actual": actual}
    found = {
        name: _heat_map(window, _shape(shapes[name]), where)
        for name, window in windows.items()
        if window.values.size
    }
    if len(found) == 2 and windows["expected"].values.shape == windows["actual"].values.shape:
        with np.errstate(all="ignore"):
            difference = windows["actual"].values - windows["expected"].values
        window = _Window(difference, windows["actual"].start, windows["actual"].leading, windows["actual"].whole)  # fmt: skip
        if _shape(expected) == _shape(actual):
            found["difference"] = _heat_map(window, _shape(actual), where)
    return found


def _shape(array: dict[str, Any] | None) -> str:
    shape = array["shape"] if array else []
    return f"({shape[0]},)" if len(shape) == 1 else "(" + ", ".join(map(str, shape)) + ")"


def _window(array: dict[str, Any], where: Sequence[int] | None) -> _Window:
    """The last two axes around the worst element."""
    values = np.array(_floats(array["values"]), dtype=np.float64)
    offset = [int(o) for o in array.get("offset") or [0] * values.ndim]
    at = list(where) if where is not None and len(where) == values.ndim else offset
    leading: list[int] = []
    while values.ndim > 2:
        inside = min(max(at[len(leading)] - offset[len(leading)], 0), len(values) - 1)
        leading.append(offset[len(leading)] + inside)
        values = values[inside]
    rest = offset[len(leading) :]
    start = (0, 0) if not rest else ((0, rest[0]) if len(rest) == 1 else (rest[0], rest[1]))
    whole = values.size == math.prod(array["shape"])
    return _Window(np.atleast_2d(values), start, tuple(leading), whole)


def _floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_floats(v) for v in value]
    return float(value)  # "NaN" and "Infinity" are strings in the report


@dataclass(frozen=True)
class SlopeRow:
    """One row of a gradient check. `where` is the element that was moved, empty for all of them."""

    where: str
    numeric: str
    analytic: str
    difference: str
    agrees: bool


def slope_rows(slopes: Sequence[dict[str, Any]]) -> list[SlopeRow]:
    """A gradient check as text: numeric against analytic, and how far they are apart."""
    rows = []
    for slope in slopes:
        numeric, analytic = float(slope["numeric"]), float(slope["analytic"])
        apart = distance(analytic, numeric)
        where = "" if slope["where"] is None else shape_text(tuple(slope["where"]))
        rows.append(SlopeRow(where, short(numeric), short(analytic), short(apart), apart <= LIMIT))
    return rows


def _heat_map(window: _Window, shape: str, where: Sequence[int] | None) -> HeatMap:
    values, (top, left) = window.values, window.start
    finite = np.abs(values[np.isfinite(values)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    last = tuple(where[-2:]) if where is not None else ()
    worst = (0, last[0]) if len(last) == 1 else last
    rows = []
    for i, row in enumerate(values):
        cells = tuple(
            HeatCell(short(v), *_colours(float(v), scale), worst=(top + i, left + j) == worst)
            for j, v in enumerate(row)
        )
        rows.append((top + i, cells))
    columns = tuple(range(left, left + values.shape[1]))
    return HeatMap(shape, "" if window.whole else _part(window), columns, tuple(rows))


def _part(window: _Window) -> str:
    (top, left), (height, width) = window.start, window.values.shape
    sides = [*map(str, window.leading), f"{top}:{top + height}", f"{left}:{left + width}"]
    return "[" + ", ".join(sides) + "]"


def short(value: float) -> str:
    """A number of at most some seven characters."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{value:.4g}"
    if "e" in text:
        mantissa, _, power = text.partition("e")
        text = f"{float(mantissa):.2g}e{int(power)}"
    return text.replace("-", "−")


def _colours(value: float, scale: float) -> tuple[str, str]:
    """Background between blue, white and orange by the value's share of the largest; its ink."""
    if not math.isfinite(value):
        return "#4a4a4a", "#ffffff"
    share = max(-1.0, min(1.0, value / scale))
    end = _HIGH if share > 0 else _LOW
    mixed = [round(m + (e - m) * abs(share) * 0.75) for m, e in zip(_MIDDLE, end, strict=True)]
    return "#" + "".join(f"{c:02x}" for c in mixed), "#111111"


def confusion_map(rows: Sequence[Sequence[int]]) -> HeatMap:
    """A confusion matrix as a heat map: each row's share of the colour, right answers framed.

    The last column (called something that is no digit) is left out where it is empty.
    """
    array = np.array(rows)
    if not array[:, -1].any():
        array = array[:, :-1]
    cells = []
    for i, row in enumerate(array):
        total = max(int(row.sum()), 1)
        cells.append((i, tuple(
            HeatCell(str(n), *_colours(n / total if i == j else -n / total, 1.0), worst=False)
            for j, n in enumerate(row)
        )))  # fmt: skip
    return HeatMap("", "", tuple(range(array.shape[1])), tuple(cells))


@dataclass(frozen=True)
class Curve:
    """A line in a drawing 600 wide and 200 high, with the values at its ends and its extremes."""

    points: str
    first: str
    last: str
    low: str
    high: str
    n: int


def curve_of(values: Sequence[float | str]) -> Curve | None:
    """A learning curve; None for fewer than two finite values. At most 300 points are drawn."""
    floats = np.array([float(v) for v in values], dtype=np.float64)
    if np.isfinite(floats).sum() < 2:
        return None
    n = len(floats)
    kept = np.unique(np.linspace(0, n - 1, min(n, 300)).astype(int))
    kept = kept[np.isfinite(floats[kept])]
    low, high = float(floats[kept].min()), float(floats[kept].max())
    span = high - low or 1.0
    xs, ys = 600 * kept / max(n - 1, 1), 200 * (1 - (floats[kept] - low) / span)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    ends = short(float(floats[kept[0]])), short(float(floats[kept[-1]]))
    return Curve(points, *ends, short(low), short(high), n)


@dataclass(frozen=True)
class GrowthPlot:
    """How a count grows with a size, in a drawing 150 wide and 60 high whose lower edge is zero."""

    name: str
    order: int
    points: tuple[tuple[str, str], ...]
    reference: tuple[tuple[str, str], ...]
    sizes: tuple[int, ...]
    highest: str

    @property
    def line(self) -> str:
        """The points as an SVG polyline has them."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def reference_line(self) -> str:
        """The reference's points."""
        return " ".join(f"{x},{y}" for x, y in self.reference)


def growth_plot(growth: dict[str, Any]) -> GrowthPlot | None:
    """The drawing of one growth of a report; None for fewer than two sizes."""
    sizes, values = growth["sizes"], growth["values"]
    reference = growth.get("reference", [])
    if len(sizes) < 2 or len(values) != len(sizes):
        return None
    top, right = max([1, *values, *reference]), max(sizes)

    def placed(heights: Sequence[int]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (f"{150 * size / right:.1f}", f"{60 * (1 - height / top):.1f}")
            for size, height in zip(sizes, heights, strict=False)
        )

    name, order = str(growth["name"]), int(growth["order"])
    return GrowthPlot(name, order, placed(values), placed(reference), tuple(sizes), f"{top:,}")
