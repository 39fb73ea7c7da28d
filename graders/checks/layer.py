"""Checks of a layer: documented pairs, shapes, random cases, gradients and repeated calls."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graders import cases
from graders.binding import layouts, matching
from graders.binding.lexicon import lexicon
from graders.binding.matching import Match
from graders.binding.plans import (
    LR,
    LayerPlan,
    Programmer,
    output_layout,
    output_of,
    upstream_for,
)
from graders.cases import WEIGHT_OF, LayerCase
from graders.checks import model
from graders.checks.gradients import own_derivative_agrees
from graders.checks.model import CheckResult
from graders.messages import M, Message
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec

GRADIENTS = ("dX", "dW", "dB")
_NAMES = {
    "dW": re.compile(
        r"(d|grad|delta|l|dif|diff)_?(l_?d)?(w|filter|weight|kernel)\w*|(w|weights?|filter)_?(grad|feedback|new|d)\w*",
        re.I,
    ),
    "dB": re.compile(
        r"(d|grad|delta|l|dif|diff)_?(l_?d)?(b|bias)\w*|(b|bias)_?(grad|feedback|new|d)\w*", re.I
    ),
    "dX": re.compile(r"(d|grad|delta|dif|diff)_?(l_?d)?(x|z|input)\w*", re.I),
}
_OWN = {
    "forward": M("The output of forward"),
    "dX": M("The gradient of the input (dX)"),
    "dW": M("The gradient of the weights (dW)"),
    "dB": M("The gradient of the bias (dB)"),
}


@dataclass
class Measured:
    """One case, run on the student's layer: what came out and what is right about it."""

    case: LayerCase
    outcome: Outcome
    y: Found | None
    ret: list[Found]
    after: list[Found]  # reachable after backward, changes of attributes included
    matches: dict[str, Match] = field(default_factory=dict)
    forward_ran: bool = False
    backward_ran: bool = False
    damaged: list[str] = field(default_factory=list)


