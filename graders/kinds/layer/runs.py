"""Cases, run on a student's layer: what came out, and which of it is a true array."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders import cases
from graders.arrays import layouts, matching
from graders.arrays.matching import Match, Truth
from graders.binding import rates, standing
from graders.binding.accumulating import Gradients, clearing
from graders.binding.lexicon import lexicon
from graders.binding.looping import slow_in_loops
from graders.binding.one_column import one_column
from graders.binding.one_row import one_rows
from graders.binding.plans import (
    LR,
    Clearing,
    LayerPlan,
    Path,
    Programmer,
    is_bias,
    output_of,
    role_of,
    told_sizes,
    upstream_for,
)
from graders.binding.standing import Standing
from graders.binding.training_flag import in_training
from graders.cases import LayerCase
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec


@dataclass
class Measured:
    """One case, run on the student's layer: what came out and what is right about it."""

    case: LayerCase
    earlier: tuple[LayerCase, ...]  # calls on other data that went before, on the same instance
    outcome: Outcome
    y: Found | None
    ret: list[Found]
    after: list[Found]  # reachable after backward, changes of attributes included
    matches: dict[str, Match] = field(default_factory=dict)
    made: bool = True  # the instance was constructed, with its weights
    forward_ran: bool = False
    backward_ran: bool = False
    forward_error: CellError | None = None  # of this case's own forward, and of no other step
    backward_error: CellError | None = None  # likewise
    damaged: list[str] = field(default_factory=list)
    untouched: frozenset[Path] = frozenset()  # what backward left as forward had left it
    changes: tuple[Found, ...] = ()  # of attributes, by backward
    held: dict[Path, np.ndarray] = field(default_factory=dict)  # attributes before backward
    rates: tuple[float, ...] = ()  # by which a weight's change may have been scaled
    stood: dict[str, tuple[Path, ...]] = field(default_factory=dict)  # where a role's array stands
    rivals: dict[str, tuple[Found, ...]] = field(default_factory=dict)  # ... or what could be it

    @property
    def before(self) -> LayerCase | None:
        """The call that went before, if there was one."""
        return self.earlier[-1] if self.earlier else None


