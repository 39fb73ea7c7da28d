"""Looks for the small edit that makes the wrong facets of a layer right, and proves it.

An edit is tried on a case in which the facets went wrong, then on all such cases, and then in a whole
check of its own, on inputs of other sizes that nobody has seen: the facets must come out right there,
and every facet that was right must stay so. Twins, the same edit at two places, are tried where no
single one does it.
"""

from __future__ import annotations

import contextlib
import itertools
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graders import cases
from graders.binding.plans import LayerPlan, Path, Programmer, Wire, upstream_for
from graders.cases import LayerCase
from graders.checks.model import CheckResult
from graders.edits.model import Edit
from graders.edits.places import Function
from graders.errors import SpecError
from graders.kinds.layer.checks import LayerChecks
from graders.kinds.layer.runs import LayerRuns, Measured
from graders.repair.edits import RANKS, edits_in
from graders.repair.suspicion import FORWARD, Suspect, Wanted, ran_through, suspects
from graders.repair.trial import edited
from graders.sandbox.session import Found as Array
from graders.sandbox.session import OutOfBudget, Session
from graders.specs import ItemSpec

_DRAWN = 20  # cases, of which the smallest serves
_TOGETHER = 8  # edits that are tried in one request
_SECONDS_A_CALL = 1.0  # what does not end by then is no repair


@dataclass(frozen=True)
class Bounds:
    """How much one item may cost. Tries come first, so that a busy machine finds the same."""

    tries: int = 600
    seconds: float = 5.0  # of both processes' own time
    proofs: int = 12
    twins: int = 120


@dataclass(frozen=True)
class Answer:
    """A layer as it was judged: by which spec and plan, and which facets came out wrong and right."""

    spec: ItemSpec
    plan: LayerPlan
    own: tuple[LayerPlan, ...]
    others: tuple[LayerPlan, ...]  # by which it may be meant, where no plan gave a right output
    wrong: frozenset[str]
    right: frozenset[str]


@dataclass(frozen=True)
class Proved:
    """An edit, and the facets that it makes right."""

    edit: Edit
    facets: frozenset[str]


@dataclass
class Found:
    """What a search came to."""

    proved: list[Proved] = field(default_factory=list)
    tries: int = 0
    seconds: float = 0.0
    complete: bool = False  # nothing was left untried
    over: bool = False  # the process ended, or its calls have used up their budget: the last search


Judged = Callable[[ItemSpec, Sequence[CheckResult]], Iterable[str]]
"""Which facets are right by the checks: what `judging` goes by."""


@dataclass(frozen=True)
class _Witness:
    """A case in which facets came out wrong, with the calls before it."""

    facets: frozenset[str]
    case: LayerCase
    earlier: tuple[LayerCase, ...]


