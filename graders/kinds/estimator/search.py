"""How an estimator wants to be made, fitted and asked: a class with a method that takes rows and targets, and one
that takes rows.

What the constructor (or fit) takes is told by the lexicon: a learning rate, a number of iterations, a number of
neighbours. What is asked for is read from what its methods answer; only where these give nothing that fits are the
parameters read from what the object keeps, under a name that says it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

import numpy as np

from graders.binding.callsites import CallSites
from graders.binding.candidates import name_rank
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.moments import section_end
from graders.sandbox.session import CellError, Found, Session
from graders.specs import ItemSpec
from graders.specs.model import Targets

_SEED = 20  # for what is drawn in a fit: the same each time, and nothing that the grader draws
_SEEDS = f"(__import__('numpy').random.seed({_SEED}), __import__('random').seed({_SEED}))[0]"
MOST = 6  # candidates

_FIT = (r"fit", r"fit_\w+|\w+_fit", r"train\w*|learn\w*|build\w*")
_METHODS = {
    "predict": (
        r"predict",
        r"predict_?(y|labels?|class(es)?|values?|target|all|many|batch)|prediction|(y_?)?pred",
        r"classif(y|ication)|infer(ence)?|estimate|assign\w*|(get_?)?labels?",
    ),
    "transform": (
        r"transform",
        r"(?!fit|inv|back)\w*transform\w*",
        r"(?!re)(get_?)?\w*project\w*|reduce\w*|encode\w*|compress\w*|(get_?)?scores?|predict",
    ),
    "predict_proba": (r"predict_?proba\w*", r"predict_?prob\w*", r"\w*prob\w*|predict_?p"),
}
_VALIDATION = re.compile(r"\w*(val|valid\w*|test|dev|cv|eval)\w*", re.I)
# Settings whose name in the lexicon is another.
_ROLES = {"rate": "lr"}
_COEFFICIENTS = re.compile(
    r"_*(coef\w*|theta\w*|thita\w*|θ|w|weights?\w*|params?|parameters?|beta\w*)_*", re.I
)
# Older editions of the course said of `bias` that it leaves the intercept out.
_EITHER = re.compile(r"_*(bias|intercept)_*", re.I)
_INTERCEPT = re.compile(r"_*(b|b_?0|bias|intercept\w*|theta_?0|w_?0|const\w*)_*", re.I)


class Given(Enum):
    """What a parameter that is no setting is given."""

    TALKS = auto()  # whether it prints what it does
    FEATURES = auto()  # how many there are
    START = auto()  # weights to begin with


class Kept(Enum):
    """How an object keeps its parameters."""

    FIRST = auto()  # in one array, the intercept first
    LAST = auto()  # in one array, the intercept last
    APART = auto()  # weights, and the intercept beside them
    NONE = auto()  # weights, and no intercept


@dataclass(frozen=True)
class EstimatorPlan:
    """A way to use a class. `taken`: the setting of each parameter, in the constructor and in fit."""

    definition: Definition
    taken: Mapping[str, str]
    others: Mapping[str, Given | dict[str, Any]]  # of other parameters; a dict: a step's value
    fit: Callable_
    taken_by_fit: Mapping[str, str]
    answers: Mapping[str, Callable_]  # by facet
    taken_by_answers: Mapping[str, Mapping[str, str]]  # by facet
    as_of: int
    validation: tuple[str, ...] = ()  # the parameters of fit that take validation data ...
    validated: bool = False  # ... and whether they are given any in each fit
    column: bool = False  # targets are a column
    talks: bool = False  # it is asked to print what it does
    inverse: bool = False  # C is one over the penalty
    flipped: bool = False  # what is called bias says that there is none
    from_zero: bool = False  # classes of -1 and 1 are handed over as 0 and 1

    def takes(self, setting: str) -> bool:
        """True if the class can be told the setting."""
        return setting in self.option.values()

    @property
    def option(self) -> Mapping[str, str]:
        """The setting of each parameter that has one."""
        told = [self.taken, self.taken_by_fit, *self.taken_by_answers.values()]
        return {p: s for each in told for p, s in each.items()}

    @property
    def other_way(self) -> EstimatorPlan | None:
        """The same with `bias` as what leaves the intercept out; None if it has no parameter of that name."""
        either = any(s == "intercept" and _EITHER.fullmatch(p) for p, s in self.option.items())
        return replace(self, flipped=True) if either else None

    @property
    def call(self) -> str:
        """The constructor's call, for a report."""
        given = ", ".join(f"{p}={s}" for p, s in self.taken.items())
        return f"{self.definition.name}({given})"