class LayerRuns:
    """Runs cases by a plan, which it may still better."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        plan: LayerPlan,
        rng: np.random.Generator,
        own_optimizers: Sequence[LayerPlan] = (),
    ) -> None:
        self._session, self._spec, self._rng = session, spec, rng
        self._own = tuple(own_optimizers)
        self._places: dict[str, Path] = {}  # where the array of each role stands, once it is known
        self.plan = plan

    @property
    def own(self) -> tuple[LayerPlan, ...]:
        """The plan with each of the student's own optimisers."""
        return self._own

    def settle_backward(self) -> None:
        """Which way to call backward shows the most gradients: it may want the upstream
        gradient shaped like the output that forward really returns, and an array that is
        called Z or A may be the input or the output of forward.
        """
        if self.plan.backward is None:
            return
        case = self.plan.draw(self._spec, self._rng)
        began = self._session.call_seconds
        first = self.measure(case)
        took = self._session.call_seconds - began
        if slow_in_loops(self._session, self._spec, self.plan, took, self._rng):
            self.plan = self.plan.with_(small=True)
            case = self.plan.draw(self._spec, self._rng)
            first = self.measure(case)
        gradients = set(self._spec.gradients)
        wanted = len(gradients & set(self._spec.facets))
        best, shown, most = self.plan, first, len(first.matches.keys() & gradients)
        for plan in self._other_backwards(case, first):
            if most == wanted:
                break
            measured = self.measure(case, plan=plan)
            found = measured.matches.keys() & gradients
            if len(found) > most:
                best, shown, most = plan, measured, len(found)
        if most < wanted and not shown.backward_ran:
            best, shown = self._one_at_a_time(best, shown)
        best = best.with_(clearing=self._clearing(best, shown))
        self._own = tuple(
            own.with_(
                y_layout=best.y_layout,
                backward=best.backward,
                clearing=best.clearing,
                fixed=best.fixed,
                small=best.small,
            )
            for own in self._own
        )
        self.plan = best

    def _one_at_a_time(self, plan: LayerPlan, shown: Measured) -> tuple[LayerPlan, Measured]:
        """The plan with one sample in each call, where more of them break a layer that takes one."""
        column = one_column(self._spec, plan)
        alone = one_rows(self._session.submission, self._spec, plan) if column is None else [column]
        gradients = set(self._spec.gradients)
        for other in alone:
            measured = self.measure(other.draw(self._spec, self._rng), plan=other)
            more = len(measured.matches.keys() & gradients) > len(shown.matches.keys() & gradients)
            if measured.backward_ran and more:
                return other, measured
        return plan, shown

    def _clearing(self, plan: LayerPlan, shown: Measured) -> Clearing | None:
        """How the gradients that a run showed are put back, if they add up."""
        if not (self._spec.weights and shown.backward_ran and self.resettable(plan)):
            return None
        kept = {
            name: path[1:]
            for facet, paths in shown.stood.items()
            if (name := self._spec.weight_of(facet)) is not None
            for path in paths[:1]
            if path[0] == "self" and "Δ" not in path
        }
        return clearing(self._session, plan, shown.case, Gradients(kept, shown.held))

    def _other_backwards(self, case: LayerCase, first: Measured) -> Iterator[LayerPlan]:
        plan = self.plan
        assert plan.backward is not None
        if (training := in_training(plan)) is not None:
            yield training
        for number in range(1, len(plan.tensors)):
            yield plan.with_(tensors=(*plan.tensors[number:], *plan.tensors[:number]))
        hit = first.matches.get("forward")
        if hit and first.y and first.y.array.shape != upstream_for(plan, case).shape:
            yield plan.with_(y_layout=hit.layout)
        if (
            plan.multiplied
            and not self._spec.weights
            and set(self._spec.output) == set(self._spec.output.values())
        ):
            point = tuple(replace(a, kind="input") for a in plan.backward.arguments)
            if len(point) <= 1:  # none: it goes by what forward kept
                yield plan.with_(local=True, backward=replace(plan.backward, arguments=point))
            method = plan.definition.methods.get(plan.backward.name)
            if point and method is not None and not method.required:
                yield plan.with_(local=True, backward=replace(plan.backward, arguments=()))
        given = [a for a in plan.backward.arguments if not a.keyword]
        arrays = [a for a in given if a.kind in ("input", "output", "upstream", "value")]
        if not 1 < len(arrays) <= 3:
            return
        kinds = [a.kind for a in arrays]
        for chosen in itertools.product(("upstream", "input", "output"), repeat=len(arrays)):
            if chosen.count("upstream") != 1 or list(chosen) == kinds:
                continue
            if all(_may_be(a.parameter, kind) for a, kind in zip(arrays, chosen, strict=True)):
                swapped = dict(zip(arrays, chosen, strict=True))
                arguments = tuple(
                    replace(a, kind=swapped.get(a, a.kind)) for a in plan.backward.arguments
                )
                yield plan.with_(backward=replace(plan.backward, arguments=arguments))

    def settle_places(self, runs: Sequence[Measured], others: Sequence[Measured]) -> None:
        """One place for each role's array: the one where it stands in most of the runs. They are
        read once more there, as are the `others`, and all that follow.
        """
        for role in ("forward", *self._spec.gradients):
            counts = Counter(path for m in runs for path in m.stood.get(role, ()))
            most = max(counts.values(), default=0)
            if 2 * most > sum(role in m.stood or role in m.rivals for m in runs):
                self._places[role] = next(p for p, n in counts.items() if n == most)
        for measured in (*runs, *others):
            self._look(measured, self.plan, self._places)

    def other(self, case: LayerCase) -> LayerCase:
        """Other data of the same sizes."""
        return cases.redraw(self._spec, case.sizes, self._rng)

    def batches(self, case: LayerCase) -> tuple[LayerCase, ...]:
        """Other data in a small batch, a large one and a small one again, as a network that is
        trained on mini-batches and then predicts sees them. Nothing where the batch size is
        fixed: by the spec, in the class, or as an argument of the constructor.
        """
        return tuple(cases.redraw(self._spec, s, self._rng) for s in self.batch_sizes(case))

    def batch_sizes(self, case: LayerCase) -> list[dict[str, int]]:
        """The sizes of such batches."""
        low, high = self._spec.sizes.get("N", (1, 1))
        if low == high or self._batch_size_is_given():
            return []
        return [{**case.sizes, "N": n} for n in (low, high, low)]

    def _batch_size_is_given(self) -> bool:
        plan, roles = self.plan, self._spec.roles
        given = [*plan.making, *(plan.setter.arguments if plan.setter else ())]
        names = told_sizes(self._spec, given)
        names |= {n for role in plan.set_sizes.values() for n in roles[role].names}
        return "N" in names | plan.fixed.keys() | plan.ties.keys() | set(plan.ties.values())

    def measure(
        self, case: LayerCase, before: Sequence[LayerCase] = (), plan: LayerPlan | None = None
    ) -> Measured:
        """Run one case on a new instance, after calls on the data `before`."""
        plan = plan or self.plan
        programmer = Programmer(plan, case)
        programmer.make()
        made = len(programmer.wire.steps)
        for other in before:
            warmer = Programmer(plan, other)
            warmer.wire = programmer.wire
            warmer.forward(optional=True)
            if plan.backward and self.resettable(plan):
                warmer.backward(upstream_for(plan, other), optional=True)
                programmer.set_weights().clear()
        place = len(programmer.wire.steps)
        programmer.forward(keep="y", optional=True).harvest("pre:", "self")
        if plan.backward:
            programmer.backward(upstream_for(plan, case), keep="ret", optional=True)
        own = [f"arg_{a.parameter}" for a in plan.making if a.kind == "expression"]
        programmer.harvest("", "self", "optimizer", "x", "dy", *own)
        outcome = programmer.run(self._session)
        measured = self._read(case, tuple(before), outcome, place, plan, programmer.wire.steps)
        measured.made = outcome.outcomes[:made] == (True,) * made
        return measured

    def redraws(self, first: Measured) -> bool:
        """True if forward computes with weights that it draws anew in each call."""
        if "forward" not in first.matches or not self._spec.weights:
            return False
        case = first.case
        programmer = Programmer(self.plan, case).make().forward(optional=True)
        programmer.redraw().forward(keep="y", optional=True)
        outcome = programmer.run(self._session)
        entries = [e for e in outcome.found if e.path[0] == "y"]
        if not entries or not all(outcome.outcomes[-3:]):
            return False  # that it raises is told elsewhere
        return matching.find(entries, case.truth("forward"), self._spec.tolerance) is None

    def evaluations(self, runs: Sequence[Measured]) -> int:
        """How often backward comes to an output of the layer again: by differences, for every element.

        A graph of tensors makes arrays of an output's shape, too, but as many for few elements as for
        many, or one for each position of a filter: fewer than there are elements.
        """
        if self.plan.backward is None or "forward" not in runs[0].matches:
            return 0
        count = self._evaluated(runs[0].case)
        if self.plan.tensor is None or not count:
            return count
        counts = [count]
        for measured in runs[1:]:
            if counts[-1] < _fewest_elements(runs[len(counts) - 1].case):
                return 0
            counts.append(self._evaluated(measured.case))
        return count if len(set(counts)) > 1 else 0

    def _evaluated(self, case: LayerCase) -> int:
        programmer = Programmer(self.plan, case).make().forward(optional=True)
        programmer.backward(upstream_for(self.plan, case), optional=True).counting()
        outcome = programmer.run(self._session)
        found = next((e.array for e in outcome.found if e.path == ("evaluations",)), None)
        return int(found) if found is not None and found.size == 1 else 0

    def resettable(self, plan: LayerPlan) -> bool:
        """True if the weights can be put back after an update, or are passed with each call."""
        passed = {role for a in plan.forward.arguments for role in a.gives}
        return all(n in plan.places or role_of(n) in passed for n in self._spec.weights)

    def _read(
        self,
        case: LayerCase,
        earlier: tuple[LayerCase, ...],
        outcome: Outcome,
        place: int,
        plan: LayerPlan,
        steps: Sequence[Any],
    ) -> Measured:
        entries = list(outcome.found)
        if plan.local:  # the product that the notebook makes of it
            upstream = upstream_for(plan, case)
            entries = [
                replace(e, array=e.array * upstream)
                if e.path[0] == "ret" and e.array.shape == upstream.shape
                else e
                for e in entries
            ]
        ret = [e for e in entries if e.path[0] == "ret"]
        after = [e for e in entries if e.path[0] in ("self", "optimizer")]
        pre = {e.path[1:]: e.array for e in entries if e.path[0] == "pre:self"}
        measured = Measured(case, earlier, outcome, output_of(entries, "y"), ret, after)
        measured.forward_ran = outcome.outcomes[place : place + 1] == (True,)
        measured.backward_ran = bool(plan.backward) and outcome.outcomes[place + 2 : place + 3] == (
            True,
        )
        # Each has its own exception: that of an earlier call's backward is not this forward's.
        measured.forward_error = outcome.errors.get(place, outcome.error)
        measured.backward_error = outcome.errors.get(place + 2, outcome.error)
        kept = [e for e in entries if e.path[0] == "self"]
        measured.changes = tuple(
            Found((*e.path, "Δ"), pre[e.path[1:]] - e.array, "change")
            for e in kept
            if e.path[1:] in pre
            and pre[e.path[1:]].shape == e.array.shape
            and e.array.dtype.kind == "f"
            and not np.array_equal(pre[e.path[1:]], e.array)
        )
        measured.held = {path: array for path, array in pre.items() if array.size > 0}
        measured.untouched = frozenset(
            e.path
            for e in after
            if e.path[1:] in pre and np.array_equal(pre[e.path[1:]], e.array, equal_nan=True)
        )
        measured.rates = _step_sizes(steps, entries)
        self._look(measured, plan, {} if plan in self._own else self._places)
        measured.after += measured.changes
        sent = Programmer(plan, case).x()
        for handle, given in (("x", sent), ("dy", upstream_for(plan, case))):
            back = [e for e in entries if e.path == (handle,)]
            if back and not np.array_equal(back[0].array, given):
                measured.damaged.append(handle)
        return measured

    def _look(self, measured: Measured, plan: LayerPlan, places: Mapping[str, Path]) -> None:
        """What stands for each role, and whether it is right."""
        case, tolerance = measured.case, self._spec.tolerance
        n = case.sizes.get("N", 1)
        factors = (1.0,) if n == 1 else (1.0, 1.0 / n)
        known = _given(plan, case)
        measured.matches, measured.stood, measured.rivals = {}, {}, {}
        returned = [e for e in measured.outcome.found if e.path[0] == "y"]
        if self._spec.output_layout:  # the input as it came is not laid out anew
            sent = Programmer(plan, case).x()
            returned = [e for e in returned if e.array.shape != sent.shape]
        truth = case.truth("forward")
        here = standing.output(returned, truth, known, at=plan.y_path)
        here = self._settled("forward", here, truth, returned, places)
        self._note(measured, "forward", here, here.right(truth, tolerance, (1.0,)))
        if here.entries:
            measured.y = here.entries[0]
        known = [*known, *(e.array for e in returned)]
        taken = frozenset(
            path for name in case.weights for path in self._held(measured, plan, name)
        )
        for facet in self._spec.gradients:
            truth = self._told_apart(plan, facet, case)
            ret = measured.ret
            after = [e for e in measured.after if e.kind != "change"]
            after = _handed_for(case, facet, after)
            if facet == "dX" and self._spec.output_layout:  # undoing it is what the item is about
                ret, after = (
                    [e for e in pool if e.array.ndim == len(plan.x_layout)] for pool in (ret, after)
                )
            here = Standing()
            if places.get(facet, ())[-1:] != ("Δ",):
                here = standing.gradient(
                    self._spec, facet, truth, ret, after, measured.untouched, known, taken
                )
                here = self._settled(facet, here, truth, [*ret, *after], places)
            by_sample = case.spec.axes[0] in truth.axes  # nothing is averaged over the batch
            hit = here.right(truth, tolerance, (1.0,) if by_sample else factors)
            if facet != "dX" and not here.entries and not here.rivals:
                here = self._moved(measured, plan, facet, truth)
                scaled = tuple(r * f for r in measured.rates for f in factors)
                hit = self._right_move(here, case, facet, truth, scaled)
            if hit is not None and self._unfinished(measured, plan, facet, hit):
                hit = None
            self._note(measured, facet, here, hit)

    def _unfinished(self, measured: Measured, plan: LayerPlan, facet: str, hit: Match) -> bool:
        """True for a weight's gradient that backward was still putting together when it raised: its
        numbers in another shape than the weight has, ``np.append`` before the ``reshape`` that fails.
        """
        name = self._spec.weight_of(facet)
        if name is None or plan.backward is None or measured.backward_ran:
            return False
        place = plan.places.get(name)
        own = place.layout if place is not None else plan.weight_layouts.get(name)
        return own is not None and len(hit.layout) < len(own)

    @staticmethod
    def _note(measured: Measured, role: str, here: Standing, hit: Match | None) -> None:
        if here.entries:
            measured.stood[role] = tuple(e.path for e in here.entries)
        if here.rivals:
            measured.rivals[role] = here.rivals
        if hit is not None:
            measured.matches[role] = hit

    @staticmethod
    def _settled(
        role: str,
        here: Standing,
        truth: Truth,
        entries: Sequence[Found],
        places: Mapping[str, Path],
    ) -> Standing:
        """What stands at the place that is known for the role; `here`, if nothing does."""
        place = places.get(role)
        if place is None or any(e.path == place for e in here.entries):
            return here
        there = standing.fitting(standing.at_place(entries, place), truth)
        return Standing(tuple(there[:1])) if there else here

    def _moved(self, measured: Measured, plan: LayerPlan, facet: str, truth: Truth) -> Standing:
        """The change of what held the weight before backward."""
        name = self._spec.weight_of(facet)
        if name is None:
            return Standing()
        paths = self._held(measured, plan, name)
        mine = [e for e in measured.changes if e.path[1:-1] in paths]
        return standing.only(standing.fitting(mine, truth), truth)

    def _right_move(
        self,
        here: Standing,
        case: LayerCase,
        facet: str,
        truth: Truth,
        factors: Sequence[float],
    ) -> Match | None:
        """The gradient in what the weights changed by; the weights themselves were rounded."""
        weight = case.weights[self._spec.weight_of(facet) or ""]
        for factor in factors:
            scale = float(np.max(np.abs(weight))) / factor
            moved = replace(truth, sums=replace(truth.sums, scale=max(truth.sums.scale, scale)))
            hit = here.right(moved, self._spec.tolerance, (factor,))
            if hit is not None:
                return hit
        return None

    @staticmethod
    def _held(measured: Measured, plan: LayerPlan, name: str) -> set[Path]:
        """Where the instance had a weight before backward."""
        place = plan.places.get(name)
        given = _given(plan, measured.case, name)
        had = {
            path
            for path, array in measured.held.items()
            if any(_same_values(array, a) for a in given)
        }
        return had | ({place.path} if place is not None else set())

    def _told_apart(self, plan: LayerPlan, facet: str, case: LayerCase) -> Truth:
        """A square gradient (hidden by hidden) counts in the layout of its weight only: nothing
        else tells it from its transpose. That of a bias for each input channel is there as often.
        """
        truth = case.truth(facet)
        name = self._spec.weight_of(facet)
        passed = plan.weight_layouts.get(name or "")
        if passed is not None and set(layouts.letters(passed)) - set(truth.axes):
            array, axes = layouts.spread(passed, truth.array, truth.axes, case.sizes)
            return replace(truth, array=array, axes=axes)
        if name is None or len({self._spec.twin(a) for a in truth.axes}) == len(truth.axes):
            return truth
        place = plan.places.get(name)
        layout = place.layout if place is not None else plan.weight_layouts.get(name)
        return replace(truth, order=layout or layouts.parse(self._spec.weights[name].layouts[0]))

    def of_updated_weights(self, case: LayerCase) -> Measured | None:
        """The case with the student's own optimiser, if dX then comes from weights that backward
        has already updated; None if it is right, or wrong in another way.
        """
        for own in self._own:
            measured = self.measure(case, plan=own)
            if measured.backward_ran:
                return measured if self._is_of_updated(own, case, measured) else None
        return None

    def _is_of_updated(self, own: LayerPlan, case: LayerCase, measured: Measured) -> bool:
        if "dX" in measured.matches:
            return False
        kept = {e.path[1:]: e.array for e in measured.after if e.path[0] == "self"}
        weights = dict(case.weights)
        for name, place in own.places.items():
            axes = self._spec.weights[name].axes
            shape = () if place.layout is None else layouts.shape_of(place.layout, case.sizes)
            if place.path not in kept or place.scalar or kept[place.path].shape != shape:
                return False
            weights[name] = layouts.canonical(
                place.layout or (), kept[place.path], axes, case.sizes
            )
        updated = cases.build(self._spec, case.sizes, case.x, weights, case.upstream, None)
        pool = [*measured.ret, *measured.after]
        found = matching.find(pool, updated.truth("dX"), self._spec.tolerance, (1.0,))
        return found is not None

    def rescued(self, facet: str, runs: Sequence[Measured]) -> bool:
        """True if one of the student's own optimisers makes the gradient visible."""
        if facet == "dX":
            return False

        def shown(again: Measured) -> bool:
            return again.forward_ran and facet in again.matches

        return any(
            all(shown(self.measure(m.case, m.earlier, own)) for m in runs) for own in self._own
        )


