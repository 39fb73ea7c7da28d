"""Judges initialisers: what they draw for a large layer, by its statistics."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.binding.arguments import (
    OMIT,
    Arguments,
    Choice,
    candidates,
    literal,
    method_named,
    schemes,
    takes_any_number,
    ways,
)
from graders.binding.candidates import Candidate
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import BIAS_METHODS, BOTH_METHODS, WEIGHT_METHODS, role_of
from graders.binding.layer_search import section_end
from graders.checks import model, statistics
from graders.checks.model import CheckResult
from graders.checks.statistics import Sample
from graders.diagnosis.small import diagnose_draw
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.messages import M, Message
from graders.sandbox.session import CellError, Found, Outcome
from graders.specs import ItemSpec

N_IN, N_OUT = 400, 300
DEFAULT_SIGMA = 0.01  # of the sprint's text, where a class takes no sigma
_FILTERS = {3: (24, 30, 40), 4: (14, 16, 11, 13), 5: (3, 10, 11, 13, 7)}
MAX_TRIES = 40


@dataclass
class Trial:
    """One way to call an initialiser and what it drew."""

    construct: Arguments | None
    call: str
    bias_call: str = ""
    error: CellError | None = None
    late: bool = False
    died: str = ""
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    fan_in: int = 1
    sigma: float = DEFAULT_SIGMA
    shape_wrong: Message | None = None
    weight_wrong: Message | None = None
    bias_wrong: Message | None = None
    bias_error: CellError | None = None
    notes: list[Message] = field(default_factory=list)

    @property
    def score(self) -> int:
        """How much is right; 0 where nothing was drawn."""
        if self.weight is None:
            return 0
        right = [self.shape_wrong is None, self.weight_wrong is None, self.bias_right]
        return 1 + 2 * right[1] + 2 * right[0] + right[2]

    @property
    def bias_right(self) -> bool:
        """True if nothing speaks against the bias."""
        return self.bias_wrong is None and self.bias_error is None

    @property
    def exact(self) -> bool:
        """True if all of it is right."""
        return self.score == 6


class InitializerJudge:
    """Judges the initialiser items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session = context.session

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on an initialiser."""
        found = candidates(spec, self._context.definitions, _draws, takes_scheme=True)
        sigma = round(float(self._context.rng(spec.id).uniform(0.2, 0.6)), 3)
        best: tuple[Candidate, Trial] | None = None
        near: list[tuple[Candidate, CellError | None]] = []
        for candidate in found:
            trial = self._best(spec, candidate.definition, sigma)
            if trial is None:
                near.append((candidate, CellError("", "no way to call it was found")))
                continue
            near.append((candidate, trial.error))
            meant = self._context.at_home(spec, candidate) or "its schemes" in candidate.why
            if not trial.exact and not meant:
                continue
            if best is None or trial.score > best[1].score:
                best = candidate, trial
            if trial.exact:
                break
        if best is None or best[1].weight is None:
            return self._context.absent(spec, near)
        return self._result(spec, *best)

    def _result(self, spec: ItemSpec, candidate: Candidate, trial: Trial) -> ItemResult:
        name = candidate.definition.name
        construct = "" if trial.construct is None else f"{name}({trial.construct.text})"
        binding = Binding(
            name,
            candidate.definition.cell,
            construct,
            "; ".join(c for c in (trial.call, trial.bias_call) if c),
            notes=tuple(trial.notes),
        )
        result = finished(spec, list(_checks(spec, trial)), binding)
        rng = self._context.rng(f"{spec.id}/diagnosis")
        return explained(
            result,
            lambda: (
                diagnose_draw(spec, trial.weight, trial.fan_in, trial.sigma, rng)
                if trial.weight_wrong is not None
                else ()
            ),
        )

    # -- the search ----------------------------------------------------------------------

    def _best(self, spec: ItemSpec, definition: Definition, sigma: float) -> Trial | None:
        best: Trial | None = None
        moments: list[int | None] = [None, section_end(self._session, definition)]
        tries = 0
        for plan in _plans(spec, definition, sigma, self._context):
            for as_of in moments:
                tries += 1
                trial = self._run(spec, definition, plan, as_of)
                if best is None or trial.score > best.score:
                    best = trial
                if trial.weight is not None:
                    break
            if tries >= MAX_TRIES or (best is not None and best.exact):
                break
        return best

    def _run(self, spec: ItemSpec, definition: Definition, plan: _Plan, as_of: int | None) -> Trial:
        steps: list[dict[str, Any]] = []
        on: dict[str, Any] = {"name": definition.name, "cell": definition.cell}
        if plan.construct is not None:
            steps.append({"do": "make", **on, "out": "self", **plan.construct.step})
            on = {"on": "self"}
        steps.append({"do": "call", **on, **plan.weight.step, "out": "W", "keep": "W"})
        if plan.bias is not None:
            place = len(steps)
            steps.append(
                {"do": "call", **on, **plan.bias.step, "out": "B", "keep": "B", "optional": True}
            )
        else:
            place = -1
        if plan.layer:
            steps.append({"do": "harvest", "label": "", "of": ["layer"]})
        again = len(steps)
        if plan.construct is not None:
            steps.append({"do": "call", **on, **plan.weight.step, "out": "W2", "optional": True})
        outcome = self._session.run(steps, [], as_of)
        trial = Trial(
            plan.construct,
            plan.weight.text,
            plan.bias.text if plan.bias else "",
            fan_in=plan.fan_ins[0],
            sigma=plan.sigma,
        )
        trial.late, trial.died = outcome.timed_out, outcome.died
        failed = outcome.failed_step
        if outcome.error is not None and failed is not None and failed not in (place, again):
            trial.error = outcome.error
        if place >= 0 and failed == place:
            trial.bias_error = outcome.error
        _read(trial, plan, outcome)
        if trial.weight is None:
            if trial.error is None:
                trial.error = CellError("", "it returns no array")
            return trial
        if failed == again:
            trial.notes.append(M("It can be used only once: a second call raises an exception."))
        _judge(spec, plan, trial)
        return trial


# -- plans ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Call:
    method: str
    arguments: Arguments

    @property
    def step(self) -> dict[str, Any]:
        return {**({"method": self.method} if self.method else {}), **self.arguments.step}

    @property
    def text(self) -> str:
        return f"{self.method}({self.arguments.text})"


@dataclass(frozen=True)
class _Plan:
    construct: Arguments | None
    weight: _Call
    bias: _Call | None
    shape: tuple[int, ...]  # of W
    fan_ins: tuple[int, ...]  # any of these is right
    bias_size: int
    sigma: float  # given, or the default
    layer: bool = False


def _draws(definition: Definition) -> bool:
    """True if it may be an initialiser: a class with such a method, or a function."""
    if definition.kind == "function":
        return definition.function is not None
    if {"fit", "forward", "backward"} & definition.methods.keys():
        return False
    return _weight_method(definition) is not None


def _weight_method(definition: Definition) -> Callable_ | None:
    return method_named(definition, WEIGHT_METHODS) or method_named(definition, BOTH_METHODS)


def _plans(
    spec: ItemSpec, definition: Definition, sigma: float, context: Context
) -> Iterator[_Plan]:
    if definition.kind == "function":
        assert definition.function is not None
        name = ""
        for arguments, shape, fans, _ in _weight_calls(definition.function, sigma):
            given = sigma if f"{sigma}" in arguments.text else DEFAULT_SIGMA
            yield _Plan(None, _Call(name, arguments), None, shape, fans, shape[-1], given)
        return
    weight = _weight_method(definition)
    assert weight is not None
    bias = method_named(definition, BIAS_METHODS)
    for arguments, shape, fans, out in _weight_calls(weight, sigma):
        layer = any("layer" in c.value for c in arguments.args)
        bias_call = None if bias is None else _bias_call(bias, shape, out, layer, sigma)
        for construct in _constructs(spec, definition, sigma, shape, context):
            given = sigma if f"{sigma}" in f"{construct.text}, {arguments.text}" else DEFAULT_SIGMA
            yield _Plan(
                construct, _Call(weight.name, arguments), bias_call, shape, fans, out, given, layer
            )


def _constructs(
    spec: ItemSpec, definition: Definition, sigma: float, shape: tuple[int, ...], context: Context
) -> Iterator[Arguments]:
    n_in, n_out = (shape[0], shape[-1]) if len(shape) == 2 else (math.prod(shape[1:]), shape[0])
    named = [Choice({"v": s}, repr(s)) for s in schemes(spec, definition)]
    given, fan_in, fan_out = _number(sigma), _number(n_in), _number(n_out)
    whole = Choice({"tuple": [{"v": n} for n in shape]}, str(shape))

    def options(parameter: Parameter) -> Sequence[Choice]:
        role = role_of(parameter.name)
        required = parameter.default is None
        if role == "sigma":
            usual = [given, fan_in] if required else [given, OMIT]
            if spec.gain is not None:
                usual = [given, fan_in] if required else [OMIT]
                return [*named, *usual]
            return usual
        if role == "in":
            return [fan_in]
        if role == "out":
            return [fan_out]
        if role == "shape":
            return [whole]
        if role == "size":
            return [fan_in, fan_out] if required else [fan_in, OMIT]
        if not required:
            return [*named, OMIT]
        return [*named, given, fan_in, fan_out]

    yield from ways(definition.constructor, options)
    if spec.gain is None:  # with a sigma of the notebook's own nothing could be said
        return
    yield from literal(context.sites, definition)


def _number(value: float | int) -> Choice:
    return Choice({"v": value}, str(value))


def _weight_calls(
    target: Callable_, sigma: float
) -> Iterator[tuple[Arguments, tuple[int, ...], tuple[int, ...], int]]:
    """(arguments, W's shape, right fan-ins, size of B), likeliest first."""
    dense = (N_IN, N_OUT)
    pair = Choice({"tuple": [{"v": n} for n in dense]}, str(dense))
    if takes_any_number(target) and not target.required:
        numbers = tuple(_number(n) for n in dense)
        yield Arguments(numbers), dense, (N_IN,), N_OUT
        return
    sized = [p for p in target.parameters if role_of(p.name) in ("in", "out", "size", "")]
    sized = [p for p in sized if p.default in (None, "None", "1")]
    values: dict[str, Choice] = {}
    shape: tuple[int, ...] = dense
    fans: tuple[int, ...] = (N_IN,)
    out = N_OUT
    if len(sized) == 1 and target.required == (sized[0],):
        (only,) = sized
        attributes = _attributes(target, only.name)
        if attributes:
            known = {
                a: {"v": {"in": N_IN, "out": N_OUT}[r]}
                for a in attributes
                if (r := role_of(a)) in ("in", "out")
            }
            yield (
                Arguments((Choice({"layer": known, "as": "layer"}, "layer"),)),
                dense, fans, out,
            )  # fmt: skip
            return
        yield Arguments((pair,)), dense, fans, out
        yield Arguments((_number(N_IN * N_OUT),)), (N_IN * N_OUT,), (N_IN * N_OUT,), N_OUT
        return
    if len(sized) == 2:
        roles = [role_of(p.name) for p in sized]
        sizes = (N_OUT, N_IN) if roles == ["out", "in"] else dense
        shape = sizes
        values = {p.name: _number(n) for p, n in zip(sized, sizes, strict=True)}
    elif len(sized) in _FILTERS:
        shape = _FILTERS[len(sized)]
        values = {p.name: _number(n) for p, n in zip(sized, shape, strict=True)}
        outs = [n for p, n in zip(sized, shape, strict=True) if role_of(p.name) == "out"]
        total = math.prod(shape)
        out = outs[0] if len(outs) == 1 else shape[0]
        fans = tuple(total // n for n in (outs or shape))

    def options(parameter: Parameter) -> Sequence[Choice]:
        if parameter.name in values:
            return [values[parameter.name]]
        role = role_of(parameter.name)
        if role == "sigma":
            return [_number(sigma)]
        if role == "shape":
            return [pair]
        return []

    for arguments in ways(target, options, 4):
        yield arguments, shape, fans, out


def _bias_call(
    target: Callable_, shape: tuple[int, ...], out: int, layer: bool, sigma: float
) -> _Call:
    if takes_any_number(target) and not target.required:
        return _Call(target.name, Arguments((_number(out),)))
    sized = [p for p in target.parameters if role_of(p.name) in ("in", "out", "size", "")]
    if layer and len(sized) == 1 and _attributes(target, sized[0].name):
        return _Call(target.name, Arguments((Choice({"h": "layer"}, "layer"),)))

    def options(parameter: Parameter) -> Sequence[Choice]:
        role = role_of(parameter.name)
        if role == "sigma":
            return [_number(sigma)] if parameter.default is None else [OMIT]
        if role == "shape":
            return [Choice({"tuple": [{"v": out}]}, f"({out},)")]
        if parameter.default is not None and parameter.default != "None":
            return [OMIT]
        if role == "in" and len(sized) > 1:
            return [_number(shape[0])]
        if len(sized) == 2 and role != "out" and parameter is sized[0]:
            return [_number(shape[0] if len(shape) == 2 else 1)]
        return [_number(out)]

    return _Call(target.name, next(ways(target, options, 1)))


def _attributes(target: Callable_, name: str) -> set[str]:
    """What is read of a parameter: ``layer.n_nodes1``."""
    return {
        n.attr
        for n in ast.walk(target.node)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name
    }


# -- reading and judging ----------------------------------------------------------------------


def _read(trial: Trial, plan: _Plan, outcome: Outcome) -> None:
    """The arrays that were drawn: returned, or left on the layer."""
    total = math.prod(plan.shape)
    returned = [e for e in outcome.found if e.path[0] == "W" and e.kind != "scalar"]
    kept = [e for e in outcome.found if e.path[0] == "layer" and e.kind != "scalar"]
    whole = [e for e in [*returned, *kept] if e.array.size == total] or returned[:1]
    if whole:
        trial.weight = whole[0].array
    bias = [e for e in outcome.found if e.path[0] == "B"]
    bias = bias or [e for e in [*returned, *kept] if e not in whole and _is_bias(e, plan)]
    if bias:
        trial.bias = bias[0].array


def _is_bias(entry: Found, plan: _Plan) -> bool:
    return entry.array.size == plan.bias_size and entry.array.dtype.kind in "fiu"


def _judge(spec: ItemSpec, plan: _Plan, trial: Trial) -> None:
    assert trial.weight is not None
    weight, what = trial.weight, M("W")
    if weight.shape != plan.shape:
        trial.shape_wrong = M(
            "{call} returns an array of shape {actual}, expected {expected}.",
            call=trial.call,
            actual=model.shape_text(weight.shape),
            expected=model.shape_text(plan.shape),
        )
    if weight.size < 1000 or weight.dtype.kind != "f":
        trial.weight_wrong = M(
            "{call} should return {n} random numbers, but returns {actual}.",
            call=trial.call,
            n=math.prod(plan.shape),
            actual=weight.size,
        )
    else:
        stds = (
            [plan.sigma] if spec.gain is None else [math.sqrt(spec.gain / f) for f in plan.fan_ins]
        )
        verdicts = [statistics.gaussian(Sample(weight, std), what) for std in stds]
        trial.weight_wrong = None if None in verdicts else verdicts[0]
    bias = trial.bias
    if bias is None:
        if plan.bias is not None and trial.bias_error is None:
            trial.bias_wrong = M("{call} returns no array.", call=trial.bias_call)
        return
    if bias.size not in (plan.bias_size, 1):
        trial.shape_wrong = trial.shape_wrong or M(
            "{call} returns an array of shape {actual}, expected {expected}.",
            call=trial.bias_call or trial.call,
            actual=model.shape_text(bias.shape),
            expected=model.shape_text((plan.bias_size,)),
        )
    trial.bias_wrong = statistics.plausible_bias(bias, M("B"))
    if trial.bias_wrong is None and bias.size > 1:
        trial.notes.append(
            M("B starts with the standard deviation {std}.", std=model.number(np.std(bias)))
        )


def _checks(spec: ItemSpec, trial: Trial) -> Iterator[CheckResult]:
    for facet in spec.facets:
        if facet == "shape":
            wrong = trial.shape_wrong
            right = M("The shapes are right.")
        else:
            wrong = trial.weight_wrong
            right = M(
                "The mean, the standard deviation and the form of the distribution are right."
            )
            if wrong is None and trial.bias_error is not None:
                yield model.raised(facet, facet, trial.bias_call, trial.bias_error, False, "")
                continue
            wrong = wrong or trial.bias_wrong
        if wrong is None:
            yield model.passed(facet, facet, right)
        else:
            yield CheckResult(facet, facet, model.FAILED, wrong)
