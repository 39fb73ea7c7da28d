"""Judges layers: which class answers, how it is called, what its checks say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders import cases
from graders.arrays import layouts, matching
from graders.binding.candidates import Candidate, Reason, home_of, layer_candidates
from graders.binding.choice import Contender, Selection
from graders.binding.definitions import Definition
from graders.binding.lexicon import lexicon
from graders.binding.plans import (
    Argument,
    LayerPlan,
    Programmer,
    arguments_text,
    call_text,
    output_of,
)
from graders.checks import model
from graders.checks.model import CheckResult
from graders.errors import SpecError
from graders.judging.context import Context
from graders.judging.results import (
    Answered,
    Binding,
    ItemResult,
    explained,
    finished,
    right_facets,
)
from graders.judging.searching import SearchBudget
from graders.kinds.layer.attempts import Attempt, BoundLayer
from graders.kinds.layer.binder import LayerBinder
from graders.kinds.layer.checks import LayerChecks
from graders.kinds.layer.explanation import diagnose_layer
from graders.kinds.layer.refusing import refused
from graders.kinds.layer.search import FITTING, settable_sizes
from graders.messages import Bilingual, M, Message
from graders.sandbox.session import CellError, Outcome
from graders.specs import ItemSpec

_WHY = {
    Reason.SECTION | Reason.NAME: M("its section and its name"),
    Reason.SECTION: M("its section"),
    Reason.NAME: M("its name"),
    Reason.PARAMETERS: M("its parameters"),
}
"""Why a definition is looked at, in words."""


@dataclass
class _Judged:
    candidate: Candidate
    bound: BoundLayer
    plan: LayerPlan
    checks: list[CheckResult]
    ran: LayerChecks

    def points(self, spec: ItemSpec) -> float:
        return float(sum(spec.facets[f] for f in right_facets(spec, self.checks)))


_WRONG = (model.FAILED, model.ERROR)
_OTHERS = 5  # plans, beside the one that was judged by
_DRAWS = 20  # cases until one is met that shows what is asked for


class LayerJudge:
    """Judges the layer items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session = context.session
        self._binder = context.once(LayerBinder)
        self._search = context.once_an_item
        self._sprint = context.sprint

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on a layer, or on an ability of one."""
        self._trace: list[Bilingual | str] = []
        result = self._ability(spec) if spec.ability else self._layer(spec)
        return replace(result, trace=tuple(self._trace))

    def _tell(self, candidate: Candidate, bound: BoundLayer) -> None:
        """Note which plans were tried on a candidate and what became of each."""
        definition = candidate.definition
        self._context.tried += (attempt.plan for attempt in bound.tried)
        where = self._context.named(definition)
        self._trace.append(
            M("{where}: looked at for {why}; ways to call it that were tried: {n}",
              where=where, why=_WHY[candidate.reasons], n=len(bound.tried))
        )  # fmt: skip
        told = []
        for attempt in bound.tried:
            plan = attempt.plan
            way = M("    ({construct}), input {layout}: {end}",
                    construct=arguments_text(plan.construct), layout=_layout_text(plan.x_layout),
                    end=attempt.summary())  # fmt: skip
            if str(way) not in told:  # ways that differ in what is not shown
                told.append(str(way))
                self._trace.append(way)
        if bound.error is not None and not bound.tried:
            self._trace.append(f"    {bound.error}")

    def _layer(self, spec: ItemSpec) -> ItemResult:
        bound: list[tuple[Candidate, BoundLayer]] = []
        judged: list[_Judged] = []
        choice = self._context.choice(spec)
        candidates = layer_candidates(spec, self._context.definitions)
        for number, candidate in enumerate(candidates, 1):
            if not self._search(SearchBudget).may_begin(candidate.named):
                continue
            found = self._binder.bind(spec, candidate.definition)
            self._tell(candidate, found)
            bound.append((candidate, found))
            if found.exact:
                judged.append(self._checked(spec, candidate, found))
                right = judged[-1].points(spec) == spec.max_score
                left = _rivals(candidate, candidates[number:])
                if right and choice.settled(candidate.definition, left):
                    break
        # Those that were meant for it, but don't give the true output.
        meant = [
            (c, b) for c, b in bound
            if b.plan is not None and not b.exact and self._context.at_home(spec, c)
        ]  # fmt: skip
        if judged:
            called = [c.definition for c, _ in meant if self._context.is_called(spec, c)]
            heard = choice.heard([j.candidate.definition for j in judged], called)
            meant = [(c, b) for c, b in meant if c.definition in heard]
        meant.sort(key=lambda entry: (-round(entry[1].score, 1), entry[0].rank))
        if not judged and not meant:
            meant = self._of_its_section(spec, candidates, bound)
        judged += [self._checked(spec, candidate, layer) for candidate, layer in meant[:2]]
        if judged:
            return self._chosen(spec, choice, judged)
        return self._context.absent(spec, [(c, b.error) for c, b in bound])

    def _of_its_section(
        self,
        spec: ItemSpec,
        candidates: Sequence[Candidate],
        bound: Sequence[tuple[Candidate, BoundLayer]],
    ) -> list[tuple[Candidate, BoundLayer]]:
        """Where nothing has the item's name, the class of the problem's own section that gives an output
        of the right shape, whatever it is called: unless it is called as another item is.
        """
        if any(c.named for c in candidates):
            return []
        others = [i for i in self._sprint.items if i.id != spec.id]
        return [
            (c, b)
            for c, b in bound
            if Reason.SECTION in c.reasons
            and b.plan is not None
            and b.score >= FITTING
            and home_of(c.definition, others) is None
        ][:1]

    def _chosen(self, spec: ItemSpec, choice: Selection, judged: Sequence[_Judged]) -> ItemResult:
        """The verdict on the one that answers."""
        most = float(spec.max_score)
        answer = choice.answer(
            [
                Contender(
                    j.candidate.definition,
                    j.points(spec),
                    most,
                    j,
                    j.bound.exact,
                    j.candidate.named,
                    bool(j.ran.fresh) and not any(m.forward_ran for m in j.ran.fresh),
                )
                for j in judged
            ]
        )
        assert answer is not None
        return self._result(spec, answer.contender.found, self._context.told(answer))

    def _checked(self, spec: ItemSpec, candidate: Candidate, bound: BoundLayer) -> _Judged:
        assert bound.plan is not None
        plan = self._binder.answered(spec, bound.plan)
        if plan.backward is not None and (
            spec.derivative_alone
            or self._context.differences.multiplied(plan.definition, plan.backward.name)
        ):
            plan = plan.with_(multiplied=True)
        own = self._binder.own_optimizers(spec, plan)
        rng = self._context.rng(f"{spec.id}/{candidate.definition.order}")
        checks = LayerChecks(self._session, spec, plan, rng, own)
        results = list(checks.run())
        return _Judged(candidate, bound, checks.plan, results, checks)

    def _result(self, spec: ItemSpec, judged: _Judged, told: Sequence[Message]) -> ItemResult:
        plan, definition = judged.plan, judged.candidate.definition
        construct = f"{definition.name}({arguments_text(plan.construct)})"
        for argument in plan.given:
            construct += f"; .{arguments_text([argument])}"
        for call in plan.completing:
            construct += f"; {call_text(call)}"
        if plan.overwrite:
            names = ", ".join(matching.describe(("self", *p.path)) for p in plan.places.values())
            construct += f"; {names} = …"
        forward = call_text(plan.forward)
        if plan.y_kept:
            forward += f"; {matching.describe(('self', *plan.y_kept))}"
        backward = call_text(plan.backward)
        if backward and plan.tensors:
            backward = f"{plan.forward.name}(...).{backward}"
        if plan.tensor is not None and plan.tensor.seed and plan.backward is not None:
            backward = (
                f"y = {plan.forward.name}(...); y.{plan.tensor.seed} = dA; y.{plan.backward.name}()"
            )
        layout = M("arrays as {layout}", layout=_layout_text(plan.x_layout))
        notes: list[Bilingual] = [layout, *told, *judged.ran.notes]
        if judged.bound.exact and not spec.ability:
            notes += self._idle_settings(spec, plan)
        binding = Binding(
            definition.name, definition.cell, construct, forward, backward, tuple(notes)
        )
        answered = Answered(
            judged.ran.spec, plan, judged.ran.own, _others(judged.bound), tuple(judged.checks)
        )
        result = replace(finished(spec, _admitted(judged), binding, plan), answered=answered)
        if _unknown(judged):
            return result
        rng = self._context.rng(f"{spec.id}/diagnosis")
        return explained(result, lambda: diagnose_layer(spec, judged.ran, judged.checks, rng))

    # -- abilities -----------------------------------------------------------------------

    def _ability(self, spec: ItemSpec) -> ItemResult:
        base = replace(self._sprint.item(spec.base), names=spec.names)
        judged: list[_Judged] = []
        choice = self._context.choice(spec)
        candidates = layer_candidates(base, self._context.definitions)
        for number, candidate in enumerate(candidates, 1):
            if not self._search(SearchBudget).may_begin(candidate.named):
                continue
            at_home = self._context.at_home(base, candidate)
            if not at_home and not self._binder.bind(base, candidate.definition).exact:
                continue
            bound = self._able(spec, base, candidate)
            asked = spec
            if bound is not None and self._wants_whole_windows(spec, bound):
                asked = replace(spec, whole_windows=True)
            if bound is None:
                where = self._context.named(candidate.definition)
                self._trace.append(
                    M("{where}: does nothing with {ability}", where=where, ability=spec.ability)
                )
            else:
                self._tell(candidate, bound)
            if bound is None:
                continue
            judged.append(self._checked(asked, candidate, bound))
            right = judged[-1].points(spec) == spec.max_score
            left = _rivals(candidate, candidates[number:])
            if right and choice.settled(candidate.definition, left):
                break
        if judged:
            return self._chosen(spec, choice, judged)
        return self._context.absent(spec, self._attempted(spec, base))

    def _attempted(
        self, spec: ItemSpec, base: ItemSpec
    ) -> list[tuple[Candidate, CellError | None]]:
        """Classes under a heading that is about the ability, which can't be called."""
        assert spec.keywords is not None
        found: list[tuple[Candidate, CellError | None]] = []
        for candidate in layer_candidates(base, self._context.definitions):
            section = candidate.definition.section
            if section.problems and spec.keywords.search(section.title):
                bound = self._binder.bind(base, candidate.definition)
                silent = CellError("", "it gives no output for such an input")
                found.append((candidate, None if bound.exact else bound.error or silent))
        return found

    def _able(self, spec: ItemSpec, base: ItemSpec, candidate: Candidate) -> BoundLayer | None:
        """The class bound with the ability in use; None if it does not have it."""
        definition = candidate.definition
        if spec.ability in spec.axes:
            return self._batched(spec, base, definition)
        plain = self._binder.bind(base, definition)
        if plain.plan is None:
            return None
        # The way to call it is known; only the size in question is new.
        settable = settable_sizes(spec, definition, plain.plan.construct)
        plan = _told_in_the_call(spec, plain.plan.with_(set_sizes=settable))
        plan = plan.with_(
            construct=_by_name(spec, plan.construct),
            forward=replace(plan.forward, arguments=_by_name(spec, plan.forward.arguments)),
        )
        sides = {spec.ability, f"{spec.ability}_height"}
        given = set(settable.values()) | _sizes_given(plan)
        if not spec.weights:  # sizes that the plain item's windows filled are no longer those
            told = {n for role in given for n in spec.roles[role].names}
            laid = layouts.letters(plan.x_layout)  # without the batch, where it takes one sample
            fixed = {n: v for n, v in plan.fixed.items() if n not in told and n not in laid}
            plan = plan.with_(fixed=fixed)
        if not sides & given or self._ignores(spec, plan):
            return None
        return BoundLayer(definition, plan, plain.attempt, plain.error, plain.tried)

    def _wants_whole_windows(self, spec: ItemSpec, bound: BoundLayer) -> bool:
        """True if the layer says no to windows that leave a rest, as it may, and takes others."""
        plan = bound.plan
        if plan is None:
            return False
        said = []
        for whole in (False, True):
            rng = self._context.rng(f"{spec.id}/windows/{whole}")
            try:
                drawn = (plan.draw(replace(spec, whole_windows=whole), rng) for _ in range(_DRAWS))
                case = next(c for c in drawn if whole or cases.leaves_rest(spec, c.sizes))
            except (SpecError, StopIteration):
                return False
            outcome = Programmer(plan, case).make().forward("y").run(self._session)
            attempt = Attempt(plan, 0.0, outcome.error, outcome.timed_out, outcome.died)
            attempt.y = output_of(outcome.found, "y")
            said.append(refused(spec, plan.definition, attempt))
        return said == [True, False]

    def _idle_settings(self, spec: ItemSpec, plan: LayerPlan) -> list[Message]:
        """What is told of a stride or a padding that a layer takes and does nothing with, where the
        item itself asks for none.
        """
        given = _sizes_given(plan)
        notes = []
        for role in ("stride", "padding"):
            formula = spec.roles.get(role)
            if role not in given or formula is None or not formula.text.isalpha():
                continue
            if spec.sizes.get(formula.text) == (int(role == "stride"),) * 2:
                used = {**spec.sizes, formula.text: (2, 3) if role == "stride" else (1, 2)}
                if self._ignores(replace(spec, sizes=used, ability=role), plan):
                    notes.append(
                        M(
                            "{name} takes {argument}, and does nothing with it",
                            name=plan.definition.name,
                            argument=role,
                        )
                    )
        return notes

    def _ignores(self, spec: ItemSpec, plan: LayerPlan) -> bool:
        """True if nothing that the layer does changes with the size that it is given."""
        rng = self._context.rng(spec.id + "/ignores")
        names = spec.roles[spec.ability].names
        neutral = dict.fromkeys(names, 0 if spec.ability == "padding" else 1)
        try:
            drawn = (plan.draw(spec, rng) for _ in range(_DRAWS))
            case = next(c for c in drawn if any(c.sizes[n] != neutral[n] for n in names))
        except (SpecError, StopIteration):
            return False
        other = replace(case, sizes={**case.sizes, **neutral})
        runs = []
        for one in (case, other):
            runs.append(Programmer(plan, one).make().forward("y", optional=True).run(self._session))
        ys = [output_of(r.found, "y") for r in runs]
        if ys[0] is None and ys[1] is None:
            return False  # it raises either way: that is for the checks to say
        if not _alike(runs[0], runs[1]):
            return False
        if plan.backward is None or ys[0] is None:
            return True
        upstream = np.asarray(rng.standard_normal(ys[0].array.shape))
        after = []
        for one in (case, other):
            programmer = Programmer(plan, one).make().forward(optional=True)
            programmer.backward(upstream, "ret", optional=True).harvest("", "self")
            after.append(programmer.run(self._session))
        return _alike(after[0], after[1])

    def _batched(self, spec: ItemSpec, base: ItemSpec, definition: Definition) -> BoundLayer | None:
        """The class with inputs that have a batch axis; None if it takes none."""
        plain = self._binder.bind(base, definition)
        if plain.plan is None:
            return None
        with_axis = [layouts.parse(text) for text in spec.layouts if spec.ability in text]
        known = [x for x in (plain.plan.x_layout,) if spec.ability in layouts.letters(x)]
        one_channel = replace(spec, sizes={**spec.sizes, "C": (1, 1), "O": (1, 1), "N": (3, 4)})
        for trial in (spec, one_channel):  # wrong for several channels is still a batch
            for x_layout in known or with_axis:
                plan = plain.plan.with_(x_layout=x_layout)
                if self._answers_batches(trial, plan):
                    return BoundLayer(definition, plan, plain.attempt, plain.error, plain.tried)
        return None

    def _answers_batches(self, spec: ItemSpec, plan: LayerPlan) -> bool:
        """True if the output has an axis for the batch beside those of one sample."""
        case = plan.draw(spec, self._context.rng(spec.id + "/batch"))
        try:
            outcome = Programmer(plan, case).make().forward("y").run(self._session)
        except ValueError:
            return False
        y = output_of(outcome.found, "y")
        if y is None:
            return False
        if y.array.ndim >= len(spec.axes):
            return bool(y.array.shape[0] == case.sizes[spec.ability])
        truth = case.truth("forward")  # flattened for the dense layer behind it: (N, O*M)
        possible = layouts.possible(y.array.shape, truth.axes, truth.sizes)
        return any(layout[:1] == (spec.ability,) for layout in possible)