def _given(plan: LayerPlan, case: LayerCase, name: str = "") -> list[np.ndarray]:
    """The arrays that a call is given, as they are and as they are laid out; `name`: of one weight."""
    programmer = Programmer(plan, case)
    names = [name] if name else list(case.weights)
    found = [case.weights[n] for n in names]
    for weight in names:
        place = plan.places.get(weight)
        for layout in (place.layout if place else None, plan.weight_layouts.get(weight)):
            if layout is not None:
                with contextlib.suppress(ValueError):  # it leaves out an axis: nothing was sent so
                    found.append(programmer.weight(weight, layout))
    if not name:
        found += [case.x, programmer.x(), case.upstream, upstream_for(plan, case)]
    return found


def _fewest_elements(case: LayerCase) -> int:
    """Of the smallest array that has a gradient, biases aside."""
    arrays = [case.x, *(w for name, w in case.weights.items() if not is_bias(name))]
    return min(array.size for array in arrays)


def _handed_for(case: LayerCase, facet: str, entries: Sequence[Found]) -> list[Found]:
    """What may be a weight's gradient: of several weights with the same axes none of what the optimiser was handed
    together with another of them, ``opt.update(self.beta, dbeta)``; of what it was handed for all of them at
    once, ``opt.update({"gamma": ...}, {"gamma": ...})``, what has the weight's own key or number.
    """
    weights = case.spec.weights
    name = case.spec.weight_of(facet)
    if name is None:
        return list(entries)
    alike = [n for n in weights if weights[n].axes == weights[name].axes]
    keys: dict[
        Path, dict[str, str | int]
    ] = {}  # of each call, those under which weights were handed over
    for entry in entries:
        if (call := _call_of(entry)) is not None:
            found = (n for n in alike if _same_array(entry.array, case.weights[n]))
            keys.setdefault(call, {}).update((n, entry.path[-1]) for n in found)

    def may_be(entry: Found) -> bool:
        handed = keys.get(_call_of(entry) or (), {})
        if not handed.keys() - {name}:
            return True
        return name in handed and entry.path[-1] == handed[name]

    return [entry for entry in entries if may_be(entry)]


