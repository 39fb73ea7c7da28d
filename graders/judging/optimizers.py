"""Judges optimisers: how the weights move over several steps with known gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from graders.binding.accumulating import may_add_up
from graders.binding.arguments import candidates
from graders.binding.candidates import Candidate, layer_candidates
from graders.binding.choice import Contender
from graders.binding.definitions import Definition
from graders.binding.layer_search import BoundLayer, section_end
from graders.binding.optimizer_roles import Evidence, read_evidence
from graders.binding.optimizer_search import OptimizerSearch, Trial, may_optimize
from graders.binding.plans import LayerPlan
from graders.checks import model, updates
from graders.checks.layer_runs import LayerRuns
from graders.checks.model import CheckResult
from graders.diagnosis.optimizers import diagnose_optimizer
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.judging.turns import in_turn
from graders.messages import M, Message
from graders.sandbox.session import CellError
from graders.specs import ItemSpec

MAX_TRIES = 60  # calls for one candidate
MAX_LAYERS = 3
_WHAT = {"W": M("W"), "b": M("The bias")}


class OptimizerJudge:
    """Judges the optimiser items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session = context.session

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on an optimiser."""
        context = self._context
        layer = context.sprint.item(spec.driven_by)
        found = candidates(spec, context.definitions, may_optimize, takes_scheme=True)
        layers = layer_candidates(layer, context.definitions)
        evidence = read_evidence([c.definition for c in layers], context.definitions)
        bound = self._bound(layer, layers) if found else []
        choice = context.choice(spec)
        known: list[Contender[tuple[Candidate, Trial]]] = []
        near: list[tuple[Candidate, CellError | None]] = []
        turns = in_turn(
            self._session,
            found,
            lambda c: self._best(spec, layer, c.definition, bound, evidence),
            lambda trial: trial is not None and _right_sides(spec, trial) == 2,
        )
        for candidate, trial, rest in turns:
            if trial is None:
                near.append((candidate, CellError("", "no way to call it was found")))
                continue
            near.append((candidate, trial.error))
            right = _right_sides(spec, trial) == 2
            if not right and not self._meant(spec, candidate):
                continue
            known.append(
                Contender(
                    candidate.definition,
                    float(right),
                    1.0,
                    (candidate, trial),
                    right,
                    context.is_called(spec, candidate),
                )
            )
            left = (c.definition for c in rest)
            if right and choice.settled(candidate.definition, left):
                break
        answer = choice.answer(known)
        if answer is None:
            return context.absent(spec, near)
        candidate, trial = answer.contender.found
        binding = Binding(
            candidate.definition.name, candidate.definition.cell, trial.construct, "", trial.call,
            (*_notes(spec, trial), *context.told(answer)),
        )  # fmt: skip
        result = finished(spec, [self._check(spec, trial)], binding)
        return explained(result, lambda: diagnose_optimizer(spec, trial))

    def _meant(self, spec: ItemSpec, candidate: Candidate) -> bool:
        return self._context.at_home(spec, candidate) or "its schemes" in candidate.why

    def _bound(self, spec: ItemSpec, found: list[Candidate]) -> list[BoundLayer]:
        """The notebook's layers that can drive an optimiser, the right ones first."""
        bound: list[BoundLayer] = []
        for candidate in found:
            named = "its name" in candidate.why
            if len(bound) >= MAX_LAYERS or not self._context.binder.may_begin(named):
                break
            one = self._context.binder.bind(spec, candidate.definition)
            if one.plan is not None and (one.exact or self._context.at_home(spec, candidate)):
                bound.append(self._putting_back(spec, one, one.plan))
        return sorted(bound, key=lambda b: not b.exact)

    def _putting_back(self, spec: ItemSpec, bound: BoundLayer, plan: LayerPlan) -> BoundLayer:
        """The layer with the way to put its gradients back, if they may add up."""
        if plan.backward is None or not may_add_up(plan):
            return bound
        rng = self._context.rng(f"{spec.id}/adding up/{bound.definition.order}")
        runs = LayerRuns(self._session, spec, plan, rng)
        runs.settle_backward()
        return replace(bound, plan=runs.plan)

    def _best(
        self,
        spec: ItemSpec,
        layer: ItemSpec,
        definition: Definition,
        bound: list[BoundLayer],
        evidence: Evidence,
    ) -> Trial | None:
        rng = self._context.rng(f"{spec.id}/{definition.order}")
        search = OptimizerSearch(
            self._session, self._context.sites, spec, layer, definition, evidence, rng
        )
        best: tuple[float, Trial] | None = None
        trials = self._trials(search, bound, section_end(self._session, definition))
        for tried, trial in enumerate(trials, 1):
            score = _score(spec, trial)
            if best is None or score > best[0]:
                best = score, trial
            if _right_sides(spec, trial) == 2 or tried >= MAX_TRIES:
                break
        return None if best is None else best[1]

    def _trials(
        self, search: OptimizerSearch, bound: list[BoundLayer], end: int
    ) -> Iterator[Trial]:
        for one in bound:
            yield from search.driven(one, one.plan.as_of if one.plan else None)
        yield from search.handed()
        for one in bound:
            as_of = one.plan.as_of if one.plan else None
            yield from search.given(one, self._context.definitions, as_of)
        yield from search.standing_in(self._context.definitions)
        for one in bound:
            yield from search.driven(one, end)
        yield from search.handed(end)

    def _check(self, spec: ItemSpec, trial: Trial) -> CheckResult:
        """One check of both arrays; the first that is wrong says why."""
        facet = next(iter(spec.facets))
        wrong: list[Message] = []
        detail: CheckResult | None = None
        for side, truth in trial.truths.items():
            moves = trial.moves.get(side, [])
            if _scale(spec, trial, side) is not None:
                continue
            rate = trial.rate
            number, wanted = updates.first_wrong(spec.rule, truth, rate, moves)
            stopped = len(moves) < len(truth.gradients) and (
                trial.error or trial.late or trial.died
            )
            if stopped and number < 0:
                raised = model.raised(facet, facet, trial.call, trial.error, trial.late, trial.died)
                if not moves:
                    return raised
                text = M(
                    "The first {n} steps work, then: {reason}",
                    n=len(moves),
                    reason=raised.message,
                )
                return replace(raised, message=text)
            why = updates.mistake(spec.rule, truth, rate, moves)
            if number < 0:
                wrong.append(M("{what} can't be read after each step.", what=_WHAT[side]))
                continue
            wrong.append(updates.wrong_move(_WHAT[side], number, moves[number], wanted, why))
            if detail is None and moves[number].shape == wanted.shape:
                detail = model.compare(facet, facet, _WHAT[side], moves[number], wanted)
        if wrong and trial.rates.contradicting:
            names = ", ".join(trial.rates.contradicting)
            text = M("Which number is the learning rate can't be told: {names}.", names=names)
            return CheckResult(facet, facet, model.FAILED, text)
        if not wrong:
            steps = len(trial.truths["W"].gradients)
            return model.passed(
                facet, facet, M("W and the bias move as they should over {n} steps.", n=steps)
            )
        text = wrong[0] if len(wrong) == 1 else M("{one} {two}", one=wrong[0], two=wrong[1])
        if detail is None:
            return CheckResult(facet, facet, model.FAILED, text)
        return replace(detail, message=text)


def _scale(spec: ItemSpec, trial: Trial, side: str) -> str | None:
    moves, truth = trial.moves.get(side, []), trial.truths[side]
    if trial.rates.rate is None:
        return None
    return updates.scale_of(spec.rule, truth, trial.rates.rate, moves)


def _right_sides(spec: ItemSpec, trial: Trial) -> int:
    return sum(_scale(spec, trial, side) is not None for side in trial.truths)


def _score(spec: ItemSpec, trial: Trial) -> float:
    """Right sides first; then a trial that ran, moved something and can be explained."""
    moved = any(np.any(m) for moves in trial.moves.values() for m in moves)
    known = 0
    if trial.complete and moved:
        rate = trial.rate
        whys = [
            updates.mistake(spec.rule, t, rate, trial.moves[s]) for s, t in trial.truths.items()
        ]
        known = sum(w is not None for w in whys)
    return 10 * _right_sides(spec, trial) + 4 * trial.complete + moved + known


def _notes(spec: ItemSpec, trial: Trial) -> Iterator[Message]:
    for side in trial.truths:
        scale = _scale(spec, trial, side)
        if scale == "mean":
            yield M("{what} moves by the gradient's mean over the batch", what=_WHAT[side])