def _admitted(judged: _Judged) -> list[CheckResult]:
    """The checks, where nothing came out right and the class was only guessed how to be made: then what
    the guess gave is no mistake of the student's, and is not told as one.
    """
    unknown = _unknown(judged)
    if not unknown:
        return judged.checks
    construct = judged.plan.construct
    text = M(
        "We could not work out how to construct {name}: neither its name nor the notebook tells what {parameters} stands for. Tried: {name}({tried}). A line that constructs it and calls forward would show it.",
        name=judged.candidate.definition.name,
        parameters=", ".join(unknown),
        tried=arguments_text(construct),
    )
    return [
        CheckResult(c.id, c.facet, c.status, text) if c.status in _WRONG else c
        for c in judged.checks
    ]


def _unknown(judged: _Judged) -> list[str]:
    """The parameters of which it is not known what they get, in a plan by which nothing is right: what is
    right shows that they got what was meant for them.
    """
    shown = (c for c in judged.checks if c.facet != "repeat")  # the same twice says nothing
    if judged.bound.exact or any(c.status == model.PASSED for c in shown):
        return []
    errors = [m.outcome.error for m in judged.ran.fresh if m.outcome.error is not None]
    of_none = any("NoneType" in error.message for error in errors)
    return [
        a.parameter for a in judged.plan.construct if a.guessed or (a.kind == "value" and of_none)
    ]


