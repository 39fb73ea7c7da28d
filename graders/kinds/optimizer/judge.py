"""Judges optimisers: how the weights move over several steps with known gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.binding.accumulating import may_add_up
from graders.binding.arguments import candidates
from graders.binding.best import best_of
from graders.binding.candidates import (
    Candidate,
    Reason,
    layer_candidates,
    name_rank,
    optimizers_of,
)
from graders.binding.choice import Contender
from graders.binding.definitions import Definition
from graders.binding.moments import section_end
from graders.binding.plans import LayerPlan
from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.judging.searching import SearchBudget
from graders.judging.turns import in_turn
from graders.kinds.layer.attempts import BoundLayer
from graders.kinds.layer.binder import LayerBinder
from graders.kinds.layer.runs import LayerRuns
from graders.kinds.optimizer import updates
from graders.kinds.optimizer.explanation import diagnose_optimizer, mistake
from graders.kinds.optimizer.passed_on import with_what_it_calls
from graders.kinds.optimizer.roles import Evidence, read_evidence
from graders.kinds.optimizer.search import OptimizerSearch, Trial, may_optimize
from graders.kinds.optimizer.settings import taking_numbers, ways_to_hand
from graders.messages import Bilingual, M, Message
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
        layer = spec.driver
        assert layer is not None, "an optimiser is loaded with its layer"
        found = candidates(spec, context.definitions, may_optimize, takes_scheme=True)
        if not any(c.named for c in found):
            # ``SGD(params, lr, momentum=0.0)`` is that of momentum, too.
            found += taking_numbers(spec, optimizers_of(context.definitions))
        layers = layer_candidates(layer, context.definitions)
        evidence = read_evidence([c.definition for c in layers], context.definitions)
        bound = self._bound(layer, layers) if found else []
        choice = context.choice(spec)
        known: list[Contender[tuple[Candidate, _Judged]]] = []
        near: list[tuple[Candidate, CellError | None]] = []
        turns = in_turn(
            self._session,
            found,
            lambda c: self._best(spec, layer, c.definition, bound, evidence),
            lambda judged: judged is not None and judged.right,
        )
        for candidate, judged, rest in turns:
            if judged is None:
                near.append((candidate, CellError("", "no way to call it was found")))
                continue
            near.append((candidate, judged.trial.error))
            right = judged.right
            if not right and not self._meant(spec, candidate):
                continue
            known.append(
                Contender(
                    candidate.definition,
                    float(right),
                    1.0,
                    (candidate, judged),
                    right,
                    context.is_called(spec, candidate),
                )
            )
            left = (c.definition for c in rest)
            if right and choice.settled(candidate.definition, left):
                break
        answer = choice.answer(_called_nearest(spec, known))
        if answer is None:
            return context.absent(spec, near)
        candidate, judged = answer.contender.found
        trial = judged.trial
        binding = Binding(
            candidate.definition.name, candidate.definition.cell, trial.construct, "", trial.call,
            (*_notes(judged), *context.told(answer)),
        )  # fmt: skip
        wrong = [side for side in trial.truths if side not in judged.explanation.scales]
        result = finished(spec, [self._check(spec, trial, wrong)], binding)
        return explained(result, lambda: diagnose_optimizer(spec, trial, wrong))

    def _meant(self, spec: ItemSpec, candidate: Candidate) -> bool:
        return self._context.at_home(spec, candidate) or Reason.SCHEMES in candidate.reasons

    def _bound(self, spec: ItemSpec, found: list[Candidate]) -> list[BoundLayer]:
        """The notebook's layers that can drive an optimiser, the right ones first."""
        bound: list[BoundLayer] = []
        for candidate in found:
            if len(bound) >= MAX_LAYERS or not self._context.once_an_item(SearchBudget).may_begin(
                candidate.named
            ):
                break
            one = self._context.once(LayerBinder).bind(spec, candidate.definition)
            if one.plan is not None and (one.exact or self._context.at_home(spec, candidate)):
                bound.append(self._putting_back(spec, one, one.plan))
        return sorted(bound, key=lambda b: not b.exact)

    def _putting_back(self, spec: ItemSpec, bound: BoundLayer, plan: LayerPlan) -> BoundLayer:
        """The layer with the way to put its gradients back, if they may add up."""
        if plan.backward is None or not may_add_up(self._session.submission, plan):
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
    ) -> _Judged | None:
        judged = self._each(spec, layer, definition, bound, evidence)
        return best_of(judged, lambda one: (_score(spec, one),), lambda one: one.right)

    def _each(
        self,
        spec: ItemSpec,
        layer: ItemSpec,
        definition: Definition,
        bound: list[BoundLayer],
        evidence: Evidence,
    ) -> Iterator[_Judged]:
        rng = self._context.rng(f"{spec.id}/{definition.order}")
        definition = with_what_it_calls(definition, self._context.definitions)
        for settings in ways_to_hand(spec, rng):
            search = OptimizerSearch(
                self._session, self._context.sites, spec, layer, definition, evidence, settings, rng
            )
            trials = self._trials(search, bound, section_end(self._session, definition))
            for trial in itertools.islice(trials, MAX_TRIES):
                yield _Judged(trial, updates.explanation(spec, trial))

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

    def _check(self, spec: ItemSpec, trial: Trial, sides: Sequence[str]) -> CheckResult:
        """One check of both arrays; the first that is wrong says why."""
        facet = next(iter(spec.facets))
        wrong: list[Message] = []
        whys: list[Message | None] = []
        detail: CheckResult | None = None
        first = {side: updates.first_wrong(spec, trial, side) for side in sides}
        if any(number >= 0 for number, _ in first.values()) and not trial.complete:
            first = {side: found for side, found in first.items() if found[0] >= 0}
        for side, (number, wanted) in first.items():
            moves = trial.moves.get(side, [])
            if not trial.complete and number < 0 and (trial.error or trial.late or trial.died):
                raised = model.raised(facet, facet, trial.call, trial.error, trial.late, trial.died)
                if not moves:
                    return raised
                text = M(
                    "The first {n} steps work, then: {reason}",
                    n=len(moves),
                    reason=raised.message,
                )
                return replace(raised, message=text)
            if number < 0:
                wrong.append(M("{what} can't be read after each step.", what=_WHAT[side]))
                continue
            why = mistake(spec, trial, side)
            whys.append(why)
            wrong.append(updates.wrong_move(_WHAT[side], number, moves[number], wanted, why))
            if detail is None and moves[number].shape == wanted.shape:
                detail = model.compare(facet, facet, _WHAT[side], moves[number], wanted)
        unknown = [r for r in spec.hyperparameters if r not in trial.settings]
        if unknown and detail is None and trial.complete:  # right by the reference's own numbers
            text = M(
                "The number for {names} can't be told: {name} neither takes it nor keeps it under such a name.",
                names=", ".join(unknown),
                name=trial.name,
            )
            return CheckResult(facet, facet, model.FAILED, text)
        if wrong and trial.rates.contradicting:
            names = ", ".join(trial.rates.contradicting)
            text = M("Which number is the learning rate can't be told: {names}.", names=names)
            return CheckResult(facet, facet, model.FAILED, text)
        if not sides:
            steps = len(trial.truths["W"].gradients)
            return model.passed(
                facet, facet, M("W and the bias move as they should over {n} steps.", n=steps)
            )
        text = wrong[0] if len(wrong) == 1 else M("{one} {two}", one=wrong[0], two=wrong[1])
        if len(whys) == 2 and whys[0] is not None and whys[0] == whys[1]:
            text = M("W and the bias are not updated as they should be: {why}.", why=whys[0])
        if detail is None:
            return CheckResult(facet, facet, model.FAILED, text)
        return replace(detail, message=text)