class LayerChecks:
    """All checks of one item on one plan."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        plan: LayerPlan,
        rng: np.random.Generator,
        own_optimizer: LayerPlan | None = None,
    ) -> None:
        self._session, self._spec, self._rng = session, spec, rng
        self._own = own_optimizer
        self.plan = plan
        self.notes: list[Message] = []
        self._fresh: list[Measured] = []
        self._used: list[Measured] = []

    # -- running cases -------------------------------------------------------------------

    def run(self) -> Iterator[CheckResult]:
        """Make the calls, then judge facet by facet."""
        spec = self._spec
        self._settle_backward()
        for number in range(spec.cases):
            case = cases.draw(spec, self._rng, self.plan.fixed, self.plan.ties)
            fresh = self.measure(case, warm=False)
            self._fresh.append(fresh)
            if number == 0 and not fresh.forward_ran:
                break  # it raises: more of the same would teach nothing
            self._used.append(self.measure(case, warm=True))
        for facet in spec.facets:
            yield from self._documented(facet)
            if facet == "forward":
                yield self._forward()
            elif facet == "shape":
                yield self._shape()
            elif facet == "repeat":
                yield self._repeat()
            elif facet in GRADIENTS:
                yield self._gradient(facet)
        self._note_conventions()

    def _settle_backward(self) -> None:
        """Which way to call backward shows the most gradients: it may want the upstream
        gradient shaped like the output that forward really returns, and an array that is
        called Z or A may be the input or the output of forward.
        """
        if self.plan.backward is None:
            return
        case = cases.draw(self._spec, self._rng, self.plan.fixed, self.plan.ties)
        first = self.measure(case, warm=False)
        wanted = len(set(GRADIENTS) & set(self._spec.facets))
        best, most = self.plan, len(first.matches.keys() & set(GRADIENTS))
        for plan in self._other_backwards(case, first):
            if most == wanted:
                break
            found = self.measure(case, warm=False, plan=plan).matches.keys() & set(GRADIENTS)
            if len(found) > most:
                best, most = plan, len(found)
        if self._own is not None:
            self._own = self._own.with_(y_layout=best.y_layout, backward=best.backward)
        self.plan = best

    def _other_backwards(self, case: LayerCase, first: Measured) -> Iterator[LayerPlan]:
        plan = self.plan
        assert plan.backward is not None
        hit = first.matches.get("forward")
        if hit and first.y and first.y.array.shape != upstream_for(plan, case).shape:
            yield plan.with_(y_layout=hit.layout)
        given = [a for a in plan.backward.arguments if not a.keyword]
        arrays = [a for a in given if a.kind in ("input", "output", "upstream", "value")]
        if not 1 < len(arrays) <= 3:
            return
        kinds = [a.kind for a in arrays]
        for chosen in itertools.product(("upstream", "input", "output"), repeat=len(arrays)):
            if chosen.count("upstream") == 1 and list(chosen) != kinds:
                swapped = dict(zip(arrays, chosen, strict=True))
                arguments = tuple(
                    replace(a, kind=swapped.get(a, a.kind)) for a in plan.backward.arguments
                )
                yield plan.with_(backward=replace(plan.backward, arguments=arguments))

    def measure(self, case: LayerCase, warm: bool, plan: LayerPlan | None = None) -> Measured:
        """Run one case on a fresh instance, after a call on other data if `warm`."""
        plan = plan or self.plan
        programmer = Programmer(plan, case)
        programmer.make()
        if warm:
            other = cases.redraw(self._spec, case.sizes, self._rng)
            warmer = Programmer(plan, other)
            warmer.wire = programmer.wire
            warmer.forward(optional=True)
            if plan.backward and self._resettable(plan):
                warmer.backward(upstream_for(plan, other), optional=True)
                programmer.set_weights()
        before = len(programmer.wire.steps)
        programmer.forward(keep="y", optional=True).harvest("pre:", "self")
        if plan.backward:
            programmer.backward(upstream_for(plan, case), keep="ret", optional=True)
        own = [f"arg_{a.parameter}" for a in plan.construct if a.kind == "expression"]
        programmer.harvest("", "self", "optimizer", "x", "dy", *own)
        outcome = programmer.run(self._session)
        return self._read(case, outcome, before, plan)

    def _resettable(self, plan: LayerPlan) -> bool:
        """True if the weights can be put back after an update, or are passed with each call."""
        passed = {a.kind for a in plan.forward.arguments}
        kinds = {"W": "weight", "b": "bias"}
        return all(n in plan.places or kinds[n] in passed for n in self._spec.weights)

    def _read(self, case: LayerCase, outcome: Outcome, before: int, plan: LayerPlan) -> Measured:
        entries = list(outcome.found)
        ret = [e for e in entries if e.path[0] == "ret"]
        after = [e for e in entries if e.path[0] in ("self", "optimizer")]
        pre = {e.path[1:]: e.array for e in entries if e.path[0] == "pre:self"}
        measured = Measured(case, outcome, output_of(entries, "y"), ret, after)
        measured.forward_ran = outcome.outcomes[before : before + 1] == (True,)
        place = before + 2
        measured.backward_ran = bool(plan.backward) and outcome.outcomes[place : place + 1] == (
            True,
        )
        rates = _learning_rates(entries)
        n = case.sizes.get("N", 1)
        factors = (1.0,) if n == 1 else (1.0, 1.0 / n)
        y = matching.find(
            [e for e in entries if e.path[0] == "y"], case.truth("forward"), self._spec.tolerance
        )
        if y:
            measured.matches["forward"] = y
            measured.y = next(e for e in entries if e.path == y.path)
        changes = [
            Found((*e.path, "Δ"), pre[e.path[1:]] - e.array, "change")
            for e in after
            if e.path[1:] in pre
            and pre[e.path[1:]].shape == e.array.shape
            and e.array.dtype.kind == "f"
            and not np.array_equal(pre[e.path[1:]], e.array)
        ]
        for facet in GRADIENTS:
            if facet in WEIGHT_OF and WEIGHT_OF[facet] not in self._spec.weights:
                continue
            truth = case.truth(facet)
            hit = matching.find(
                [*ret, *after], truth, self._spec.tolerance, factors if facet != "dX" else (1.0,)
            )
            if hit is None and facet != "dX" and changes:
                scaled = tuple(r * f for r in rates for f in factors)
                hit = matching.find(changes, truth, max(self._spec.tolerance, 1e-8), scaled)
            if hit:
                measured.matches[facet] = hit
        measured.after += changes
        for handle, sent in (("x", Programmer(plan, case).x()), ("dy", upstream_for(plan, case))):
            back = [e for e in entries if e.path == (handle,)]
            if back and not np.array_equal(back[0].array, sent):
                measured.damaged.append(handle)
        return measured

    # -- verdicts ------------------------------------------------------------------------

    def _call(self, method: str) -> str:
        return f"{self.plan.definition.name}.{method}(...)"

    def _no_forward(self, id_: str, facet: str, measured: Measured) -> CheckResult:
        outcome = measured.outcome
        return model.raised(
            id_,
            facet,
            self._call(self.plan.forward.name),
            outcome.error,
            outcome.timed_out,
            outcome.died,
        )

    def _expected(self, facet: str, case: LayerCase, like: Found | None) -> np.ndarray:
        """The true array in the student's layout."""
        truth = case.truth(facet)
        wanted = self._wanted(facet)
        if like is not None:
            for layout in layouts.possible(like.array.shape, truth.axes, truth.sizes):
                if wanted is None or layouts.order_of(layout, truth.sizes) == layouts.order_of(
                    wanted, truth.sizes
                ):
                    return layouts.apply(layout, truth.array, truth.axes)
        if wanted is None:
            return truth.array
        return layouts.apply(wanted, truth.array, truth.axes)

    def _wanted(self, facet: str) -> layouts.Layout | None:
        plan = self.plan
        if facet == "forward":
            return output_layout(self._spec, plan.x_layout)
        if facet == "dX":
            return plan.x_layout
        name = WEIGHT_OF[facet]
        if name in plan.places and plan.places[name].layout is not None:
            return plan.places[name].layout
        return plan.weight_layouts.get(name)

    def _forward(self) -> CheckResult:
        id_ = facet = "forward"
        for measured in self._fresh:
            if not measured.forward_ran:
                return self._no_forward(id_, facet, measured)
            if facet not in measured.matches:
                return self._wrong_output(id_, measured)
        for measured in self._used:
            if not measured.forward_ran:
                again = self._no_forward(id_, facet, measured)
                return model.CheckResult(
                    id_,
                    facet,
                    again.status,
                    M(
                        "Right on the first call, but a second call on the same instance fails: {reason}",
                        reason=again.message,
                    ),
                )
            if facet not in measured.matches:
                wrong = self._wrong_output(id_, measured)
                return _with_message(
                    wrong,
                    M(
                        "Right on the first call, but not after a call with other data (something is kept from call to call): {reason}",
                        reason=wrong.message,
                    ),
                )
        return model.passed(
            id_, facet, M("The output is right in {n} random cases.", n=len(self._fresh))
        )

    def _wrong_output(self, id_: str, measured: Measured) -> CheckResult:
        y = measured.y
        if y is None:
            return CheckResult(
                id_,
                "forward",
                model.FAILED,
                M(
                    "{call} returns nothing that is an array.",
                    call=self._call(self.plan.forward.name),
                ),
            )
        return model.compare(
            id_, "forward", _OWN["forward"], y.array, self._expected("forward", measured.case, y)
        )

    def _shape(self) -> CheckResult:
        id_ = facet = "shape"
        if not all(m.forward_ran for m in self._fresh):
            return model.skipped(id_, facet, M("Not checked: forward gives no output."))
        for measured in [*self._fresh, *(m for m in self._used if m.forward_ran)]:
            truth = measured.case.truth("forward")
            wanted = output_layout(self._spec, self.plan.x_layout)
            y = measured.y
            if y is None:
                return CheckResult(
                    id_,
                    facet,
                    model.FAILED,
                    M(
                        "{call} returns nothing that is an array.",
                        call=self._call(self.plan.forward.name),
                    ),
                )
            fitting = layouts.possible(y.array.shape, truth.axes, truth.sizes)
            order = layouts.order_of(wanted, truth.sizes)
            if not any(layouts.order_of(f, truth.sizes) == order for f in fitting):
                sent = Programmer(self.plan, measured.case).x().shape
                return CheckResult(
                    id_,
                    facet,
                    model.FAILED,
                    M(
                        "For an input of shape {given} the output should have shape {expected}, not {actual}.",
                        given=model.shape_text(sent),
                        expected=model.shape_text(layouts.shape_of(wanted, truth.sizes)),
                        actual=model.shape_text(y.array.shape),
                    ),
                )
        return model.passed(id_, facet, M("The output has the right shape."))

    def _gradient(self, facet: str) -> CheckResult:
        if self.plan.backward is None:
            return CheckResult(
                facet,
                facet,
                model.FAILED,
                M(
                    "{name} has no method that computes gradients (backward).",
                    name=self.plan.definition.name,
                ),
            )
        runs = [m for m in self._fresh if facet not in m.matches]
        if not runs:
            runs = [m for m in self._used if m.forward_ran and facet not in m.matches]
            if not runs:
                return model.passed(
                    facet,
                    facet,
                    M("{what} is right in {n} random cases.", what=_OWN[facet], n=len(self._fresh)),
                )
            if not self._rescued(facet, runs, warm=True):
                wrong = self._wrong_gradient(facet, runs[0])
                return _with_message(
                    wrong,
                    M(
                        "Right on the first call, but not after a call with other data (something is kept from call to call): {reason}",
                        reason=wrong.message,
                    ),
                )
        elif not self._rescued(facet, runs, warm=False):
            if self._consistent(facet):
                return model.passed(
                    facet,
                    facet,
                    M(
                        "{what} is the derivative of this layer's own forward, though the output itself is wrong.",
                        what=_OWN[facet],
                    ),
                )
            return self._wrong_gradient(facet, runs[0])
        return model.passed(
            facet,
            facet,
            M(
                "{what} is right: it shows in the weights after the layer's own update.",
                what=_OWN[facet],
            ),
        )

    def _rescued(self, facet: str, runs: Sequence[Measured], warm: bool) -> bool:
        """True if the student's own optimiser makes the gradient visible."""
        if self._own is None or facet == "dX":
            return False
        return all(facet in self.measure(m.case, warm=warm, plan=self._own).matches for m in runs)

    def _consistent(self, facet: str) -> bool:
        """A wrong forward with a right backward earns the backward facets."""
        if any("forward" in m.matches or not m.forward_ran for m in self._fresh):
            return False
        measured = self._fresh[0]
        if measured.y is None:
            return False
        return own_derivative_agrees(
            self._session,
            self._spec,
            self.plan,
            measured.case,
            measured.y,
            [*measured.ret, *measured.after],
            facet,
            self._rng,
        )

    def _wrong_gradient(self, facet: str, measured: Measured) -> CheckResult:
        suspect = _suspect(facet, measured, self._expected(facet, measured.case, None))
        outcome = measured.outcome
        if not measured.forward_ran:
            return model.skipped(facet, facet, M("Not checked: forward gives no output."))
        if suspect is None and not measured.backward_ran:
            assert self.plan.backward is not None
            return model.raised(
                facet,
                facet,
                self._call(self.plan.backward.name),
                outcome.error,
                outcome.timed_out,
                outcome.died,
            )
        if suspect is None:
            return CheckResult(
                facet,
                facet,
                model.FAILED,
                M(
                    "{what} was not found: neither returned nor kept by the layer.",
                    what=_OWN[facet],
                ),
            )
        return model.compare(
            facet, facet, _OWN[facet], suspect.array, self._expected(facet, measured.case, suspect)
        )

    # -- repeated calls ------------------------------------------------------------------

    def _repeat(self) -> CheckResult:
        """The same call twice on one instance gives the same answer."""
        id_ = facet = "repeat"
        first_run = self._fresh[0]
        if not first_run.forward_ran:
            return model.skipped(id_, facet, M("Not checked: forward gives no output."))
        plan, case = self.plan, first_run.case
        programmer = Programmer(plan, case).make().forward(keep="y1", optional=True)
        both = plan.backward is not None and self._resettable(plan)
        dy = upstream_for(plan, case)
        if both:
            programmer.backward(dy, keep="ret1", optional=True).harvest("one:", "self")
            programmer.set_weights()
        second = len(programmer.wire.steps)
        programmer.forward(keep="y2", optional=True)
        if both:
            programmer.backward(dy, keep="ret2", optional=True).harvest("two:", "self")
        outcome = programmer.run(self._session)
        if outcome.outcomes[second : second + 1] != (True,):
            return model.raised(
                id_,
                facet,
                M("A second {call} on the same instance", call=self._call(plan.forward.name)),
                outcome.error,
                outcome.timed_out,
                outcome.died,
            )
        one, two = output_of(outcome.found, "y1"), output_of(outcome.found, "y2")
        if one is not None and (two is None or not _same(one.array, two.array)):
            got = two.array if two is not None else np.zeros(0)
            wrong = model.compare(
                id_, facet, M("The output of a second, equal call"), got, one.array
            )
            return wrong
        if both:
            return self._repeat_backward(first_run, outcome)
        return model.passed(id_, facet, M("The same call twice gives the same answer."))

    def _repeat_backward(self, first_run: Measured, outcome: Outcome) -> CheckResult:
        arrays = {e.path: e.array for e in outcome.found}
        for name, hit in first_run.matches.items():
            if name == "forward" or "Δ" in hit.path:
                continue
            head, rest = hit.path[0], hit.path[1:]
            if head == "ret":
                pair = arrays.get(("ret1", *rest)), arrays.get(("ret2", *rest))
            else:
                pair = arrays.get((f"one:{head}", *rest)), arrays.get((f"two:{head}", *rest))
            if pair[0] is not None and pair[1] is not None and not _same(pair[0], pair[1]):
                return model.compare(
                    "repeat",
                    "repeat",
                    M("{what} after a second, equal call", what=_OWN[name]),
                    pair[1],
                    pair[0],
                )
        return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))

    # -- documented pairs ----------------------------------------------------------------

    def _documented(self, facet: str) -> Iterator[CheckResult]:
        for number, pair in enumerate(self._spec.documented, 1):
            if facet not in pair.expected:
                continue
            id_ = f"{facet}-documented-{number}"
            case = cases.documented(self._spec, pair)
            if any(case.sizes.get(a) != n for a, n in self.plan.fixed.items()):
                yield model.skipped(
                    id_, facet, M("Not checked: the layer's sizes are written into the class.")
                )
                continue
            yield self._documented_facet(id_, facet, case, pair.upstream is not None)

    def _documented_facet(
        self, id_: str, facet: str, case: LayerCase, has_upstream: bool
    ) -> CheckResult:
        if facet != "forward" and (self.plan.backward is None or not has_upstream):
            return model.skipped(id_, facet, M("Not checked: there is no backward method."))
        # Equal sizes can confuse an initialiser stub; what was found out on the probe can't be.
        plan = self.plan.with_(overwrite=True) if self.plan.places else self.plan
        measured = self.measure(case, warm=False, plan=plan)
        if (
            facet not in measured.matches
        ):  # students' arrays are integers; not every layer bears that
            as_floats = cases.build(
                self._spec,
                case.sizes,
                case.x.astype(float),
                {k: v.astype(float) for k, v in case.weights.items()},
                case.upstream.astype(float),
                None,
            )
            again = self.measure(as_floats, warm=False, plan=plan)
            measured = again if facet in again.matches else measured
        if facet in measured.matches:
            return model.passed(id_, facet, M("The documented example comes out right."))
        if not measured.forward_ran:
            return self._no_forward(id_, facet, measured)
        if facet == "forward":
            return _renamed(self._wrong_output(id_, measured), id_)
        if self._rescued(facet, [measured], warm=False):
            return model.passed(id_, facet, M("The documented example comes out right."))
        return _renamed(self._wrong_gradient(facet, measured), id_)

    # -- what was assumed ----------------------------------------------------------------

    def _note_conventions(self) -> None:
        measured = self._fresh[0]
        for facet in GRADIENTS:
            hit = measured.matches.get(facet)
            if hit is None:
                continue
            if "Δ" in hit.path:
                self.notes.append(M("{facet} read from the change of the weights", facet=facet))
            elif hit.path[0] != "ret":
                self.notes.append(
                    M("{facet} kept as {name}", facet=facet, name=matching.describe(hit.path))
                )
            if hit.factor == 1 / measured.case.sizes.get("N", 1) != 1:
                self.notes.append(M("{facet} averaged over the batch", facet=facet))
        worst = max((h.error for m in self._fresh for h in m.matches.values()), default=0.0)
        if worst > 1e-9:
            self.notes.append(M("computed in single precision (float32) somewhere"))
        damaged = sorted({name for m in self._fresh for name in m.damaged})
        if damaged:
            self.notes.append(
                M("the arrays passed in are changed: {names}", names=", ".join(damaged))
            )