@dataclass(frozen=True)
class Fit:
    """One object that is made, fitted and asked; `before`: other data that it is fitted to first."""

    settings: Mapping[str, float]
    x: np.ndarray
    y: np.ndarray
    asked: Sequence[tuple[str, np.ndarray]]  # facets with rows
    validation: tuple[np.ndarray, np.ndarray] | None = None
    before: tuple[np.ndarray, np.ndarray] | None = None


@dataclass
class Fitted:
    """What came of it: an answer for each question, in their order, or None; what the object keeps."""

    answers: list[np.ndarray | None]
    kept: list[Found] = field(default_factory=list)
    ran: bool = False  # fit ended
    error: CellError | None = None
    timed_out: bool = False
    died: str = ""


def estimator_candidates(spec: ItemSpec, definitions: Sequence[Definition]) -> list[Definition]:
    """Classes that can be fitted and asked: those that are called like the item first, of them the last ones."""
    found = []
    for definition in definitions:
        if definition.kind != "class" or _fit_of(spec, definition) is None:
            continue
        if not _answers_of(spec, definition):
            continue
        rank = name_rank(spec, definition.name)
        here = not spec.problems.isdisjoint(definition.section.problems)
        found.append(
            (rank is None, 0 if rank is None else rank, not here, -definition.order, definition)
        )
    return [entry[-1] for entry in sorted(found, key=lambda e: e[:4])][:MOST]


def _given(spec: ItemSpec) -> int:
    """How many arrays a fit is given: rows, and targets if there are any."""
    return 1 + (spec.targets is None or spec.targets.given)


def _fit_of(spec: ItemSpec, definition: Definition) -> Callable_ | None:
    for pattern in _FIT:
        for name, method in definition.methods.items():
            enough = len(method.parameters) >= _given(spec)
            if re.fullmatch(f"_*({pattern})", name, re.I) and enough:
                return method
    return None


def _answers_of(spec: ItemSpec, definition: Definition) -> dict[str, Callable_]:
    """The method for each facet that is one, and for `predict` in any case."""
    found: dict[str, Callable_] = {}
    for facet, patterns in _METHODS.items():
        if facet not in spec.facets and facet != "predict":
            continue
        for pattern in patterns:
            fits = [
                m for n, m in definition.methods.items()
                if re.fullmatch(f"_*({pattern})", n, re.I) and m.parameters
                and m not in found.values() and not _unknown(spec, m)
            ]  # fmt: skip
            if fits:
                found[facet] = fits[0]
                break
    return {f: m for f, m in found.items() if f in spec.facets}


def _unknown(spec: ItemSpec, method: Callable_) -> bool:
    """True if a method that answers needs more than rows and settings."""
    needed = [p.name for p in method.parameters[1:] if p.default is None]
    return any(all(_rank_in(spec, s, name) is None for s in spec.settings) for name in needed)


def _rank_in(spec: ItemSpec, setting: str, name: str) -> int | None:
    """How well a name says a setting, the spec's own patterns first; None if it does not."""
    own = any(p.fullmatch(name) for p in spec.settings[setting].names)
    return -1 if own else _rank(setting, name)


