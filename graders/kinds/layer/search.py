"""Works out how a class wants to be constructed and called to compute a layer.

Candidate plans are tried on a probe case whose sizes are all different; the first plan that
gives the true output proves itself, since inputs are random. Where none does, the plan that
comes nearest is kept, so that a wrong layer is judged by how it was meant to be called.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from graders import cases
from graders.arrays import layouts, matching
from graders.arrays.layouts import Layout
from graders.binding.accumulating import zeroing_of
from graders.binding.array_use import has_square_windows
from graders.binding.callsites import CallSites
from graders.binding.candidates import gradients_of, methods_for, setter_of
from graders.binding.completing import completed
from graders.binding.constructing import Construction
from graders.binding.definitions import Callable_, Definition
from graders.binding.inner_activation import differ_in_activation, hands_over_activation
from graders.binding.keeping import (
    bias_layouts,
    joined_plans,
    kept_as,
    located,
    overwritable,
    settable_sizes,
    spread_biases,
)
from graders.binding.kept_output import kept_output
from graders.binding.looping import slow_in_loops
from graders.binding.moments import moments, rate_globals, section_end
from graders.binding.one_column import in_columns
from graders.binding.one_row import one_rows
from graders.binding.plans import (
    Argument,
    Call,
    LayerPlan,
    Place,
    Programmer,
    TensorForm,
    output_layout,
    output_of,
    role_of,
    told_sizes,
)  # fmt: skip
from graders.binding.shown import Shown
from graders.binding.standing import Standing, output
from graders.binding.tensors import CARRYING, called_whole
from graders.cases import LayerCase
from graders.errors import SpecError
from graders.kinds.layer.attempts import Attempt, BoundLayer
from graders.kinds.layer.lifted import lifted, takes_images
from graders.kinds.layer.refusing import MAX_REFUSALS, filled, refused
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec

__all__ = ["Attempt", "BoundLayer", "LayerSearch", "section_end", "settable_sizes"]

MAX_TRIES = 150  # calls for one class
MAX_ALONE = 6  # plans that are tried with one sample in a call
_REDRAWN = 20  # sizes that are drawn until none is the probe's
FITTING = 0.6  # the score of an output that has at least the right shape


class LayerSearch:
    """The search for the plan of one class as the layer of one item."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        rng: np.random.Generator,
        spec: ItemSpec,
        definition: Definition,
        wanted: tuple[str, ...],
        shown: Shown,
        tensors: Callable[[], tuple[TensorForm, ...]],
    ) -> None:
        self._shown, self._tensors = shown, tensors
        self._session, self._sites, self._rng = session, sites, rng
        self._spec, self._definition = spec, definition
        self._layouts = [layouts.parse(text) for text in wanted]
        self._as_image = takes_images(spec, definition)
        if self._as_image:
            self._layouts = [*lifted(spec, self._layouts), *self._layouts]
        self._construction = Construction(sites, spec, definition, self._as_image)
        self._rates = rate_globals(session, definition) if spec.weights else ()
        self._tried: list[Attempt] = []
        self._error: CellError | None = None
        self._calls = 0
        self._probes: dict[tuple[bool, tuple[tuple[str, str], ...]], LayerCase] = {}
        self._small = False  # what is slow in loops is tried on small cases

    # -- the whole search ----------------------------------------------------------------

    def run(self, exhausted: Callable[[], bool]) -> BoundLayer:
        """Try plans until one gives the true output or the search may cost no more."""
        forward, backward = methods_for(self._spec, self._definition)
        assert forward is not None
        for plan in self._plans(forward, backward):
            if self._calls >= MAX_TRIES or exhausted() or (self._tried and self._tried[-1].exact):
                break
            self._try(plan)
        if not self._spec.weights and not self._spec.ability:
            self._try_filled(exhausted)
        if not self._computes():
            self._try_alone(exhausted)
        if not self._tried:
            return BoundLayer(self._definition, None, None, self._error)
        best = max(self._tried, key=lambda a: a.score)
        return BoundLayer(self._definition, best.plan, best, best.error, self._tried)

    def _try_filled(self, exhausted: Callable[[], bool]) -> None:
        """Where a layer without weights refuses the sizes, those whose windows leave no rest."""
        if any(a.exact for a in self._tried):
            return
        submission = self._session.submission
        refusing = [a for a in self._tried if refused(self._spec, self._definition, a, submission)]
        sizes = filled(self._spec, self._rng) if refusing else {}
        for attempt in refusing[:MAX_REFUSALS]:
            if sizes and not exhausted() and not self._tried[-1].exact:
                self._try(attempt.plan.with_(fixed={**attempt.plan.fixed, **sizes}))

    def _try_alone(self, exhausted: Callable[[], bool]) -> None:
        """Where a dense layer computes nothing of a batch, one sample in a call: ``np.dot(W, x) + b``."""
        for attempt in self._tried[:MAX_ALONE]:
            for plan in one_rows(self._session.submission, self._spec, attempt.plan):
                if exhausted() or self._tried[-1].exact:
                    return
                self._try(plan)

    def _probe(self, plan: LayerPlan) -> LayerCase:
        """The case that plans are tried on: one for each set of sizes that must be equal."""
        key = plan.small, tuple(sorted(plan.ties.items()))
        if key not in self._probes:
            self._probes[key] = plan.with_(fixed={}).draw(self._spec, self._rng)
        return self._probes[key]

    def _ties(self, construct: Sequence[Argument]) -> dict[str, str]:
        """Sizes that the class can't tell apart, because one parameter or one name stands for both."""
        found = {}
        square = has_square_windows(*methods_for(self._spec, self._definition))
        given = self._spec.equal if square else [a.text for a in construct if a.kind == "size"]
        for role in given:
            first, *others = self._spec.equal.get(role, ("",))
            found.update(dict.fromkeys(others, first))
        return found

    def _try(self, plan: LayerPlan) -> None:
        plan = plan.with_(small=self._small)
        probe = self._probe(plan)
        alone = {
            a: 1 for a in self._spec.axes
            if a not in layouts.letters(plan.x_layout) and probe.sizes[a] > 1
        }  # fmt: skip
        if alone:  # a layer for one sample at a time
            plan = plan.with_(fixed={**plan.fixed, **alone})
        if self._has_no_window(plan):
            return
        if plan.fixed:
            try:
                probe = plan.draw(self._spec, self._rng)
            except SpecError:
                return  # what looked like a weight has a shape that no filter has
        programmer = Programmer(plan, probe)
        try:
            programmer.make().forward(keep="y").harvest("", "self")
        except ValueError:
            return  # the layout leaves out an axis that this item needs
        self._calls += 1
        began = self._session.call_seconds
        outcome = programmer.run(self._session)
        took = self._session.call_seconds - began
        if slow_in_loops(self._session, self._spec, plan, took, self._rng):
            self._small = True
            return self._try(plan)
        attempt = self._judged(plan, probe, outcome)
        if attempt.exact:
            right, again = self._again(attempt.plan, probe)
            if not right:
                attempt.score = 1.9  # right for these sizes only
                attempt.error = attempt.error or again.error
                if again.ok and output_of(again.found, "y") is None:
                    attempt.y = None  # it said no without raising
        if attempt.exact and plan.overwrite and plan.fixed:
            attempt = self._freed(attempt) or attempt
        self._tried.append(attempt)

    def _has_no_window(self, plan: LayerPlan) -> bool:
        """True if the weights that the class makes leave a window smaller than any of the item's: a
        dense layer is a convolution with a filter of one, and no answer.
        """
        roles = [f for role, f in self._spec.roles.items() if role.startswith("filter")]
        windows = {name for formula in roles for name in formula.names} & self._spec.sizes.keys()
        return any(plan.fixed.get(n, 0) in range(1, self._spec.sizes[n][0]) for n in windows)

    def _freed(self, attempt: Attempt) -> Attempt | None:
        """The attempt with a size that the class does not fix itself, though the weights have it
        that it makes by default, where the output then has the right shape and wrong values: one
        channel hides that only the last one counts. None if there is no such size.
        """
        plan = attempt.plan
        if not self._construction.told(plan.construct):
            return None
        left_out = set(self._spec.axes) - set(layouts.letters(plan.x_layout))
        for name in (n for n in plan.fixed if n not in left_out):
            free = plan.with_(fixed={n: size for n, size in plan.fixed.items() if n != name})
            probe = free.draw(self._spec, self._rng)
            if probe.sizes[name] == plan.fixed[name]:
                continue
            self._calls += 1
            outcome = Programmer(free, probe).make().forward(keep="y").run(self._session)
            other = self._judged(free, probe, outcome)
            if outcome.ok and FITTING <= other.score < 2:
                return other
        return None

    def _again(self, plan: LayerPlan, probe: LayerCase) -> tuple[bool, Outcome]:
        """Whether the plan gives the true output for sizes unlike those of the probe, too."""
        other = self._unlike(plan, probe)
        self._calls += 1
        outcome = Programmer(plan, other).make().forward(keep="y").run(self._session)
        standing = self._output(plan, other, outcome)
        right = standing.right(other.truth("forward"), self._spec.tolerance, (1.0,))
        return bool(right), outcome

    def _unlike(self, plan: LayerPlan, probe: LayerCase) -> LayerCase:
        """A case in which no size is the probe's, as far as that can be had, settings above all: a
        default that is right by chance shows. Of both one leaves a rest, which a layer may refuse.
        """
        spec = self._spec
        axes = {*spec.axes, *(a for w in spec.weights.values() for a in w.axes)}
        free = [
            n for n, (low, high) in spec.sizes.items()
            if low != high and n not in plan.fixed and n not in plan.ties
        ]  # fmt: skip
        rest = cases.leaves_rest(spec, probe.sizes)

        def likeness(sizes: Mapping[str, int]) -> tuple[int, bool, int]:
            same = [n for n in free if sizes[n] == probe.sizes[n]]
            exact = not (rest or cases.leaves_rest(spec, sizes))
            return sum(n not in axes for n in same), exact, len(same)

        best = plan.draw_sizes(spec, self._rng)
        for _ in range(_REDRAWN):
            if not any(likeness(best)):
                break
            other = plan.draw_sizes(spec, self._rng)
            best = min(best, other, key=likeness)
        return cases.redraw(spec, best, self._rng)

    def _output(self, plan: LayerPlan, case: LayerCase, outcome: Outcome) -> Standing:
        """What stands for the output in what forward returned."""
        given = [case.x, Programmer(plan, case).x(), *case.weights.values()]
        return output(outcome.found, case.truth("forward"), given, at=plan.y_path)

    def _judged(self, plan: LayerPlan, probe: LayerCase, outcome: Outcome) -> Attempt:
        truth = probe.truth("forward")
        wanted = output_layout(self._spec, plan.x_layout)
        attempt = Attempt(plan, 0.0, outcome.error, outcome.timed_out, outcome.died)
        entries = [e for e in outcome.found if e.path[0] == "y"]
        standing = self._output(plan, probe, outcome)
        for entry in standing.entries:
            hit = matching.match(entry.array, truth, self._spec.tolerance)
            if hit and in_columns(self._spec, plan.x_layout) and hit[0] != wanted:
                return attempt  # samples went in as columns and came out as rows: no such layer
            if hit:
                order = layouts.order_of(hit[0], truth.sizes) == layouts.order_of(
                    wanted, truth.sizes
                )
                attempt.y = entry
                attempt.score = 2.5 if order else 2.0
                plan = with_parts(plan, entry)
                attempt.plan = located(self._spec, plan, probe, outcome)
                return attempt
        given = next(iter(standing.entries), None) or output_of(entries, "y")
        attempt.y = given
        if outcome.ok or given is not None:
            attempt.score = 0.1
        if given is not None and given.kind != "scalar":
            best = 0.3 * self._in_place(given.array.shape, wanted, truth.sizes)
            for layout in layouts.possible(given.array.shape, truth.axes, truth.sizes):
                expected = layouts.apply(layout, truth.array, truth.axes)
                share = matching.share_right(given.array, expected, self._spec.tolerance)
                aligned = layouts.order_of(layout, truth.sizes) == layouts.order_of(
                    wanted, truth.sizes
                )
                best = max(best, (0.6 if aligned else 0.4) + share)
            attempt.score += best + 0.1
        if given is not None and not standing.rivals:  # which of them is meant is not known
            plan = with_parts(plan, given)
        attempt.plan = located(self._spec, plan, probe, outcome)
        return attempt

    def _in_place(self, shape: Sequence[int], wanted: Layout, sizes: Mapping[str, int]) -> float:
        """Where the shape is wrong, axes that no formula makes still tell the layout: the share
        of them (samples, channels) that stand where they should; an axis of one tells nothing.
        """
        right = layouts.shape_of(wanted, sizes)
        told = [
            i for i, group in enumerate(wanted)
            if right[i] > 1 and not set(group) & self._spec.shapes.keys()
        ]  # fmt: skip
        if len(shape) != len(wanted) or not told:
            return 0.0
        return sum(shape[i] == right[i] for i in told) / len(told)

    # -- plans ---------------------------------------------------------------------------

    def _plans(self, forward: Callable_, backward: Callable_ | None) -> Iterator[LayerPlan]:
        # A call is given arrays and how to convolve; sizes it reads off the arrays.
        stems = ("stride", "padding", "dilation", "filter", "pool")
        roles = {r for r in self._spec.roles if r.split("_")[0] in stems}
        if self._spec.weights:
            roles |= {"optimizer", "lr", *(role_of(n) for n in self._spec.weights)}
        forward_call = self._construction.call(forward, "input", roles)
        backward_call = None
        if backward is not None:
            backward_call = self._construction.call(
                backward, "upstream", {*roles, "input", "output"}
            )
        further = gradients_of(self._definition) if self._spec.weights else None
        gradients_call = None
        if further is not None and further.parameters:
            gradients_call = self._construction.call(further, "upstream", {"input", "output"})
        y_kept = kept_output(self._session.submission, self._definition.name, forward, backward)
        passed = {role for a in forward_call.arguments for role in a.gives}
        forms: list[tuple[tuple[TensorForm, ...], Call, Call | None]] = []
        forms.append(((), forward_call, backward_call))
        if tensors := self._tensors():
            whole = called_whole(self._definition)
            through = replace(forward_call, name="__call__") if whole else forward_call
            forms.insert(0 if backward is None or whole else 1, (tensors, through, CARRYING))
        for as_of, (form, there, back) in itertools.product(
            moments(self._session, self._definition), forms
        ):
            others: list[tuple[LayerPlan, Outcome]] = []  # of another shape than what was told
            computing: tuple[Argument, ...] = ()
            for construct in self._construction.ways():
                if computing and not differ_in_activation(computing, construct):
                    continue
                base = LayerPlan(
                    self._definition, construct, there, back,
                    self._layouts[0], as_of=as_of, ties=self._ties(construct),
                    set_sizes=settable_sizes(self._spec, self._definition, construct),
                    rates=self._rates,
                    gradients=gradients_call, y_kept=y_kept, tensors=form,
                )  # fmt: skip
                made = self._made(base)
                if made is None:
                    continue
                for plan, found in self._completed(base, made):
                    if self._fits(plan, found):
                        yield from self._fed(
                            plan, found, passed | {role for a in plan.making for role in a.gives}
                        )
                    else:
                        others.append((plan, found))
                if self._computes():  # another way to construct it changes nothing
                    if not hands_over_activation(construct) or self._construction.affine:
                        break
                    computing = computing or construct
            for plan, found in others if not self._computes() else ():
                yield from self._fed(
                    plan, found, passed | {role for a in plan.making for role in a.gives}
                )

    def _computes(self) -> bool:
        """True if a plan gave an output that has at least the right shape."""
        return max((a.score for a in self._tried), default=0.0) >= FITTING

    # -- what the class keeps --------------------------------------------------------------

    def _made(self, plan: LayerPlan) -> Outcome | None:
        """Construct only; None if that raises."""
        self._calls += 1
        probe = self._probe(plan)
        outcome = Programmer(plan, probe).make().harvest("", "self").run(self._session)
        if outcome.ok:
            return outcome
        self._error = self._error or outcome.error
        if plan.set_sizes and outcome.error and outcome.failed_step:
            return None
        self._tried.append(Attempt(plan, 0.0, outcome.error, outcome.timed_out, outcome.died))
        return None

    def _completed(self, base: LayerPlan, made: Outcome) -> list[tuple[LayerPlan, Outcome]]:
        """The constructed layer, or where it lacks what others set, completed: in the way that gives
        it a weight that fits, or else in each that runs.
        """
        ran: list[tuple[LayerPlan, Outcome]] = []
        plans = completed(
            self._session.submission,
            self._spec,
            self._definition,
            self._construction,
            base,
            made.found,
        )
        for plan, x_layout in itertools.product(plans, self._layouts):
            probe = self._probe(plan)
            programmer = Programmer(plan.with_(x_layout=x_layout), probe)
            try:
                outcome = programmer.make().harvest("", "self").run(self._session)
            except ValueError:
                continue  # the layout leaves out an axis that this item needs
            self._calls += 1
            if outcome.ok and self._spec.weights and self._fits(plan, outcome):
                return [(plan, outcome)]
            if outcome.ok and plan not in (p for p, _ in ran):
                ran.append((plan, outcome))
        return ran or [(base, made)]

    def _fits(self, plan: LayerPlan, made: Outcome) -> bool:
        """True if what completes a layer gave it a weight in the shape of the probe's, if it has any."""
        return not (plan.completing and self._spec.weights) or self._has_weight(
            made.found, self._probe(plan)
        )

    def _has_weight(self, found: Sequence[Found], probe: LayerCase) -> bool:
        """True if there is a weight in the shape of the probe's."""
        name = next(iter(self._spec.weights))
        axes = self._spec.weights[name].axes
        sizes = {a: probe.sizes[a] for a in axes}
        made = [e.array.shape for e in kept_as(self._spec, probe, found, name)]
        return any(layouts.possible(shape, axes, sizes) for shape in made)

    def _fed(self, base: LayerPlan, made: Outcome, passed: set[str]) -> Iterator[LayerPlan]:
        """The ways to give the constructed layer its weights and its input."""
        setter = setter_of(self._definition)
        weights = list(self._spec.weights)
        roles = {role_of(n) for n in weights}
        if weights and setter is not None and not passed & roles:
            call = self._construction.call(setter, role_of(weights[0]), roles)
            base = base.with_(setter=call)
            passed = passed | {role for a in call.arguments for role in a.gives}
        plan = located(self._spec, base, self._probe(base), made)
        in_call = {n for n in weights if role_of(n) in passed}
        # What is passed in several layouts is looked for anew with each of them.
        plan = plan.with_(places={n: p for n, p in plan.places.items() if n not in in_call})
        missing = [n for n in weights if n not in in_call and n not in plan.places]
        overwrite: dict[str, Place] = {}
        fixed: dict[str, int] = {}
        lazy = False
        if missing == weights:
            for joined in joined_plans(self._spec, plan, self._probe(plan), made.found):
                for x_layout in self._layouts:
                    yield joined.with_(x_layout=x_layout)
        if missing:
            found = made.found
            first = weights[0]
            if first in missing and not kept_as(self._spec, self._probe(plan), found, first):
                lazily = self._lazy(plan)
                if lazily is not None:
                    found, lazy = lazily, True
            for name in missing:
                place, sizes = overwritable(self._spec, self._probe(plan), found, name)
                if place is not None:
                    overwrite[name] = place
                    fixed.update(sizes)
        if overwrite:
            places = {**plan.places, **overwrite}
            flushing = zeroing_of(self._session.submission, self._definition) if lazy else ""
            plan = plan.with_(places=places, overwrite=True, lazy=lazy, flushing=flushing)
        bias_options: Iterable[Layout] = [()]
        if "b" in in_call:
            bias_options = (*bias_layouts(self._spec, "b"), *spread_biases(self._spec, "b"))
        others = [n for n in weights if n in in_call and n != "b"]
        # Several weights are laid out alike: all as the text has them, or all the other way.
        count = max((len(self._weight_layouts(n)) for n in others), default=1)
        weight_options = [{n: self._layout(n, i) for n in others} for i in range(count)]
        begun = len(self._tried)
        refused = False  # the usual layout of the bias: with it, the layer computes nothing
        for number, bias in enumerate(bias_options):
            if number == 1:
                refused = all(a.score < FITTING for a in self._tried[begun:])
            if number and not self._could_be(plan, bias, refused, self._shown.passed):
                continue
            for weight in weight_options:
                for x_layout in self._layouts:
                    if weight and ("" in x_layout) != any("" in w for w in weight.values()):
                        continue  # one as an image of height 1, the other not
                    passed_layouts = dict(weight)
                    if "b" in in_call:
                        passed_layouts["b"] = bias
                    yield plan.with_(x_layout=x_layout, weight_layouts=passed_layouts)
        if "b" in plan.places and "b" not in overwrite and not plan.places["b"].scalar:
            # Made by the initialiser, which was asked for a number of biases and may give a row.
            refused = all(a.score < FITTING for a in self._tried[begun:])
            for bias in bias_layouts(self._spec, "b")[1:3]:
                if not self._could_be(plan, bias, refused, self._shown.made):
                    continue
                places = {**plan.places, "b": Place(plan.places["b"].path, bias)}
                for x_layout in self._layouts:
                    yield plan.with_(x_layout=x_layout, places=places, weight_layouts={"b": bias})
        asks = any(a.kind == "initializer" for a in base.making)
        made_by_it = [n for n in weights if asks and n not in in_call and n not in overwrite]
        ran = {a.plan.x_layout for a in self._tried[begun:] if a.score >= FITTING}
        for name in (*overwrite, *made_by_it):
            for layout in self._laid_otherwise(plan, name):
                other = {**plan.places, name: replace(plan.places[name], layout=layout)}
                made_so = {name: layout} if name in made_by_it else {}
                for x_layout in (x for x in self._layouts if x in ran):
                    yield plan.with_(x_layout=x_layout, places=other, weight_layouts=made_so)
        for sizes_ in (fixed, self._untold(base)):
            if sizes_:
                for x_layout in self._layouts:
                    yield plan.with_(x_layout=x_layout, fixed=sizes_)

    def _could_be(
        self,
        plan: LayerPlan,
        bias: Layout,
        refused: bool,
        showing: Callable[[LayerPlan, LayerCase, str], list[Layout] | None],
    ) -> bool:
        """True if the layer could have its bias laid out so: the notebook shows it; or it shows
        nothing, and the layer has refused the usual layout.
        """
        layouts_ = showing(plan, self._probe(plan), "b")
        if layouts_ is not None and bias in layouts_:
            return True
        spread = set(layouts.letters(bias)) - set(self._spec.weights["b"].axes)
        return refused and (layouts_ is None or bool(spread))

    def _laid_otherwise(self, plan: LayerPlan, name: str) -> Iterator[Layout]:
        """Other ways to lay out an array of the shape in which the layer keeps the weight: a square the
        other way round; the rows of a matrix of filters tap after tap for channel after channel. Height
        and width that are as long as each other by one parameter stay in their order.
        """
        place = plan.places.get(name)
        if place is None or not place.layout:
            return
        axes, sizes = self._spec.weights[name].axes, self._probe(plan).sizes
        shape = layouts.shape_of(place.layout, sizes)
        for layout in layouts.possible(shape, axes, {a: sizes[a] for a in axes}):
            if layout == place.layout or _mistakes_an_axis(self._spec, layout, place.layout, sizes):
                continue
            yield layout

    def _layout(self, name: str, number: int) -> Layout:
        known = self._weight_layouts(name)
        return known[min(number, len(known) - 1)]

    def _weight_layouts(self, name: str) -> list[Layout]:
        known = [layouts.parse(text) for text in self._spec.weights[name].layouts]
        return [*lifted(self._spec, known), *known] if self._as_image else known

    def _untold(self, plan: LayerPlan) -> dict[str, int]:
        """Sizes of a layer without weights that no argument tells, at the example's value: a
        window that is written into the class, or that has a default.
        """
        if self._spec.weights or self._spec.ability:
            return {}
        settings = {n for formula in self._spec.config.values() for n in formula.names}
        known = told_sizes(self._spec, (*plan.construct, *plan.forward.arguments))
        known |= {n for role in plan.set_sizes.values() for n in self._spec.roles[role].names}
        return {
            n: self._spec.sizes[n][0] for n in sorted(settings - known) if n in self._spec.sizes
        }

    def _lazy(self, plan: LayerPlan) -> tuple[Found, ...] | None:
        """What the instance holds after a first forward, for weights that are made then: with an
        input in the layout for which their shape fits, if there is one.
        """
        name = next(iter(self._spec.weights))
        first: tuple[Found, ...] | None = None
        for x_layout in self._layouts:
            self._calls += 1
            programmer = Programmer(plan.with_(x_layout=x_layout), self._probe(plan))
            try:
                outcome = (
                    programmer.make().forward(optional=True).harvest("", "self").run(self._session)
                )
            except ValueError:
                continue
            if self._has_weight(outcome.found, self._probe(plan)):
                return outcome.found
            if first is None and kept_as(self._spec, self._probe(plan), outcome.found, name):
                first = outcome.found
        return first


def _mistakes_an_axis(
    spec: ItemSpec, layout: Layout, other: Layout, sizes: Mapping[str, int]
) -> bool:
    """True if axes that only happen to be as long as each other stand in another order."""
    one, two = layouts.letters(layout), layouts.letters(other)
    alike = {
        (a, b) for a, b in itertools.combinations(one, 2)
        if sizes[a] == sizes[b] > 1 and spec.twin(a) != spec.twin(b)
    }  # fmt: skip
    return any(two.index(a) > two.index(b) for a, b in alike)


def with_parts(plan: LayerPlan, y: Found) -> LayerPlan:
    """Where forward returns more than the output (``return out, cache``), backward wants it."""
    if plan.backward is None or len(y.path) < 2 or not isinstance(y.path[1], int):
        return plan
    others = (str(i) for i in itertools.count() if i != y.path[1])
    arguments = tuple(
        replace(a, kind="part", text=next(others)) if a.kind in ("value", "expression") else a
        for a in plan.backward.arguments
    )
    return plan.with_(y_path=y.path[1:2], backward=replace(plan.backward, arguments=arguments))