def _with_message(result: CheckResult, message: Message) -> CheckResult:
    return CheckResult(
        result.id,
        result.facet,
        result.status,
        message,
        result.expected,
        result.actual,
        result.max_abs_error,
        result.max_rel_error,
        result.where,
    )


def _renamed(result: CheckResult, id_: str) -> CheckResult:
    return CheckResult(
        id_,
        result.facet,
        result.status,
        result.message,
        result.expected,
        result.actual,
        result.max_abs_error,
        result.max_rel_error,
        result.where,
    )


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-10, atol=1e-12, equal_nan=True)


def _learning_rates(entries: Iterable[Found]) -> tuple[float, ...]:
    """Step sizes by which a weight's change may have been scaled."""
    rates = [LR, 1.0]
    for entry in entries:
        name = next((p for p in reversed(entry.path) if isinstance(p, str)), "")
        if entry.kind == "scalar" and lexicon().is_a(name, "lr"):
            value = float(entry.array)
            if np.isfinite(value) and value > 0:
                rates.append(value)
    return tuple(dict.fromkeys(rates))


def _suspect(facet: str, measured: Measured, expected: np.ndarray) -> Found | None:
    """The array that was meant to be this gradient: by its name, then by where it was returned."""
    named = [
        e
        for e in measured.after
        if e.path[0] == "self"
        and isinstance(e.path[-1], str)
        and _NAMES[facet].fullmatch(e.path[-1])
    ]
    in_dict = [
        e
        for e in measured.after
        if len(e.path) > 2
        and isinstance(e.path[-1], str)
        and _NAMES["dW"].fullmatch(f"d{e.path[1]}")
    ]
    pool = [*measured.ret, *named, *in_dict] if facet == "dX" else [*named, *in_dict, *measured.ret]
    pool = [e for e in pool if e.array.size]  # an empty array was never computed
    same = [e for e in pool if e.array.squeeze().shape == expected.squeeze().shape]
    if same:
        return same[0]
    if facet == "dX":
        return next((e for e in pool if e.path == ("ret",) or e in named), None)
    return next((e for e in pool if e in named), None)


def facet_checks(spec: ItemSpec) -> list[tuple[str, str]]:
    """(check id, facet) of every check that the item has, known before anything is run."""
    listed = []
    for facet in spec.facets:
        for number, pair in enumerate(spec.documented, 1):
            if facet in pair.expected:
                listed.append((f"{facet}-documented-{number}", facet))
        listed.append((facet, facet))
    return listed
