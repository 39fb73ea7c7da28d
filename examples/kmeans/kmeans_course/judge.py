"""The judge of the kind ``clustering``: is what a class found a solution, whichever it is?

Points are drawn round K places in the grader, after the student's code is loaded, and
are all that is sent to it. What comes back is judged by what makes a solution one:

* `centres`: each centre is the mean of the points that are nearest to it;
* `labels`: predict tells new points apart as their nearest centres do, in any numbering;
* `restarts`: the sum of squared distances is as small as the best of many starts has it;
* `repeat`: a fit on other data is one on that data alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.api import (
    Binding,
    Calls,
    CheckResult,
    Context,
    Definition,
    Diagnosis,
    ItemResult,
    ItemSpec,
    Name,
    Outcome,
    both,
    candidates,
    differs,
    explained,
    passed,
    raised,
    verdict,
    wrong,
)
from kmeans_course import lessons
from kmeans_course.clustering import KMeans, distances

CASES = 3
OVERLAP = 4.0  # of the clouds, whose places are about 10 apart: it takes several steps to settle
HARD_CASES = 9  # one start finds the best with 45 %: of all of them less than once in a thousand
SECONDS = 20.0  # for one fit: plain loops over points and starts are slow, not wrong
CLOSE = 1e-6  # of the spread of the data; a class that stops at a tolerance is asked for 1e-9
WORSE = 1.001  # a solution with a larger sum than this times the best is another one

# What parameters of the constructor may be called, and what they are given.
_PARAMETERS: tuple[tuple[str, Callable[[int, int], Any]], ...] = (
    (r"k|n_?(k|clusters?|centers|centres)|num_?clusters?|clusters?", lambda k, starts: k),
    (r"n_?init\w*|n_?starts?|restarts?|n_?trials?", lambda k, starts: starts),
    (r"(max_?|n_?)?(iter\w*|steps?|epochs?)|max_?iter\w*", lambda k, starts: 300),
    (r"tol\w*|eps\w*|threshold", lambda k, starts: 1e-9),
    (r"verbose|plot|show\w*|debug", lambda k, starts: False),
    (r"seed|random_?\w*", lambda k, starts: 0),
)
# Names of the two methods, likeliest first.
_FIT = ("fit", "train|learn|run", "cluster(ing)?")
_PREDICT = ("predict", "classify|(get_?)?labels?|assign\\w*", "transform")


@dataclass(frozen=True)
class Way:
    """How a class is used."""

    definition: Definition
    arguments: dict[str, Any]
    fit: str
    predict: str
    several: bool  # it has a parameter for the number of starts


@dataclass
class Case:
    """Points to fit and new ones to tell apart, and what a class made of them."""

    x: np.ndarray
    new: np.ndarray
    best: np.ndarray  # the centres of the best solution
    outcome: Outcome = field(default_factory=Outcome)

    def sse(self, centres: np.ndarray) -> float:
        """The sum of squared distances to the nearest of the centres that these settle at: whether
        they have settled is another question.
        """
        settled = KMeans(len(centres)).settled(self.x, centres)
        return float(distances(self.x, settled).min(axis=1).sum())

    def means(self, centres: np.ndarray, mean: Callable[..., Any] = np.mean) -> np.ndarray:
        """The mean of each centre's points; NaN where there are none."""
        nearest = distances(self.x, centres).argmin(axis=1)
        own = [self.x[nearest == k] for k in range(len(centres))]
        return np.array([mean(p, axis=0) if len(p) else np.full(p.shape[1], np.nan) for p in own])

    def settled(self, centres: np.ndarray, mean: Callable[..., Any] = np.mean) -> bool:
        """True if each centre is the mean of its points."""
        means = self.means(centres, mean)
        there = np.isfinite(means)
        off = np.abs(np.where(there, means - centres, 0.0))
        return bool(there.any(axis=1).all() and off.max() <= CLOSE * np.ptp(self.x))

    def centres(self) -> np.ndarray | None:
        """What the class keeps that may be its centres, a solution if there is one."""
        shape = self.best.shape
        found = list(_kept(self.outcome, shape))
        return next((c for c in found if self.settled(c)), found[0] if found else None)

    def labels(self) -> np.ndarray | None:
        """What predict gave: a number a point."""
        entries = [e for e in self.outcome.found if e.path[0] == "labels"]
        for entry in entries:
            if entry.array.size == len(self.new) > 1:
                return entry.array.ravel()
        if len(entries) == len(self.new) and all(e.array.size == 1 for e in entries):
            return np.array([e.array.item() for e in entries])
        return None


