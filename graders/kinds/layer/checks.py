"""Checks of a layer: documented pairs, shapes, random cases and gradients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from graders import cases
from graders.arrays import layouts, matching
from graders.binding.one_column import is_one_column
from graders.binding.one_row import is_one_row
from graders.binding.plans import LayerPlan, Programmer, call_text, output_layout
from graders.binding.standing import LOOKED_AT
from graders.cases import LayerCase
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.layer.arrays import expected, suspect, what
from graders.kinds.layer.gradients import (
    DIRECTIONS,
    influences,
    own_derivatives,
    reaches_no_further,
    slopes,
)
from graders.kinds.layer.repeat import check_repeat
from graders.kinds.layer.runs import LayerRuns, Measured
from graders.kinds.layer.tested import Tests
from graders.messages import Bilingual, M, Message
from graders.sandbox.session import Found, OutOfBudget, Session
from graders.specs import ItemSpec
from graders.specs.model import TEST

_FEWEST = 2  # cases that tell something of a layer whose calls are too slow for all of them
BY_DIFFERENCES = 16  # outputs of the layer that are computed in one backward


class LayerChecks:
    """All checks of one item on one plan."""

    def __init__(
        self,
        session: Session,
        spec: ItemSpec,
        plan: LayerPlan,
        rng: np.random.Generator,
        own_optimizers: Sequence[LayerPlan] = (),
    ) -> None:
        self.session, self._spec, self._rng = session, spec, rng
        if spec.testing is not None and not set(spec.gradients) & spec.facets.keys():
            plan = plan.with_(backward=None)  # trainings and tests alone are asked for
        self.runs = LayerRuns(session, spec, plan, rng, own_optimizers)
        self.notes: list[Bilingual] = []
        self.fresh: list[Measured] = []  # each case on an instance of its own
        self.used: list[Measured] = []  # the same after a call on other data
        self.resized: list[Measured] = []  # after calls on batches of another size
        self._redrawn = False  # each forward draws weights of its own
        self.tests: Tests | None = None  # what it gives in a test
        self._evaluations = 0  # of the layer's output, in one backward

    @property
    def plan(self) -> LayerPlan:
        """How the class is called, as far as it is known now."""
        return self.runs.plan

    @property
    def spec(self) -> ItemSpec:
        """What is asked for."""
        return self._spec

    @property
    def own(self) -> tuple[LayerPlan, ...]:
        """The plan with each of the student's own optimisers."""
        return self.runs.own

    @property
    def guesses_backward(self) -> bool:
        """True for a backward of several arrays that raises whichever is handed over for which."""
        backward = self.plan.backward
        if backward is None or any(m.backward_ran for m in self.fresh):
            return False
        kinds = ("input", "output", "upstream", "value")
        several = sum(a.kind in kinds and not a.keyword for a in backward.arguments) > 1
        return several and not self._is_proved_by_example

    @cached_property
    def _is_proved_by_example(self) -> bool:
        """True if the same call gives a true gradient of a documented pair: then it is no guess."""
        for pair in self._spec.documented:
            if pair.upstream is None:
                continue
            case = cases.documented(self._spec, pair)
            if any(case.sizes.get(a) != n for a, n in self.plan.fixed.items()):
                continue
            try:
                measured = self.runs.measure(case)
            except OutOfBudget:
                return False
            if measured.matches.keys() & set(self._spec.gradients):
                return True
        return False

    def run(self) -> Iterator[CheckResult]:
        """Make the calls, then judge facet by facet."""
        spent = self._measure()
        if spent is not None and self._seen():
            self.notes.append(
                M("only {n} of {all} random cases were run: {reason}",
                  n=len(self.used), all=self._spec.cases, reason=spent.reason)
            )  # fmt: skip
        for facet in self._spec.facets:
            if spent is not None and not self._seen():
                yield model.skipped(facet, facet, spent.reason)
                continue
            try:
                yield from self._facet(facet)
            except OutOfBudget as error:  # what was checked of it stands
                spent = error
                yield model.skipped(facet, facet, spent.reason)
        if self.fresh:
            self._note_conventions()

    def _measure(self) -> OutOfBudget | None:
        """Make the calls; what kept from making all of them."""
        spec = self._spec
        spent: OutOfBudget | None = None
        try:
            self.runs.settle_backward()
            for number in range(spec.cases):
                case = self.plan.draw(spec, self._rng)
                fresh = self.runs.measure(case)
                self.fresh.append(fresh)
                if number == 0 and not fresh.forward_ran:
                    break  # it raises: more of the same would teach nothing
                self.used.append(self.runs.measure(case, [self.runs.other(case)]))
            self.runs.settle_places(self.fresh, self.used)
            self._resize()
        except OutOfBudget as error:
            spent = error
            self.runs.settle_places(self.fresh, self.used)
        if self._error_free():
            with self.session.in_any_case():  # no layer is too slow to be asked for it
                self._redrawn = self.runs.redraws(self.fresh[0])
                self._evaluations = self.runs.evaluations(self.fresh)
        return spent

    def _seen(self) -> bool:
        """True if enough was seen, though not all that should have been."""
        return len(self.used) >= _FEWEST

    def _facet(self, facet: str) -> Iterator[CheckResult]:
        yield from self._documented(facet)
        if facet == "forward":
            yield self._forward()
        elif facet == "shape":
            yield self._shape()
        elif facet == TEST:
            yield self._tested()
        elif facet == "repeat" and self._redrawn:
            yield model.told_plainly(facet, facet, self._drawn_anew())
        elif facet == "repeat":
            call = self._call(self.plan.forward.name)
            yield check_repeat(self.session, self.runs, self.fresh[0], call)
        elif facet in self._spec.gradients and self._evaluations >= BY_DIFFERENCES:
            yield CheckResult(facet, facet, model.FAILED, self._differences())
        elif facet in self._spec.gradients:
            yield self._gradient(facet)

    def _resize(self) -> None:
        """Batches of two sizes on one instance, where calls of one size do it no harm."""
        pairs = zip(self.fresh, self.used, strict=False)
        if not self.used or any(fresh.matches.keys() - used.matches for fresh, used in pairs):
            return
        seen: list[LayerCase] = []
        for case in self.runs.batches(self.fresh[0].case):
            if seen:
                self.resized.append(self.runs.measure(case, seen))
            seen.append(case)

    def _tested(self) -> CheckResult:
        """After trainings, what is kept of them decides."""
        if not self.fresh[0].forward_ran:
            return model.skipped(TEST, TEST, M("Not checked: forward gives no output."))
        self.tests = Tests(self.session, self._spec, self.runs, self.fresh[0], self._rng)
        result = self.tests.check()
        self.notes += self.tests.notes
        return result

    def _error_free(self) -> bool:
        return bool(self.used) and all("forward" in m.matches for m in [*self.fresh, *self.used])

    # -- verdicts ------------------------------------------------------------------------

    def _call(self, method: str) -> str:
        return f"{self.plan.definition.name}.{method}(...)"

    def _no_forward(self, id_: str, facet: str, measured: Measured) -> CheckResult:
        outcome = measured.outcome
        name = self.plan.definition.name
        return model.raised(
            id_,
            facet,
            self._call(self.plan.forward.name) if measured.made else f"{name}(...)",
            measured.forward_error if measured.made else outcome.error,
            outcome.timed_out,
            outcome.died,
        )

    def _forward(self) -> CheckResult:
        id_ = facet = "forward"
        for measured in self.fresh:
            if not measured.forward_ran:
                return self._no_forward(id_, facet, measured)
            if facet not in measured.matches:
                return self._wrong_output(id_, measured)
        for measured in [*self.used, *self.resized]:
            if not measured.forward_ran:
                again = self._no_forward(id_, facet, measured)
                text = M(
                    "Right on the first call, but a second call on the same instance fails: {reason}",
                    reason=again.message,
                )
                if _resized(measured):
                    text = _kept(measured, again.message)
                return model.CheckResult(id_, facet, again.status, text)
            if facet not in measured.matches:
                wrong = self._wrong_output(id_, measured)
                return model.framed(wrong, partial(_kept, measured))
        if self._redrawn:
            return model.told_plainly(id_, facet, self._drawn_anew())
        return model.passed(
            id_, facet, M("The output is right in {n} random cases.", n=len(self.fresh))
        )

    def _differences(self) -> Message:
        assert self.plan.backward is not None
        return M(
            "{call} finds gradients by differences: it computes the layer's output {n} times. Work them out by the chain rule.",
            call=self.plan.called(self.plan.backward),
            n=self._evaluations,
        )

    def _drawn_anew(self) -> Message:
        return M(
            "{call} draws new weights each time that it is called: what the layer learns is lost. Draw them once, in the constructor or in the first call, and keep them.",
            call=self._call(self.plan.forward.name),
        )

    def _wrong_output(self, id_: str, measured: Measured) -> CheckResult:
        if measured.rivals.get("forward"):
            return model.ambiguous(
                id_, "forward", what(self._spec, "forward"), measured.rivals["forward"]
            )
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
        wanted = expected(self.plan, "forward", measured.case, self._like(y))
        return self._with_input(
            model.compare(id_, "forward", what(self._spec, "forward"), y.array, wanted), measured
        )

    def _like(self, found: Found) -> Found | None:
        """The array whose layout the expected one is shown in; none where the layout is the task."""
        return None if self._spec.output_layout else found

    def _with_input(self, check: CheckResult, measured: Measured) -> CheckResult:
        case = measured.case
        given = layouts.apply(self.plan.x_layout, case.x, case.spec.axes)
        return replace(check, input=given)

    def _shape(self) -> CheckResult:
        id_ = facet = "shape"
        if not all(m.forward_ran for m in self.fresh):
            return model.skipped(id_, facet, M("Not checked: forward gives no output."))
        for measured in [*self.fresh, *(m for m in self.used if m.forward_ran)]:
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
            merged = self._spec.output_layout  # the merging is what the item is about
            if merged and y.array.shape != layouts.shape_of(wanted, truth.sizes):
                fitting = ()
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
            return model.told_plainly(
                facet,
                facet,
                M(
                    "{name} has no method that computes gradients (backward).",
                    name=self.plan.definition.name,
                ),
            )
        runs = [m for m in self.fresh if facet not in m.matches]
        if not runs:
            later = [*self.used, *self.resized]
            runs = [m for m in later if m.forward_ran and facet not in m.matches]
            if not runs:
                late = self.runs.of_updated_weights(self.fresh[0].case) if facet == "dX" else None
                if late is not None:
                    wrong = self._wrong_gradient(facet, late)
                    return model.framed(wrong, _late)
                at_zero = self._at_zero(facet)
                if at_zero is not None:
                    return at_zero
                return model.passed(
                    facet,
                    facet,
                    M(
                        "{what} is right in {n} random cases.",
                        what=what(self._spec, facet),
                        n=len(self.fresh),
                    ),
                )
            if not self.runs.rescued(facet, runs):
                wrong = self._with_slopes(self._wrong_gradient(facet, runs[0]), runs[0])
                return model.framed(wrong, partial(_kept, runs[0]))
        elif not self.runs.rescued(facet, runs):
            if self._consistent(facet):
                return model.passed(
                    facet,
                    facet,
                    M(
                        "{what} is the derivative of this layer's own forward, though the output itself is wrong.",
                        what=what(self._spec, facet),
                    ),
                )
            return self._with_slopes(self._wrong_gradient(facet, runs[0]), runs[0])
        return model.passed(
            facet,
            facet,
            M(
                "{what} is right: it shows in the weights after the layer's own update.",
                what=what(self._spec, facet),
            ),
        )

    def _at_zero(self, facet: str) -> CheckResult | None:
        """What is wrong of an activation's gradient where its input is exactly 0; None if nothing is.

        Black pixels, and all that a ReLU before it cut off, are exactly 0. Where a function has a corner
        the derivative of either side is right, and what lies half-way.
        """
        if not cases.is_elementwise(self._spec):
            return None
        measured: list[Measured] = []
        with self.session.in_any_case():  # one call more
            for case in cases.with_zeros(self.fresh[0].case):
                measured.append(self.runs.measure(case))
                if facet in measured[-1].matches:
                    return None
        wrong = self._wrong_gradient(facet, measured[0])
        return model.framed(
            wrong, lambda reason: M("Where the input is exactly 0: {reason}", reason=reason)
        )

    def _consistent(self, facet: str) -> bool:
        """A wrong forward with a right backward earns the backward facets.

        It must be the derivative of a forward that depends on the tensor, on no more of it than
        the true one does, and depend itself on all that the true one depends on: ``return x``
        has ``return dA`` as its derivative, and neither has computed anything.
        """
        if any("forward" in m.matches for m in self.fresh):
            return False
        if not all(m.forward_ran and m.backward_ran for m in [*self.fresh, *self.used]):
            return False  # right for some sizes, and none at all for others
        first = self._own_derivatives(facet, self.fresh[0], DIRECTIONS)
        before = {e.path: e.array for e in first}
        for measured in self.fresh[1:]:
            there = {e.path for e in self._own_derivatives(facet, measured, 1)} if before else set()
            before = {path: array for path, array in before.items() if path in there}
        for case, least in influences(self.fresh[0].case, facet, self._rng) if before else ():
            again = self.runs.measure(case)
            after = {e.path: e.array for e in (*again.ret, *again.after)}
            before = {
                path: array
                for path, array in before.items()
                if path in after
                and after[path].shape == array.shape
                and np.linalg.norm(after[path] - array) > least
            }
        return bool(before) and self._reaches_no_further(facet, self.fresh[0])

    def _reaches_no_further(self, facet: str, measured: Measured) -> bool:
        return measured.y is not None and reaches_no_further(
            self.session,
            self._spec,
            self.plan,
            measured.case,
            measured.y,
            facet,
            self._rng,
        )

    def _own_derivatives(self, facet: str, measured: Measured, directions: int) -> list[Found]:
        """The arrays that are the derivative of the forward as it is, in one case."""
        if measured.y is None:
            return []
        return own_derivatives(
            self.session,
            self._spec,
            self.plan,
            measured.case,
            measured.y,
            [
                e
                for e in (*measured.ret, *measured.after)
                if e.path in measured.stood.get(facet, ())
            ],
            facet,
            self._rng,
            directions,
        )

    def _wrong_gradient(self, facet: str, measured: Measured) -> CheckResult:
        if measured.rivals.get(facet):
            return model.ambiguous(facet, facet, what(self._spec, facet), measured.rivals[facet])
        found = suspect(facet, measured, expected(self.plan, facet, measured.case, None))
        outcome = measured.outcome
        if not measured.forward_ran:
            return model.skipped(facet, facet, M("Not checked: forward gives no output."))
        if found is not None and not measured.backward_ran:
            # Backward raised before it came to this, or had finished with it: the value is the
            # constructor's, or half of what was to be there.
            truth = expected(self.plan, facet, measured.case, None)
            half = _is_half(found.array.squeeze(), truth.squeeze())
            found = None if half or found.path in measured.untouched else found
        if found is None and not measured.backward_ran:
            assert self.plan.backward is not None
            error = measured.backward_error
            if self.guesses_backward and error is not None:
                return model.not_worked_out(facet, facet, call_text(self.plan.backward), error)
            return model.raised(
                facet,
                facet,
                self.plan.called(self.plan.backward),
                measured.backward_error,
                outcome.timed_out,
                outcome.died,
            )
        if found is None:
            return model.told_plainly(
                facet,
                facet,
                M(
                    "{what} was not found: neither returned nor kept by the layer.",
                    what=what(self._spec, facet),
                ),
            )
        wanted = expected(self.plan, facet, measured.case, self._like(found))
        return self._with_input(
            model.compare(facet, facet, what(self._spec, facet), found.array, wanted), measured
        )

    def _with_slopes(self, check: CheckResult, measured: Measured) -> CheckResult:
        """The gradient check beside a wrong gradient, if both can be laid side by side."""
        if check.actual is None or check.where is None:
            return check
        rows = slopes(
            self.session,
            self._spec,
            self.plan,
            measured.case,
            check.facet,
            check.actual,
            check.where,
            self._rng,
        )
        return replace(check, slopes=rows)

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
            try:
                yield self._documented_facet(id_, facet, case, pair.upstream is not None)
            except OutOfBudget as spent:
                yield model.skipped(id_, facet, spent.reason)

    def _documented_facet(
        self, id_: str, facet: str, case: LayerCase, has_upstream: bool
    ) -> CheckResult:
        if facet != "forward" and (self.plan.backward is None or not has_upstream):
            return model.skipped(id_, facet, M("Not checked: there is no backward method."))
        # Equal sizes can confuse an initialiser stub; what was found out on the probe can't be.
        plan = self.plan.with_(overwrite=True) if self.plan.places else self.plan
        measured = self.runs.measure(case, plan=plan)
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
            again = self.runs.measure(as_floats, plan=plan)
            raised = not measured.outcome.ok and again.outcome.ok
            measured = again if facet in again.matches or raised else measured
        whole = plan.with_arrays(case)
        if not measured.forward_ran and whole != plan:
            again = self.runs.measure(case, plan=whole)
            measured = again if again.forward_ran else measured
        if facet in measured.matches:
            return model.passed(id_, facet, M("The documented example comes out right."))
        if not measured.forward_ran:
            return self._no_forward(id_, facet, measured)
        if facet == "forward":
            return _renamed(self._wrong_output(id_, measured), id_)
        if self.runs.rescued(facet, [measured]):
            return model.passed(id_, facet, M("The documented example comes out right."))
        return _renamed(self._wrong_gradient(facet, measured), id_)

    # -- what was assumed ----------------------------------------------------------------

    def _note_conventions(self) -> None:
        measured = self.fresh[0]
        for facet in self._spec.gradients:
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
        if any(map(_crowded, self.fresh)):
            self.notes.append(
                M("only the first {n} arrays of an object are looked at", n=LOOKED_AT)
            )
        worst = max((h.error for m in self.fresh for h in m.matches.values()), default=0.0)
        if worst > 1e-9:
            self.notes.append(
                M("computed in single precision (float32) somewhere")
                if any(map(_is_single, self.fresh))
                else M(
                    "differs by up to {error} from the exact value, as by a small number that is added (1e-7)",
                    error=model.number(worst),
                )
            )
        if self.plan.tensor is not None:
            self.notes.append(M("{name} carries gradients back", name=self.plan.tensor.name))
        if self.plan.small:
            self.notes.append(
                M("tried on small inputs only: it loops over larger ones for too long")
            )
        if self.plan.local and "dX" in measured.matches:
            self.notes.append(
                M("backward gives the derivative alone: the network multiplies by it")
            )
        if is_one_column(self._spec, self.plan):
            self.notes.append(M("one sample in each call, as a column: more of them break it"))
        elif is_one_row(self._spec, self.plan):
            self.notes.append(M("one sample in each call: more of them break it"))
        if self.plan.clearing is not None:
            self.notes.append(M("gradients add up from call to call: each is judged from zero"))
        damaged = sorted({name for m in self.fresh for name in m.damaged})
        if damaged:
            self.notes.append(
                M("the arrays passed in are changed: {names}", names=", ".join(damaged))
            )