@dataclass(frozen=True)
class _Judged:
    """A trial, and by what its arrays moved rightly."""

    trial: Trial
    explanation: updates.Explanation

    @property
    def right(self) -> bool:
        """True if both arrays moved rightly."""
        return len(self.explanation.scales) == len(self.trial.truths)


def _called_nearest(
    spec: ItemSpec, known: Sequence[Contender[tuple[Candidate, _Judged]]]
) -> Sequence[Contender[tuple[Candidate, _Judged]]]:
    """Of those of one section of which none is right, the ones that are called most like the item: `AdaGrad`, and not
    the `AdaGradSum` that was tried beside it.
    """
    if any(c.full for c in known):
        return known
    ranks = [name_rank(spec, c.definition.name) for c in known]

    def is_nearest(contender: Contender[tuple[Candidate, _Judged]], rank: int | None) -> bool:
        beside = [
            r for c, r in zip(known, ranks, strict=True)
            if r is not None and c.definition.section == contender.definition.section
        ]  # fmt: skip
        return not beside or rank == min(beside)

    return [c for c, rank in zip(known, ranks, strict=True) if is_nearest(c, rank)]


def _score(spec: ItemSpec, judged: _Judged) -> float:
    """Right sides first; then a trial that ran, moved something and can be explained."""
    trial = judged.trial
    moved = any(np.any(m) for moves in trial.moves.values() for m in moves)
    known = 0
    if trial.complete and moved and not judged.right:
        known = sum(mistake(spec, trial, side) is not None for side in trial.truths)
    return 10 * len(judged.explanation.scales) + 4 * trial.complete + moved + known


def _notes(judged: _Judged) -> Iterator[Bilingual]:
    scales, form = judged.explanation.scales, judged.explanation.form
    if form.note is not None and judged.right:
        yield form.note
    for side, scale in scales.items():
        if scale == "mean":
            yield M("{what} moves by the gradient's mean over the batch", what=_WHAT[side])