class Search:
    """Looks for the edits that repair a layer. `judged`: which facets are right by the checks."""

    def __init__(
        self, session: Session, answer: Answer, functions: Sequence[Function], judged: Judged,
        seed: int, bounds: Bounds,
    ) -> None:  # fmt: skip
        self._session, self._answer, self._functions = session, answer, functions
        self._judged, self._seed, self._bounds = judged, seed, bounds
        self._found = Found()
        self._view = edited(session, None)  # one that ends is the last: each costs a loading
        self._proofs = 0
        self._elapsed: Callable[[], float] = lambda: 0.0
        self._light = False

    def run(self, known: Sequence[Edit]) -> Found:
        """What is found within the bounds. `known`: edits that repair the same class for another item, which
        are tried first; what they make right is looked for no further.
        """
        host = self._session
        began, used = time.process_time(), host.clock.used()
        kept = host.budget
        host.budget = replace(kept, call=_SECONDS_A_CALL, program=3 * _SECONDS_A_CALL)
        self._elapsed = lambda: time.process_time() - began + host.clock.used() - used
        try:
            with contextlib.suppress(SpecError):
                self._search(known)
        except OutOfBudget:
            self._found.over = True  # what was proved till then stays proved
        finally:
            host.budget = kept
            if not self._found.complete:
                # A term can be made up in many lines: all of them must have been tried.
                self._found.proved = [p for p in self._found.proved if p.edit.rank < RANKS[-1]]
            self._found.seconds = self._elapsed()
            self._found.over = self._found.over or self._view.gone
        return self._found

    def _search(self, known: Sequence[Edit]) -> None:
        answer = self._answer
        base, right = self._checked(None, "witnesses")
        self._wrong = answer.wrong - right  # wrong in the verdict and here: not by chance
        if not self._wrong or not base.fresh:
            return
        self._base, self._runs_right = base, right & answer.right
        self._witnesses = self._witnesses_in(base)
        if not self._witnesses:
            return
        self._light = self._is_light()
        every = self._suspects()
        self._tried(known, [])
        done = frozenset(f for proved in self._found.proved for f in proved.facets)
        if self._wrong <= done:
            self._found.complete = True
            return
        for rank in RANKS:
            tried: list[Edit] = []
            for common in (True, False):  # what students slip at most comes first, in every line
                for suspect in every:
                    edits = edits_in(
                        suspect.function, suspect.statement, suspect.around, rank, common
                    )
                    if not self._tried(edits, tried):
                        return
            pairs = itertools.islice(twins(tried), self._bounds.twins)
            if rank == 0 and not self._found.proved and not self._tried(pairs, []):
                return
            if self._found.proved:  # what exchanges something is likelier than what puts it in
                break
        self._found.complete = True

    # -- what is wrong ---------------------------------------------------------------------

    def _checked(
        self, edit: Edit | None, inputs: str, plan: LayerPlan | None = None
    ) -> tuple[LayerChecks, frozenset[str]]:
        """A whole check of the layer, and the facets that are right; `inputs` names those drawn for it.

        `plan`: another one than it was judged by.
        """
        answer = self._answer
        rng = np.random.default_rng([self._seed, zlib.crc32(inputs.encode())])
        own = answer.own if plan is None else ()
        view = edited(self._view, edit)
        checks = LayerChecks(view, answer.spec, plan or answer.plan, rng, own)
        return checks, frozenset(self._judged(answer.spec, list(checks.run())))

    def _witnesses_in(self, base: LayerChecks) -> list[_Witness]:
        """Cases in which something went wrong: of each facet the smallest one, if it can be without
        calls before it.
        """
        found: dict[str, Measured] = {}
        spec = self._answer.spec
        every = sorted(
            (*base.fresh, *base.used, *base.resized),
            key=lambda m: (len(m.earlier), cases.work(spec, m.case.sizes)),
        )
        for facet in self._visible():
            for measured in every:
                if not _right_in(facet, measured):
                    found.setdefault(facet, measured)
        by_case: dict[int, tuple[set[str], Measured]] = {}
        for facet, measured in found.items():
            by_case.setdefault(id(measured), (set(), measured))[0].add(facet)
        return [self._smaller(frozenset(facets), m) for facets, m in by_case.values()]

    def _smaller(self, facets: frozenset[str], measured: Measured) -> _Witness:
        """As small a case as shows the same, for hundreds of edits are tried on it."""
        plan, spec = self._answer.plan, self._answer.spec
        rng = np.random.default_rng([self._seed, zlib.crc32(b"smaller")])
        # Of a small plan (`LayerPlan.small`) two axes may be alike, which hides the size that is meant.
        drawn = [plan.draw(spec, rng) for _ in range(_DRAWN)]
        small = min(drawn, key=lambda case: cases.work(spec, case.sizes))
        same = all(e.sizes == measured.case.sizes for e in measured.earlier)
        if same and cases.work(spec, small.sizes) < cases.work(spec, measured.case.sizes):
            earlier = tuple(cases.redraw(spec, small.sizes, rng) for _ in measured.earlier)
            runs = LayerRuns(self._view, spec, plan, rng, ())
            again = runs.measure(small, earlier)
            if not any(_right_in(facet, again) for facet in facets) and (
                (again.forward_ran, again.backward_ran)
                == (measured.forward_ran, measured.backward_ran)
            ):
                return _Witness(facets, small, earlier)
        return _Witness(facets, measured.case, measured.earlier)

    def _visible(self) -> list[str]:
        """The wrong facets that single cases show; shapes and repetitions follow from others."""
        spec = self._answer.spec
        asked = ["forward", *(f for f in spec.gradients if f in spec.facets)]
        if self._answer.plan.backward is None:
            asked = ["forward"]
        shown = [f for f in asked if f in self._wrong]
        return shown or (["forward"] if "shape" in self._wrong else [])

    def _is_light(self) -> bool:
        """True if what a call leaves shows the gradients, and not what it changed."""
        first, plan = self._base.fresh[0], self._answer.plan
        moved = {found.path[1:-1] for found in first.changes}
        weights = {place.path for place in plan.places.values()}
        hidden = [
            f for f in self._answer.spec.gradients
            if f != "dX" and first.backward_ran and f not in first.stood and f not in first.matches
        ]  # fmt: skip
        told_by_own = bool(self._answer.own and hidden)
        return not (moved & weights or told_by_own or plan.local)

    def _suspects(self) -> list[Suspect]:
        first = self._witnesses[0]
        ran = ran_through(self._view, self._answer.plan, first.case)
        for plan in self._other_plans(first.case):
            ran = ran.beside(ran_through(self._view, plan, first.case))
        self._ran = ran
        measured = self._base.fresh[0]
        wrong = [Wanted(f, _place(f, measured)) for f in self._visible()]
        right = [
            Wanted(f, _place(f, measured))
            for f in ("forward", *self._answer.spec.gradients)
            if f in self._runs_right
        ]
        plan = self._answer.plan
        # Of each wrong facet in turn: where several are wrong, each has a line of its own, more often than not.
        each = [suspects(self._functions, ran, plan, [one], right) for one in wrong]
        every = [s for row in itertools.zip_longest(*each) for s in row if s is not None]
        return list({id(s.statement): s for s in reversed(every)}.values())[::-1]

    def _other_plans(self, case: LayerCase) -> list[LayerPlan]:
        """Further plans by which an edited forward may be right: those that bear the case's sizes."""
        y = self._base.fresh[0].y
        if "forward" not in self._wrong or (y is not None and y.array.size == case.forward.size):
            return []  # nothing is wrong with how it is called
        return [
            plan for plan in self._answer.others
            if all(case.sizes.get(name) == size for name, size in plan.fixed.items())
            and all(case.sizes.get(a) == case.sizes.get(b) for a, b in plan.ties.items())
        ]  # fmt: skip

    # -- trying ----------------------------------------------------------------------------

    def _tried(self, edits: Iterable[Edit], tried: list[Edit]) -> bool:
        """Try them all, and note them; False where the bounds are reached."""
        waiting = iter(edits)
        while some := list(itertools.islice(waiting, _TOGETHER)):
            tried += some
            for edit, plans in zip(some, self._glimpsed(some), strict=True):
                late = self._elapsed() > self._bounds.seconds
                if self._view.gone or late or self._found.tries >= self._bounds.tries:
                    return False
                self._found.tries += 1
                if self._answer.plan in plans:
                    mended = self._mends(edit)
                    if mended and not self._told(edit, mended):
                        self._prove(edit, mended, None)
                elif plans:
                    self._prove(edit, frozenset(["forward"]), plans[0])
        return True

    def _glimpsed(self, edits: Sequence[Edit]) -> list[list[LayerPlan]]:
        """For each edit the plans by which an array of a witness looks right; most edits are done with
        by that. They are tried in one request, for there are many.
        """
        plan, first = self._answer.plan, self._witnesses[0].case
        others = self._other_plans(first)
        if not self._light:
            return [[plan]] * len(edits)
        wire, begins = Wire(), list[int]()
        for number, edit in enumerate(edits):
            begins.append(len(wire.steps))
            wire.steps.append({**edit.step(), "alone": True})
            for which, witness in enumerate(self._witnesses):
                self._show(wire, f"{number} {which}", witness)
            for which, one in enumerate(others):
                programmer = Programmer(one, first)
                programmer.wire = wire
                programmer.make().forward(keep=f"{number} other {which}")
        steps = [{**step, "optional": True} for step in wire.steps]
        outcome = self._view.run(steps, wire.arrays, plan.as_of)
        found: dict[str, list[Array]] = defaultdict(list)
        for entry in outcome.found:
            found[str(entry.path[0])].append(entry)
        seen = []
        for number in range(len(edits)):
            looks = any(
                _promising(
                    [e for key in _SHOWN for e in found[f"{number} {which}{key}"]],
                    witness.case,
                    facet,
                )
                for which, witness in enumerate(self._witnesses)
                for facet in witness.facets
            )
            right = [
                one for which, one in enumerate(others)
                if _promising(found[f"{number} other {which}"], first, "forward")
            ]  # fmt: skip
            seen.append([plan, *right] if looks else right)
        if outcome.timed_out and outcome.outcomes:  # one did not end: those after it have not begun
            last = sum(begin < len(outcome.outcomes) for begin in begins)
            return [*seen[:last], *self._glimpsed(edits[last:])] if last < len(edits) else seen
        return seen

    def _show(self, wire: Wire, label: str, witness: _Witness) -> None:
        """The calls of a witness, as `LayerRuns.measure` makes them, and what they leave."""
        plan = self._answer.plan
        programmer = Programmer(plan, witness.case)
        programmer.wire = wire
        programmer.make()
        for other in witness.earlier:
            warmer = Programmer(plan, other)
            warmer.wire = wire
            warmer.forward()
            if plan.backward is not None and self._base.runs.resettable(plan):
                warmer.backward(upstream_for(plan, other))
                programmer.set_weights().clear()
        programmer.forward(keep=label)
        if plan.backward is not None and witness.facets != {"forward"}:
            programmer.backward(upstream_for(plan, witness.case), keep=label)
            programmer.harvest(f"{label} ", "self", "optimizer")

    def _told(self, edit: Edit, mended: frozenset[str]) -> bool:
        """True if another edit of its line has been proved to mend as much."""
        return any(p.edit.place == edit.place and mended <= p.facets for p in self._found.proved)

    def _prove(self, edit: Edit, mended: frozenset[str], plan: LayerPlan | None) -> None:
        if self._proofs >= self._bounds.proofs:
            return
        self._proofs += 1
        _, right = self._checked(edit, "proof", plan)
        facets = self._wrong & right
        spared = self._answer.right <= right
        if facets & mended and spared and self._accounts_for(edit, facets):
            self._found.proved.append(Proved(edit, facets))

    def _accounts_for(self, edit: Edit, facets: frozenset[str]) -> bool:
        """False for an edit that only gets what is wrong out of the way of what is right.

        What forward runs through must make forward right, where it is wrong; and where backward raised,
        nothing of it came to be: an edit must make all of that right, and not just let it go on.
        """
        lines = {(edit.function.cell, line) for line in edit.lines}
        if "forward" in self._wrong and lines & set(self._ran.lines[FORWARD]):
            return "forward" in facets
        raised = self._base.fresh[0].forward_ran and not self._base.fresh[0].backward_ran
        if raised and self._answer.plan.backward is not None and "forward" not in facets:
            return self._wrong & set(self._answer.spec.gradients) <= facets
        return True

    def _mends(self, edit: Edit) -> frozenset[str]:
        """The facets that come out right in all cases in which they were wrong."""
        view = edited(self._view, edit)
        runs = _Trials(view, self._answer.spec, self._answer.plan, np.random.default_rng(0))
        runs.asked = tuple(self._visible())
        mended: set[str] = set()
        for witness in self._witnesses:
            measured = runs.measure(witness.case, witness.earlier)
            mended |= {f for f in witness.facets if self._comes_out(runs, f, measured)}
            if view.gone:
                return frozenset()
        for facet in sorted(mended):
            if not self._in_all(runs, facet):
                mended.discard(facet)
        return frozenset(mended)

    def _comes_out(self, runs: LayerRuns, facet: str, measured: Measured) -> bool:
        if _right_in(facet, measured):
            return True
        own = self._answer.own
        if not own or facet in ("forward", "dX"):
            return False
        shown = runs.measure(measured.case, measured.earlier, own[0])
        return _right_in(facet, shown)

    def _in_all(self, runs: LayerRuns, facet: str) -> bool:
        base = self._base
        every = [m for m in (*base.fresh, *base.used, *base.resized) if not _right_in(facet, m)]
        return all(
            self._comes_out(runs, facet, runs.measure(m.case, m.earlier)) for m in every[1:4]
        )