def _crowded(measured: Measured) -> bool:
    """True if an object had more arrays than are looked at."""
    counts = Counter(e.path[0] for e in measured.outcome.found)
    return max(counts.values(), default=0) >= LOOKED_AT


def _is_single(measured: Measured) -> bool:
    """True if something that the layer made is of single precision, or less."""
    return any(e.array.dtype in (np.float32, np.float16) for e in measured.outcome.found)


def _resized(measured: Measured) -> bool:
    """True if the call before was on a batch of another size."""
    before = measured.before
    return before is not None and before.sizes.get("N") != measured.case.sizes.get("N")


def _kept(measured: Measured, reason: Message) -> Message:
    """Why an instance that was right at first is not any more."""
    if _resized(measured):
        sizes = [case.sizes["N"] for case in (*measured.earlier, measured.case)]
        return M(
            "Right for batches of one size, but not when the number of samples changes from call to call ({sizes}): {reason}",
            sizes=", ".join(map(str, sizes)),
            reason=reason,
        )
    return M(
        "Right on the first call, but not after a call with other data (something is kept from call to call): {reason}",
        reason=reason,
    )


def _is_half(array: np.ndarray, truth: np.ndarray) -> bool:
    """True if backward may have raised before it had filled the array."""
    return array.shape != truth.shape or bool(np.any((array == 0) & (truth != 0)))


def _late(reason: Message) -> Message:
    """Why a gradient is wrong that is right as long as the optimiser changes nothing."""
    return M(
        "backward updates the weights first and then computes dX with the new ones; forward used the old ones: {reason}",
        reason=reason,
    )


def _renamed(result: CheckResult, id_: str) -> CheckResult:
    return replace(result, id=id_)