def _by_name(spec: ItemSpec, arguments: Sequence[Argument]) -> tuple[Argument, ...]:
    """The arguments, of which those that are called like the ability give it: where the plain item
    has its stride equal the window, the name could not matter. One that is the only size stays.
    """

    def role(name: str, given: str) -> str:
        meant = lexicon().is_a(name, spec.ability) and spec.ability in spec.roles
        sides = {spec.ability, f"{spec.ability}_height", f"{spec.ability}_width"}
        return spec.ability if meant and given not in sides else given

    sizes = [a for a in arguments if a.kind == "size"]
    changed = []
    for a in arguments:
        keys = tuple((key, role(key, given)) for key, given in a.keys)
        if a.kind == "size" and len(sizes) > 1:
            a = replace(a, text=role(a.parameter, a.text))
        if len({given for _, given in keys}) > 1:
            a = replace(a, keys=keys)
        changed.append(a)
    return tuple(changed)


def _sizes_given(plan: LayerPlan) -> set[str]:
    """The roles of the sizes that constructor and forward are given, one by one or in a dict."""
    given: set[str] = set()
    for argument in (*plan.construct, *plan.forward.arguments):
        if argument.kind in ("size", "pair"):
            given.add(argument.text)
        given |= {role for _, role in argument.keys}
    return given