def judge(item: ItemSpec, context: Context) -> ItemResult:
    """The verdict on a class with fit and predict."""
    options = item.options
    results = []
    for definition in candidates(item, context):
        way = _way(definition, options["clusters"], options["starts"])
        if way is None:
            continue
        made = _Checks(item, context, way)
        checks = list(made.run())
        call = ", ".join(f"{name}={value}" for name, value in way.arguments.items())
        binding = Binding(
            definition.name, definition.cell, f"{definition.name}({call})", f"{way.fit}(X)",
            f"{way.predict}(X)",
        )  # fmt: skip
        result = verdict(item, checks, binding)
        results.append(explained(result, made.diagnoses))
        if results[-1].status == "passed":
            break
    if not results:
        return context.absent(item, [])
    return max(results, key=lambda r: r.score)


def _way(definition: Definition, clusters: int, starts: int) -> Way | None:
    """How the class wants to be used, by the names of its methods and parameters."""
    fit, predict = _method(definition, _FIT), _method(definition, _PREDICT)
    if fit is None or predict is None:
        return None
    arguments: dict[str, Any] = {}
    several = False
    parameters = definition.constructor.parameters if definition.constructor else ()
    for parameter in parameters:
        for i, (pattern, value) in enumerate(_PARAMETERS):
            if re.fullmatch(pattern, parameter.name, re.I):
                arguments[parameter.name] = value(clusters, starts)
                several = several or i == 1
                break
        else:
            if parameter.default is None:
                arguments[parameter.name] = None
    return Way(definition, arguments, fit, predict, several)


def _method(definition: Definition, patterns: tuple[str, ...]) -> str | None:
    """The likeliest method that can be given the points alone."""
    for pattern in patterns:
        for name, method in definition.methods.items():
            if re.fullmatch(f"_*({pattern})", name, re.I) and len(method.required) <= 1:
                return name if method.parameters else None
    return None