def _call_of(entry: Found) -> Path | None:
    """The call of an optimiser that an array was handed to."""
    if "_sg_calls" not in entry.path:
        return None
    return entry.path[: entry.path.index("_sg_calls") + 2]


def _same_array(a: np.ndarray, b: np.ndarray) -> bool:
    return a.size == b.size and bool(np.allclose(a.ravel(), b.ravel(), 1e-6, 1e-9))


def _same_values(a: np.ndarray, b: np.ndarray) -> bool:
    if a.size != b.size:
        return False
    if a.size:  # most differ in their largest, and it takes a tenth of the time
        largest = b.max()
        if abs(a.max() - largest) > 1e-9 + 1e-6 * abs(largest):
            return False
    return bool(np.allclose(np.sort(a.ravel()), np.sort(b.ravel()), 1e-6, 1e-9, equal_nan=True))


def _step_sizes(steps: Sequence[Any], entries: Iterable[Found]) -> tuple[float, ...]:
    """Step sizes by which a weight's change may have been scaled: the rate, or none at all."""
    rate = rates.told(steps, entries).rate
    return tuple(dict.fromkeys((LR, 1.0) if rate is None else (LR, 1.0, rate)))


def _may_be(name: str, kind: str) -> bool:
    """False where the name says that the parameter is another of the arrays of a layer."""
    said = {"input", "output", "upstream"} & set(lexicon().roles(name))
    return len(said) != 1 or kind in said