class EstimatorSearch:
    """Finds the way that a class is used as an estimator, and uses it."""

    def __init__(
        self, session: Session, sites: CallSites, spec: ItemSpec, definition: Definition
    ) -> None:
        self._session, self._sites = session, sites
        self._spec, self._definition = spec, definition

    def plans(self) -> Iterator[EstimatorPlan]:
        """The ways in the order in which they are tried."""
        spec, definition = self._spec, self._definition
        fit = _fit_of(spec, definition)
        assert fit is not None
        constructor = definition.constructor
        parameters = constructor.parameters if constructor is not None else ()
        taken = self._settings(parameters, ())
        rest = fit.parameters[_given(spec) :]  # after rows and targets
        by_fit = self._settings(rest, tuple(taken.values()))
        validation = tuple(
            p.name for p in rest if p.name not in by_fit and _VALIDATION.fullmatch(p.name)
        )[:2]
        needed = {p.name for p in rest if p.default is None}
        answers = _answers_of(spec, definition)
        had = (*taken.values(), *by_fit.values())
        by_answers = {f: self._settings(m.parameters[1:], had) for f, m in answers.items()}
        plan = EstimatorPlan(
            definition, taken, self._others(constructor, taken), fit, by_fit,
            answers, by_answers, section_end(self._session, definition),
            validation if len(validation) == 2 else (), needed >= set(validation) and bool(needed),
        )  # fmt: skip
        columns = (False, True) if spec.targets is None or spec.targets.given else (False,)
        told = (False, True) if plan.validation and not plan.validated else (plan.validated,)
        inverse = (False, True) if {"C", "c"} & plan.option.keys() else (False,)
        counted = (False, True) if spec.targets is Targets.SIDES else (False,)
        for c, v, i, z in itertools.product(columns, told, inverse, counted):
            yield replace(plan, column=c, validated=v, inverse=i, from_zero=z)

    def _settings(self, parameters: Sequence[Parameter], had: tuple[str, ...]) -> dict[str, str]:
        """The setting of each parameter that has one: each setting goes to the parameter whose name says it best."""
        found: dict[str, str] = {}
        for setting in self._spec.settings:
            if setting in had:
                continue
            ranked = []
            for place, parameter in enumerate(parameters):
                if parameter.name in found:
                    continue
                rank = _rank_in(self._spec, setting, parameter.name)
                if rank is not None:
                    ranked.append((rank, place, parameter.name))
            if ranked:
                found[min(ranked)[2]] = setting
        return found

    def _others(
        self, constructor: Callable_ | None, taken: Mapping[str, str]
    ) -> dict[str, Given | dict[str, Any]]:
        """What the other parameters are given: those that say how many features there are or ask for starting
        weights, that, and those without a default what the notebook gives them.
        """
        found: dict[str, Given | dict[str, Any]] = {}
        for parameter in constructor.parameters if constructor is not None else ():
            name = parameter.name
            if name in taken:
                continue
            if lexicon().is_a(name, "talks"):
                found[name] = Given.TALKS
            elif lexicon().is_a(name, "features"):
                found[name] = Given.FEATURES
            elif parameter.default is None:
                source = self._sites.expression(self._definition, constructor, name)
                if lexicon().is_a(name, "start_weights"):
                    found[name] = Given.START
                else:
                    found[name] = {"expr": source} if source else {"v": None}
        return found

    # -- running -------------------------------------------------------------------------

    def run(self, plan: EstimatorPlan, fits: Sequence[Fit]) -> list[Fitted]:
        """Each fit on an object of its own, all in one go; one that fails leaves the others alone."""
        arrays: list[np.ndarray] = []
        steps: list[dict[str, Any]] = []
        owner: list[
            tuple[int, bool]
        ] = []  # of each step: which fit, and whether it is the fit itself

        def put(step: dict[str, Any], number: int, is_fit: bool = False) -> None:
            steps.append({**step, "optional": True})
            owner.append((number, is_fit))

        def array(value: np.ndarray) -> dict[str, Any]:
            arrays.append(value)
            return {"a": len(arrays) - 1}

        seed = {"do": "hold", "out": "seed", "value": {"expr": _SEEDS}}
        for number, fit in enumerate(fits):
            me = f"m{number}"
            put(seed, number)
            where = {"name": plan.definition.name, "cell": plan.definition.cell, "out": me}
            given = {"kwargs": self._constructed(plan, fit, array)}
            put({"do": "make", **where, **given}, number)
            rounds = [(fit.x, fit.y, True)]
            if fit.before is not None:
                rounds.insert(0, (*fit.before, False))
            for x, y, last in rounds:
                put(seed, number)
                y = (y + 1) // 2 if plan.from_zero else y
                targets = [array(y[:, None] if plan.column else y)]
                args = [array(x), *targets[: _given(self._spec) - 1]]
                call = {"do": "call", "on": me, "method": plan.fit.name, "out": f"f{number}"}
                kwargs = {
                    p: self._value(plan, s, fit.settings[s], _parameter(plan.fit, p))
                    for p, s in plan.taken_by_fit.items() if s in fit.settings
                }  # fmt: skip
                told = fit.validation or ((x[::2], y[::2]) if plan.validated else None)
                if told is not None and plan.validation:
                    x_val, y_val = told
                    pair = (x_val, y_val[:, None] if plan.column else y_val)
                    kwargs |= {p: array(a) for p, a in zip(plan.validation, pair, strict=True)}
                put({**call, "args": args, "kwargs": kwargs}, number, last)
            for q, (facet, rows) in enumerate(fit.asked):
                if facet not in plan.answers:
                    continue
                method = plan.answers[facet]
                kwargs = {
                    p: self._value(plan, s, fit.settings[s], _parameter(method, p))
                    for p, s in plan.taken_by_answers[facet].items() if s in fit.settings
                }  # fmt: skip
                handed: dict[str, Any] = {"args": [array(rows)], "kwargs": kwargs}
                ask = {"do": "call", "on": me, "method": method.name, "out": "answer"}
                put({**ask, **handed, "keep": f"a{number}.{q}"}, number)
            put({"do": "harvest", "of": [me]}, number)
        outcome = self._session.run(steps, arrays, plan.as_of)
        made: list[Fitted] = []
        for number, fit in enumerate(fits):
            done = [
                ok
                for (n, is_fit), ok in zip(owner, outcome.outcomes, strict=False)
                if n == number and is_fit
            ]
            answers = [
                _answer(outcome.found, f"a{number}.{q}", len(rows))
                for q, (_, rows) in enumerate(fit.asked)
            ]
            kept = [replace(e, path=e.path[1:]) for e in outcome.found if e.path[0] == f"m{number}"]
            failed = outcome.failed_step
            mine = failed is not None and owner[failed][0] <= number
            made.append(
                Fitted(
                    answers, kept, bool(done) and done[0], outcome.error if mine else None,
                    outcome.timed_out and not done, outcome.died,
                )
            )  # fmt: skip
        return made

    def _constructed(self, plan: EstimatorPlan, fit: Fit, array: Any) -> dict[str, Any]:
        constructor = plan.definition.constructor
        given = {
            p: self._value(plan, s, fit.settings[s], _parameter(constructor, p))
            for p, s in plan.taken.items() if s in fit.settings
        }  # fmt: skip
        for name, described in plan.others.items():
            if described is Given.TALKS:
                given[name] = {"v": plan.talks}
            elif described is Given.FEATURES:
                given[name] = {"v": fit.x.shape[1]}
            elif described is Given.START:
                more = int(bool(fit.settings.get("intercept", 0)))
                given[name] = array(np.linspace(-0.5, 0.7, fit.x.shape[1] + more))
            else:
                given[name] = described
        return given

    def _value(
        self, plan: EstimatorPlan, setting: str, value: float, parameter: Parameter | None
    ) -> dict[str, Any]:
        """A setting as the parameter takes it."""
        if setting == "intercept" and parameter is not None:
            opposite = plan.flipped or lexicon().is_a(parameter.name, "no_intercept")
            on = bool(value) != opposite
            counted = parameter.default is not None and re.fullmatch(
                r"[01](\.0*)?", parameter.default
            )
            if not on and re.search(
                rf"\b{re.escape(parameter.name)} is (not )?None", plan.definition.source
            ):
                return {"v": None}  # that is how the class is told to leave it out
            return {"v": int(on) if counted else on}
        if setting == "penalty" and plan.inverse:
            return {"v": 1 / value if value else 1e12}
        return {
            "v": int(value)
            if float(value).is_integer()
            and setting not in ("rate", "penalty", "tolerance", "smoothing")
            else float(value)
        }