class _Checks:
    def __init__(self, item: ItemSpec, context: Context, way: Way) -> None:
        self._item, self._context, self._way = item, context, way
        self._rng = context.rng(f"{item.id}/{way.definition.order}")
        self._names: dict[str, Name] = {}  # of the mistakes that were seen, by facet

    def run(self) -> Iterator[CheckResult]:
        """A check a facet, in the order of the spec."""
        cases = [self._run(self._draw()) for _ in range(CASES)]
        made: dict[str, Callable[[], CheckResult]] = {
            "centres": lambda: self._centres(cases),
            "labels": lambda: self._labels(cases),
            "restarts": self._restarts,
            "repeat": lambda: self._repeat(cases),
        }
        for facet in self._item.facets:
            yield made[facet]()

    def diagnoses(self) -> list[Diagnosis]:
        """What explains the facets that failed, where the numbers say it."""
        return [Diagnosis(facet, (name,)) for facet, name in self._names.items()]

    # -- cases -------------------------------------------------------------------------------

    def _draw(self, like: np.ndarray | None = None, noise: float = OVERLAP) -> Case:
        """New points; `like` others, they have as many features and are three times as wide."""
        options, rng = self._item.options, self._rng
        k, wide = options["clusters"], 1.0 if like is None else 3.0
        n, d = (int(rng.integers(low, high + 1)) for low, high in _ranges(options))
        if like is not None:
            d = like.shape[1]
        # Places on the diagonals of a cube, moved a little: far from each other, in no order.
        corners = rng.permutation(2**d * 2)[:k]
        places = np.array([[(c >> i & 1) * 10 + (c >> d) * 25 for i in range(d)] for c in corners])
        places = (places + rng.uniform(-1, 1, (k, d)) + rng.uniform(-40, 40, d)) * wide

        def points(count: int) -> np.ndarray:
            return np.asarray(
                places[rng.integers(0, k, count)] + rng.normal(0, wide * noise, (count, d))
            )

        # Each place has a few points at least.
        x = np.concatenate([points(n), *(p + rng.normal(0, wide * noise, (4, d)) for p in places)])
        best = KMeans(k, starts=40, seed=int(rng.integers(2**31)))
        best.fit(x)
        return Case(x, points(25), best.centres)

    def _run(self, case: Case, before: np.ndarray | None = None) -> Case:
        """The case with what the class makes of it, after a fit on other data if there is any."""
        way = self._way
        calls = Calls(self._context).make(way.definition, **way.arguments)
        if before is not None:
            calls.call(way.fit, before)
        calls.call(way.fit, case.x, keep="fit").collect("self")
        calls.call(way.predict, case.new, keep="labels", optional=True)
        return replace(case, outcome=calls.run(SECONDS))

    def _no_fit(self, facet: str, case: Case) -> CheckResult | None:
        """The exception of fit, if that is why there is nothing."""
        if any(e.path[0] == "self" for e in case.outcome.found):
            return None
        name = self._way.definition.name
        return raised(facet, f"{name}.{self._way.fit}(X)", case.outcome)

    # -- facets ------------------------------------------------------------------------------

    def _centres(self, cases: list[Case], facet: str = "centres") -> CheckResult:
        for case in cases:
            none = self._no_fit(facet, case)
            if none is not None:
                return none
            centres = case.centres()
            if centres is None:
                return wrong(facet, both(
                    "After fit nothing is kept that has the shape of the centres, {shape}.",
                    "fit の後に、中心点の形状 {shape} を持つものが見つからない。",
                    shape=str(case.best.shape),
                ))  # fmt: skip
            if not case.settled(centres):
                means = case.means(centres)
                if np.isnan(means).any():
                    return wrong(facet, both(
                        "After fit a centre has no points at all: none is nearest to it.",
                        "fit の後に、所属する点が1つもない中心点がある。",
                    ))  # fmt: skip
                if case.settled(centres, np.median):
                    self._names[facet] = Name("kmeans-median", lessons.MEAN)
                what = both(
                    "A centre (it should be the mean of the points nearest to it)",
                    "中心点（最も近い点の平均であるべきもの）",
                )
                return differs(facet, what, centres, means, case.x)
        return passed(facet, both(
            "Each centre is the mean of its points, for {n} sets of points.",
            "{n} 組の点について、中心点が所属する点の平均になっている。",
            n=len(cases),
        ))  # fmt: skip

    def _labels(self, cases: list[Case]) -> CheckResult:
        facet = "labels"
        call = f"{self._way.definition.name}.{self._way.predict}(X)"
        for case in cases:
            none = self._no_fit(facet, case)
            if none is not None:
                return none
            labels = case.labels()
            if labels is None:
                if case.outcome.error is not None or not case.outcome.ok:
                    return raised(facet, call, case.outcome)
                return wrong(facet, both(
                    "{call} does not give one number a point.",
                    "{call} が点ごとに1つの番号を返していない。",
                    call=call,
                ))  # fmt: skip
            own = case.centres()
            nearest = distances(case.new, case.best if own is None else own).argmin(axis=1)
            if len(set(nearest.tolist())) == 1:
                return wrong(facet, both(
                    "The centres that fit leaves tell no points apart: one is the nearest to all.",
                    "fit の後の中心点では点を区別できない: すべての点に最も近い中心点が同じである。",
                ))  # fmt: skip
            if not _same_groups(labels, nearest):
                farthest = distances(case.new, case.best if own is None else own).argmax(axis=1)
                if _same_groups(labels, farthest):
                    self._names[facet] = Name("kmeans-farthest", lessons.LABELS)
                at = _first_apart(labels, nearest)
                return wrong(facet, both(
                    "Points {i} and {j} have the same nearest centre: {same}. By their numbers: {said}.",
                    "点 {i} と点 {j} の最も近い中心点が同じか: {same}。返された番号によれば: {said}。",
                    i=at[0], j=at[1], same=_yes(nearest, at), said=_yes(labels, at),
                ))  # fmt: skip
        return passed(facet, both(
            "New points get the number of their nearest centre.",
            "新しい点に、最も近い中心点の番号が付いている。",
        ))  # fmt: skip

    def _restarts(self) -> CheckResult:
        facet = "restarts"
        if not self._way.several:
            return wrong(facet, both(
                "The constructor of {name} has no parameter for the number of starts (n_init).",
                "{name} のコンストラクタに、初期値を変えて実行する回数（n_init）の引数がない。",
                name=self._way.definition.name,
            ))  # fmt: skip
        for _ in range(HARD_CASES):
            case = self._run(self._draw(noise=1.0))
            none = self._no_fit(facet, case)
            if none is not None:
                return none
            centres = case.centres()
            best = case.sse(case.best)
            if centres is None or case.sse(centres) > WORSE * best:
                return wrong(facet, both(
                    "With n_init = {n} the sum of squared distances is {sse}, and {best} can be had: is the best of all starts kept?",
                    "n_init = {n} で距離の二乗和が {sse} になったが、{best} まで小さくできる。全ての初期値の中で最良の結果を残しているか。",
                    n=self._item.options["starts"], best=f"{best:.6g}",
                    sse="—" if centres is None else f"{case.sse(centres):.6g}",
                ))  # fmt: skip
        return passed(facet, both(
            "The best of several starts is kept.", "複数の初期値の中で最良の結果が残っている。"
        ))  # fmt: skip

    def _repeat(self, cases: list[Case]) -> CheckResult:
        """Fit on narrow data, then on wider data, whose sum can't be as small."""
        first = cases[0]
        if self._no_fit("repeat", first) is None and self._centres(cases).status != "passed":
            return replace(passed("repeat", both("", "")), status="skipped", message=both(
                "Not checked: a first fit does not give the centres.",
                "確認していない: 1回目の fit で中心点が得られない。",
            ))  # fmt: skip
        second = self._run(self._draw(first.x), before=first.x)
        check = self._centres([second], "repeat")
        now = second.centres()
        if now is not None and first.settled(now):
            self._names["repeat"] = Name("kmeans-best-ever", lessons.KEPT)
        if check.status == "passed":
            return passed("repeat", both(
                "A fit on other data gives the centres of that data.",
                "別のデータで fit し直すと、そのデータの中心点になる。",
            ))  # fmt: skip
        return replace(check, message=both(
            "Right on the first fit, but not on a second one with other data: {reason}",
            "1回目の fit は正しいが、別のデータによる2回目の fit は正しくない: {reason}",
            reason=check.message,
        ))  # fmt: skip