def _told_in_the_call(spec: ItemSpec, plan: LayerPlan) -> LayerPlan:
    """The plan with the ability as an argument of forward that has a default: ``P=0, S=1``."""
    method = plan.definition.methods.get(plan.forward.name)
    told = {a.parameter for a in plan.forward.arguments}
    if method is None or spec.ability in {a.text for a in plan.construct}:
        return plan
    for parameter in method.parameters:
        optional = parameter.default is not None and parameter.name not in told
        if optional and spec.ability in lexicon().roles(parameter.name):
            argument = Argument(parameter.name, "size", spec.ability, True)
            arguments = (*plan.forward.arguments, argument)
            return plan.with_(forward=replace(plan.forward, arguments=arguments))
    return plan


def _others(bound: BoundLayer) -> tuple[LayerPlan, ...]:
    """Plans of a layer that gave the true output by none: the likeliest of each layout of the input,
    then the next of each.
    """
    if bound.exact:
        return ()
    by_layout: dict[layouts.Layout, list[LayerPlan]] = {}
    for attempt in bound.tried:
        mine = by_layout.setdefault(attempt.plan.x_layout, [])
        if attempt.plan.weight_layouts not in [p.weight_layouts for p in mine]:
            mine.append(attempt.plan)
    rounds = itertools.zip_longest(*by_layout.values())
    return tuple(plan for each in rounds for plan in each if plan is not None)[:_OTHERS]


def _rivals(right: Candidate, left: Sequence[Candidate]) -> list[Definition]:
    """Those that could still answer in the place of one that is right: of its own section none
    without a name of the item's, if it has one.
    """
    named = right.named
    return [c.definition for c in left if c.named or not named]


def _alike(a: Outcome, b: Outcome) -> bool:
    """True if two runs gave the same arrays and the same errors."""
    if (a.error is None) != (b.error is None) or a.timed_out != b.timed_out:
        return False
    if a.error is not None and b.error is not None and a.error.message != b.error.message:
        return False
    one = {e.path: e.array for e in a.found if e.array.size > 1}
    two = {e.path: e.array for e in b.found if e.array.size > 1}
    return one.keys() == two.keys() and all(
        one[k].shape == two[k].shape and np.array_equal(one[k], two[k], equal_nan=True) for k in one
    )


def _layout_text(layout: layouts.Layout) -> str:
    return (
        "("
        + ", ".join("*".join(g) or "1" for g in layout)
        + ("," if len(layout) == 1 else "")
        + ")"
    )