class _Trials(LayerRuns):
    """Runs of which most come out as wrong as ever: that is seen at once, and looked at no further."""

    asked: tuple[str, ...] = ()

    def _look(self, measured: Measured, plan: LayerPlan, places: Mapping[str, Path]) -> None:
        found = [*measured.outcome.found, *measured.changes]
        if any(_promising(found, measured.case, facet) for facet in self.asked):
            super()._look(measured, plan, places)


_SHOWN = ("", " self", " optimizer")
_NEAR = 1e-3  # of a square sum; single precision is nearer, and no mistake has to be told by it


def _promising(found: Sequence[Array], case: LayerCase, facet: str) -> bool:
    """True if some array has the elements of the true one by its size and the sum of its squares: up
    to the batch size, and whatever it is if it is the change of a weight, which some rate has scaled.
    """
    true = case.truth(facet).array
    wanted = float(np.vdot(true, true).real)
    n = case.sizes.get("N", 1)
    for entry in found:
        array = entry.array
        if array.size != true.size or array.dtype.kind not in "fiub":
            continue
        if entry.kind == "change":
            return True
        with np.errstate(all="ignore"):
            square = float(np.sum(np.square(array, dtype=np.float64)))
        if any(abs(square * by - wanted) <= _NEAR * wanted for by in (1.0, float(n * n))):
            return True
    return False


