"""Judges initialisers: what they draw for a large layer, by its statistics."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.binding.arguments import (
    Arguments,
    Choice,
    candidates,
    method_named,
)
from graders.binding.best import best_of
from graders.binding.candidates import Candidate, Reason
from graders.binding.choice import Contender
from graders.binding.definitions import Definition
from graders.binding.initializer_roles import BIAS_METHODS
from graders.binding.moments import section_end
from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished, noted
from graders.judging.turns import in_turn
from graders.kinds.initializer import statistics
from graders.kinds.initializer.calls import (
    DEFAULT_SIGMA,
    N_IN,
    N_OUT,
    InitializerCall,
    InitializerPlan,
    bias_call,
    draws,
    plans_of,
    weight_calls,
    weight_method,
)
from graders.kinds.initializer.deviations import deviations, takes_deviation
from graders.kinds.initializer.drawing import drawn
from graders.kinds.initializer.explanation import diagnose_draw
from graders.kinds.initializer.statistics import Sample
from graders.messages import M, Message
from graders.sandbox.session import CellError, Found, Outcome
from graders.specs import ItemSpec

MAX_TRIES = 40
MAX_DEVIATIONS = 8
REDRAWN = ("W3", "W4")


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
    undrawn: Message | None = None  # what shows that the weights are no draws
    bias_wrong: Message | None = None
    bias_error: CellError | None = None
    redrawn: list[np.ndarray] = field(default_factory=list)  # by other instances, unseeded
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
        found = candidates(spec, self._context.definitions, draws, takes_scheme=True)
        sigma = round(float(self._context.rng(spec.id).uniform(0.2, 0.6)), 3)
        choice = self._context.choice(spec)
        known: list[Contender[tuple[Candidate, Trial]]] = []
        near: list[tuple[Candidate, CellError | None]] = []
        turns = in_turn(
            self._session,
            found,
            lambda c: self._best(spec, c.definition, sigma),
            lambda trial: trial is not None and trial.exact,
        )
        for candidate, trial, rest in turns:
            if trial is None:
                near.append((candidate, CellError("", "no way to call it was found")))
                continue
            near.append((candidate, trial.error))
            meant = self._context.at_home(spec, candidate) or Reason.SCHEMES in candidate.reasons
            if not trial.exact and not meant:
                continue
            known.append(
                Contender(
                    candidate.definition,
                    trial.score,
                    6.0,
                    (candidate, trial),
                    trial.exact,
                    self._context.is_called(spec, candidate),
                )
            )
            left = (c.definition for c in rest)
            if trial.exact and choice.settled(candidate.definition, left):
                break
        answer = choice.answer(known)
        best = answer.contender.found if answer is not None else self._by_deviation(spec)
        if best is None or best[1].weight is None:
            return self._context.absent(spec, near)
        result = self._result(spec, *best)
        return result if answer is None else noted(result, self._context.told(answer))

    def _by_deviation(self, spec: ItemSpec) -> tuple[Candidate, Trial] | None:
        """The scheme as a number that the notebook's plain initialiser is constructed with."""
        plain = [d for d in reversed(self._context.definitions) if takes_deviation(d) and draws(d)]
        if spec.gain is None or not plain:
            return None
        weight, bias = weight_method(plain[0]), method_named(plain[0], BIAS_METHODS)
        assert weight is not None
        calls = [c for c in weight_calls(weight, DEFAULT_SIGMA) if c[1] == (N_IN, N_OUT)]
        if not calls:
            return None
        arguments, shape, fans, out = calls[0]
        of_bias = None if bias is None else bias_call(bias, shape, out, False, DEFAULT_SIGMA)
        call = InitializerCall(weight.name, arguments)
        plans = (
            InitializerPlan(
                Arguments((Choice({"expr": source}, source),)), call, of_bias, shape, fans, out,
                DEFAULT_SIGMA,
            )
            for _, source in deviations(spec, self._context.definitions, fans[0])
        )  # fmt: skip
        trials = (
            self._run(spec, plain[0], p, None) for p in itertools.islice(plans, MAX_DEVIATIONS)
        )
        best = best_of(trials, lambda trial: (trial.score,))
        return None if best is None else (Candidate(plain[0], 0.0, Reason.NAME), best)

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
        trials = self._trials(spec, definition, sigma)
        return best_of(trials, lambda trial: (trial.score,), lambda trial: trial.exact)

    def _trials(self, spec: ItemSpec, definition: Definition, sigma: float) -> Iterator[Trial]:
        moments: list[int | None] = [None, section_end(self._session, definition)]
        tries = 0
        for plan in plans_of(spec, definition, sigma, self._context):
            for as_of in moments:
                tries += 1
                trial = self._run(spec, definition, plan, as_of)
                yield trial
                if trial.weight is not None:
                    break
            if tries >= MAX_TRIES:
                return

    def _run(
        self, spec: ItemSpec, definition: Definition, plan: InitializerPlan, as_of: int | None
    ) -> Trial:
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
        seeded = len(steps)
        steps.append({"do": "unseeded", "optional": True})
        for label in REDRAWN:  # on a new instance each: an object may be good for one call only
            if plan.construct is not None:
                steps.append(
                    {"do": "make", "name": definition.name, "cell": definition.cell,
                     "out": "self", "optional": True, **plan.construct.step}
                )  # fmt: skip
            steps.append(
                {"do": "call", **on, **plan.weight.step, "out": label, "keep": label,
                 "optional": True}
            )  # fmt: skip
            if plan.layer:
                steps.append({"do": "harvest", "label": f"{label}:", "of": ["layer"]})
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
        if failed is not None and failed >= seeded:
            failed = None
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


# -- reading and judging ----------------------------------------------------------------------


def _read(trial: Trial, plan: InitializerPlan, outcome: Outcome) -> None:
    """The arrays that were drawn: returned, or left on the layer."""
    total = math.prod(plan.shape)
    returned = [e for e in outcome.found if e.path[0] == "W" and e.kind != "scalar"]
    kept = [e for e in outcome.found if e.path[0] == "layer" and e.kind != "scalar"]
    whole = [e for e in [*returned, *kept] if e.array.size == total] or returned[:1]
    if whole:
        trial.weight = whole[0].array
    for label in REDRAWN:
        drawn = [
            e for e in outcome.found
            if e.path[0] in (label, f"{label}:layer") and e.kind != "scalar"
            and e.array.size == total
        ]  # fmt: skip
        trial.redrawn += [e.array for e in drawn[:1]]
    bias = [e for e in outcome.found if e.path[0] == "B"]
    bias = bias or [e for e in [*returned, *kept] if e not in whole and _is_bias(e, plan)]
    if bias:
        trial.bias = bias[0].array


def _is_bias(entry: Found, plan: InitializerPlan) -> bool:
    return entry.array.size == plan.bias_size and entry.array.dtype.kind in "fiu"


def _judge(spec: ItemSpec, plan: InitializerPlan, trial: Trial) -> None:
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
        trial.undrawn = trial.weight_wrong if weight.dtype.kind != "f" else None
    else:
        stds = (
            [plan.sigma] if spec.gain is None else [math.sqrt(spec.gain / f) for f in plan.fan_ins]
        )
        verdicts = [statistics.gaussian(Sample(weight, std), what) for std in stds]
        trial.weight_wrong = None if None in verdicts else verdicts[0]
        trial.undrawn = drawn(weight, trial.redrawn, what)
        trial.weight_wrong = trial.weight_wrong or trial.undrawn
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
            if trial.undrawn is not None:
                yield model.skipped(facet, facet, M("Not checked: nothing is drawn."))
                continue
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