def _rank(setting: str, name: str) -> int | None:
    rank = lexicon().rank(name, _ROLES.get(setting, setting))
    if rank is None and setting == "intercept":
        rank = lexicon().rank(name, "no_intercept")
    if rank is None and setting == "penalty":
        rank = lexicon().rank(name, "inverse_penalty")
    return rank


def _parameter(target: Callable_ | None, name: str) -> Parameter | None:
    parameters = target.parameters if target is not None else ()
    return next((p for p in parameters if p.name == name), None)


def _answer(found: Sequence[Found], name: str, rows: int) -> np.ndarray | None:
    """What a method returned for so many rows: (N,), or (N, K) with more than one column; None if it gave nothing
    of that size, or several things.
    """
    entries = [e for e in found if e.path[0] == name]
    whole = [e for e in entries if len(e.path) == 1]
    if len(whole) == 1:
        value = whole[0].array
        if value.size == rows:
            return value.reshape(rows)
        if value.ndim == 2 and value.shape[0] == rows:
            return value
        return None
    single = [e for e in entries if e.array.size == 1]
    if len(single) == len(entries) == rows:
        return np.array([e.array.item() for e in single])
    return None


def kept_parameters(
    kept: Sequence[Found], features: int, intercept: bool
) -> Iterator[tuple[Kept, np.ndarray]]:
    """Readings of the parameters that an object keeps, the intercept first: one array for all, in either order, or
    weights and an intercept apart. The first array by such a name is looked at, no other.
    """
    own = [e for e in kept if isinstance(e.path[-1], str) and e.array.dtype.kind in "fiu"]
    own.sort(key=lambda e: len(e.path))
    named = [e for e in own if _COEFFICIENTS.fullmatch(str(e.path[-1]))]
    for entry in named:
        flat = entry.array.astype(np.float64).ravel()
        if flat.size == features + 1:
            yield Kept.FIRST, flat
            yield Kept.LAST, np.roll(flat, 1)
            return
        if flat.size == features:
            apart = [e for e in own if _INTERCEPT.fullmatch(str(e.path[-1])) and e.array.size == 1]
            apart.sort(key=lambda e: e.array.dtype.kind != "f")  # bias = 1 is the option
            numbers = [float(e.array.ravel()[0]) for e in apart]
            if numbers and intercept:
                yield Kept.APART, np.concatenate([numbers[:1], flat])
            yield Kept.NONE, np.concatenate([[0.0], flat])
            return