def _right_in(facet: str, measured: Measured) -> bool:
    return measured.forward_ran and facet in measured.matches


def _place(facet: str, measured: Measured) -> tuple[str | int, ...]:
    """Where the array of a facet stood, or what stands for it in the class."""
    stood = measured.stood.get(facet, ())
    return tuple(stood[0]) if stood else ()


def twins(edits: Sequence[Edit]) -> Iterator[Edit]:
    """The same edit at two places of one function: those that stand nearest to each other first."""
    alike: dict[tuple[int, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        alike[id(edit.function), edit.sign].append(edit)
    pairs = [
        pair for same in alike.values() for pair in itertools.combinations(same[:6], 2)
        if _apart(*pair)
    ]  # fmt: skip
    for one, other in sorted(pairs, key=lambda pair: abs(pair[0].line - pair[1].line)):
        first, second = sorted((one, other), key=lambda e: e.line)
        also = () if first.line == second.line else (second.line,)
        yield replace(first, exchanges=(*first.exchanges, *second.exchanges), also=also)


def _apart(one: Edit, other: Edit) -> bool:
    """True if neither changes what the other one does."""
    spans = sorted((e.start, e.end) for edit in (one, other) for e in edit.exchanges)
    return all(a[1] <= b[0] and a != b for a, b in itertools.pairwise(spans))