def _ranges(options: Any) -> Iterator[tuple[int, int]]:
    for name in ("samples", "features"):
        low, high = options[name]
        yield low, high


def _kept(outcome: Outcome, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Arrays of the instance with the shape of the centres, turned round, or as a list of rows."""
    k, d = shape
    rows: dict[tuple[str | int, ...], list[np.ndarray]] = {}
    for entry in outcome.found:
        if entry.path[0] != "self" or entry.array.dtype.kind not in "fiu":
            continue
        if entry.array.shape == (k, d):
            yield entry.array.astype(float)
        elif entry.array.shape == (d, k):
            yield entry.array.T.astype(float)
        elif entry.array.shape == (d,) and isinstance(entry.path[-1], int):
            rows.setdefault(entry.path[:-1], []).append(entry.array.astype(float))
    for listed in rows.values():
        if len(listed) == k:
            yield np.array(listed)


def _same_groups(a: np.ndarray, b: np.ndarray) -> bool:
    """True if both tell the same points apart, whatever their numbers are."""
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist()))


def _first_apart(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """Two points of which one says that they are in one group and the other that they are not."""
    differ = (a[:, None] == a[None, :]) != (b[:, None] == b[None, :])
    i, j = np.argwhere(differ)[0]
    return int(i), int(j)


def _yes(groups: np.ndarray, at: tuple[int, int]) -> Any:
    same = groups[at[0]] == groups[at[1]]
    return both("yes", "はい") if same else both("no", "いいえ")
