"""Why facets of a layer failed."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from graders.arrays import layouts
from graders.arrays.matching import Truth
from graders.binding.definitions import Callable_
from graders.binding.plans import LR, Call
from graders.checks import model
from graders.checks.model import CheckResult
from graders.diagnosis import exceptions
from graders.diagnosis.belonging import OTHER_AXES, is_misshapen
from graders.diagnosis.deciding import Hypothesis, enough, holding
from graders.diagnosis.known import misconceptions_for, misconceptions_of
from graders.diagnosis.lessons import convolution, general
from graders.diagnosis.naming import few
from graders.diagnosis.relations import filled_along, relations, same_along
from graders.diagnosis.sights import NOTHING, Sight, Tokens, close, fits
from graders.kinds.layer.activated import ANY, activation_of, activations
from graders.kinds.layer.around import Line, evidence, set_values, variables_read_by
from graders.kinds.layer.arrays import candidates, expected, suspect, wanted
from graders.kinds.layer.checks import LayerChecks
from graders.kinds.layer.extents import Extents, Raised, both, words_of
from graders.kinds.layer.limits import Limits
from graders.kinds.layer.reordered import reorderings
from graders.kinds.layer.rerunning import Reruns
from graders.kinds.layer.runs import Measured
from graders.kinds.layer.structure import Structure
from graders.messages import M, Message
from graders.misconceptions import Diagnosis, Misconception, Name
from graders.sandbox.session import CellError, Found
from graders.specs import ItemSpec
from graders.specs.model import TEST

_KEPT = (
    convolution.ACCUMULATES,
    convolution.GROWS,
    general.STALE,
)  # of arrays that stay from call to call
_REORDERED = 3  # cases are enough to tell an order, and each costs many runs of the reference


def diagnose_layer(
    spec: ItemSpec,
    checks: LayerChecks,
    results: Sequence[CheckResult],
    rng: np.random.Generator,
) -> tuple[Diagnosis, ...]:
    """The names of what is wrong, facet by facet; facets that nothing explains are left out."""
    return tuple(_Layer(spec, checks, rng).run(results))


class _Layer:
    def __init__(self, spec: ItemSpec, checks: LayerChecks, rng: np.random.Generator) -> None:
        self._spec, self._checks = spec, checks
        base = misconceptions_for(spec.base) if spec.base != spec.id else ()
        self._known = [*misconceptions_of(spec), *base]
        self._reruns = Reruns(spec)
        self._limits, self._rng = Limits(spec, checks, rng), rng
        self._structure = Structure(spec, checks, rng)
        self._extents = Extents(spec)

    def run(self, results: Sequence[CheckResult]) -> Iterator[Diagnosis]:
        """One diagnosis a facet, where there is one."""
        told: dict[str, tuple[Name, ...]] = {}
        for check in results:
            if check.status not in (model.FAILED, model.ERROR) or check.facet in told:
                continue
            if check.facet == "repeat":
                continue  # it follows from the others, see below
            told[check.facet] = self._names(check.facet, check.status == model.ERROR)
        if any(c.facet == "repeat" and c.status == model.FAILED for c in results):
            told["repeat"] = self._repeated(told)
        for facet, names in told.items():
            mine = [c for c in results if c.facet == facet]
            raised = self._raised(facet, [c.error for c in mine if c.error is not None])
            has_array = facet == "forward" or facet in self._spec.gradients
            axes = self._axes(facet) if has_array and any(map(is_misshapen, mine)) else None
            if not names and facet in self._spec.gradients and told.get("forward"):
                names = (Name("forward-first", general.FORWARD_FIRST),)
            if axes is not None and (not names or names[0].id == "forward-first"):
                names = (Name(OTHER_AXES, general.OTHER_AXES),)
            wrong = [c for c in mine if c.status == model.FAILED]
            nothing = wrong and all(c.actual is None and c.error is None for c in wrong)
            if facet in self._spec.gradients and nothing and any(n.lesson in _KEPT for n in names):
                told_ = (exceptions.name_of(c.error, self._checks.session) for c in mine)
                names = tuple(n for n in told_ if n is not None)[:1]
            if names:
                yield Diagnosis(facet, names, raised=raised, axes=axes)
            if names and names[0].id in exceptions.IDS and any(c.actual is not None for c in mine):
                example = self._from_arrays(facet, self._limits.example())
                if example:
                    yield Diagnosis(facet, example, whole=False)

    def _raised(self, facet: str, told: Sequence[CellError]) -> dict[Line, Message]:
        """By line that raised, what meets there; `told`: the exceptions that checks tell."""
        if not told:
            return {}
        by_line: dict[Line, list[Raised]] = {
            (e.cell, e.line): [] for e in told if exceptions.says_little(e)
        }
        still = {(e.cell, e.line) for e in told if exceptions.is_still_set(e)}
        for measured in (*self._checks.fresh, *self._limits.ordinary()):
            error = _error(facet, measured)
            if error is not None and exceptions.says_little(error):
                line = error.cell, error.line
                by_line.setdefault(line, []).append(Raised(error, measured.case.sizes))
        submission = self._checks.session.submission
        found = {}
        for line, raised in by_line.items():
            said = [*evidence(submission, *line)]
            if line in still:
                said = [*set_values(submission, *line)]
            elif raised and (met := self._extents.of_error(raised)) is not None:
                said.insert(0, met)
            if said:
                found[line] = functools.reduce(both, said)
        return found

    def _axes(self, facet: str) -> Message | None:
        """What the axes of the array stand for that has another shape than it should."""
        runs = (*self._checks.fresh, *self._limits.ordinary())
        sights = [self._sight(facet, m) for m in runs if m.forward_ran and facet not in m.matches]
        return self._extents.of_shape([
            (s.suspect.array.shape, s.case.sizes) for s in sights if s.suspect is not None
        ])  # fmt: skip

    def _repeated(self, told: dict[str, tuple[Name, ...]]) -> tuple[Name, ...]:
        """A second call goes wrong for the reason for which a call after another does."""
        known = {m.id for m in self._known if "repeat" in m.breaks}
        for facet in ("forward", *self._spec.gradients):
            for name in told.get(facet) or self._from_arrays(facet, self._checks.used):
                if name.id in known or name.lesson in _KEPT:
                    return (name,)
        return ()

    # -- one facet -----------------------------------------------------------------------

    def _names(self, facet: str, raised: bool) -> tuple[Name, ...]:
        """What explains a facet; a gradient that an exception kept from being there (`raised`) is
        explained by that, and by no array that was left half-way.
        """
        checks = self._checks
        if facet == TEST:
            return self._of_tests()
        half_way = raised and facet in self._spec.gradients
        if checks.plan.backward is None and facet in self._spec.gradients:
            return (Name("no-backward", general.NO_BACKWARD),)
        if half_way and checks.guesses_backward:
            return (Name("other-arguments", general.OTHER_ARGUMENTS),)
        called = checks.plan.backward if facet in self._spec.gradients else checks.plan.forward
        if called is not None and _is_blank(checks.plan.definition.methods.get(called.name)):
            return (Name("not-written", general.NOT_WRITTEN),)
        nothing = self._nothing_returned(facet) or self._empty(facet)
        if nothing is not None:
            return (nothing,)
        wrong_at_first = any(not self._is_right(facet, m) for m in checks.fresh)
        if not wrong_at_first and any(not self._is_right(facet, m) for m in checks.resized):
            return (Name("batch-size-kept", general.BATCH_SIZE_KEPT),)
        found: tuple[Name, ...] = ()
        if wrong_at_first and not half_way:
            found = self._from_arrays(facet, checks.fresh)
        elif not half_way:
            found = self._from_arrays(facet, checks.used)
        if found:
            return found
        errors = [e for e in (_error(facet, m) for m in checks.fresh) if e is not None]
        clear = [exceptions.name_of(e, checks.session) for e in errors[:1]]
        first = clear[0] if clear else None
        if first is not None and first.id not in exceptions.VAGUE:
            return (first,)
        if facet == "shape":
            return self._from_arrays("forward", checks.fresh)
        limits = self._limits.names(facet) or self._peeled(facet)
        if limits:
            return limits
        further = [m.outcome.error for m in self._limits.ordinary() if facet not in m.matches]
        size = exceptions.written_size([*errors, *(e for e in further if e is not None)])
        if size is not None:
            return (size,)
        if first is not None:
            return (first,)
        if facet in self._spec.gradients and self._lost(facet):
            return (Name("not-there", general.NOT_THERE),)
        return self._independent(facet, called) if wrong_at_first else ()

    def _independent(self, facet: str, called: Call | None) -> tuple[Name, ...]:
        """What the array does not follow; of a method that reads variables of the notebook, these."""
        names = self._structure.names(facet)
        method = self._checks.plan.definition.methods.get(called.name) if called else None
        if not names or names[0].id == "not-linear" or method is None:
            return names
        if not isinstance(method.node, ast.FunctionDef):
            return names
        read = variables_read_by(self._checks.session.submission, method.node)
        if not read:
            return names
        hint = M(
            "{method} reads {names} of the notebook: what should stand there?",
            method=method.name, names=", ".join(f"`{name}`" for name in read),
        )  # fmt: skip
        lesson = replace(general.NOTEBOOK_VARIABLE, title=names[0].lesson.title, hint=hint)
        return (Name("notebook-variable", lesson),)

    def _of_tests(self) -> tuple[Name, ...]:
        """What a mistaken reference gives in the same tests."""
        tests = self._checks.tests
        known = [m for m in self._known if TEST in m.breaks] if tests is not None else []
        hits = [m for m in known if tests is not None and tests.explained_by(m.variant)]
        return few(Name(m.id, m.lesson) for m in hits)

    def _peeled(self, facet: str) -> tuple[Name, ...]:
        """Of two mistakes in one array, the one that is left where the other does nothing."""
        for runs in self._limits.peeled():
            sights = [self._sight(facet, m) for m in runs if m.forward_ran]
            hits = holding(self._specific(facet), sights)
            if names := few(h.name for h in hits):
                return names
        return ()

    def _nothing_returned(self, facet: str) -> Name | None:
        fresh = self._checks.fresh
        if facet not in ("forward", "shape") or any(m.y or not m.forward_ran for m in fresh):
            return None
        return Name("returns-nothing", convolution.RETURNS_NOTHING)

    def _empty(self, facet: str) -> Name | None:
        wrong = [m for m in self._checks.fresh if m.backward_ran and facet not in m.matches]
        if facet != "dX" or not wrong:
            return None
        if all(any(e.array.ndim > 1 and not e.array.size for e in m.ret) for m in wrong):
            return Name("empty-slice", convolution.EMPTY_SLICE)
        return None

    def _lost(self, facet: str) -> bool:
        wrong = [m for m in self._checks.fresh if facet not in m.matches]
        return bool(wrong) and all(m.backward_ran and not candidates(facet, m) for m in wrong)

    def _from_arrays(self, facet: str, runs: Sequence[Measured]) -> tuple[Name, ...]:
        sights = [self._sight(facet, m) for m in runs if m.forward_ran]
        if runs is self._checks.fresh:
            for measured in self._limits.further():
                if enough(sights):
                    break
                if measured.forward_ran:
                    sights.append(self._sight(facet, measured))
        hits = holding(self._specific(facet), sights)
        if hits and _look_alike(sights):
            hits += holding(reorderings(self._spec), sights[:_REORDERED])
        if hits:
            return few(h.name for h in hits)
        if self._spec.weights:
            found = holding(activations(self._before_activation), sights)
            if found:
                return (found[0].name,)
        if facet == "forward" and runs is self._checks.fresh and self._spec.weights:
            inside = self._activation(runs)
            if inside is not None:
                return (inside,)
        if facet in self._spec.gradients and any(_error(facet, m) for m in runs):
            return ()  # backward stopped half-way: what is left says nothing
        last = [ANY] if self._spec.weights else []
        words = dict(words_of(self._spec))
        general_ = [*filled_along(words), *relations(), *last]
        first = next(iter(holding(general_, sights)), None)
        if first is not None:
            return (first.name,)
        reordered = holding(reorderings(self._spec), sights[:_REORDERED])
        if reordered:
            return few(h.name for h in reordered)
        alike = holding(same_along(words), sights)
        # What does not follow the input is alike along its axis: why comes before that.
        return (alike and self._structure.names(facet)) or few(h.name for h in alike)

    # -- activations ---------------------------------------------------------------------

    def _before_activation(self, sight: Sight) -> Iterator[tuple[str, Truth]]:
        yield "", sight.case.truth("forward")
        for known in self._known:
            if "forward" in known.breaks:
                made = self._reruns.predicted(known.variant, sight.case, sight.before, "forward")
                if made is not None:
                    yield known.id, made

    def _activation(self, runs: Sequence[Measured]) -> Name | None:
        """An activation that is there whatever stands before it."""
        wrong = [m.case for m in runs if m.forward_ran and not self._is_right("forward", m)]
        return activation_of(wrong, self._checks.runs.measure, self._rng)

    # -- what was seen -------------------------------------------------------------------

    def _is_right(self, facet: str, measured: Measured) -> bool:
        if facet == "shape":
            y, truth = measured.y, measured.case.truth("forward")
            layout = wanted(self._spec, self._checks.plan, "forward")
            if y is None or layout is None:
                return False
            if self._spec.output_layout:
                return y.array.shape == layouts.shape_of(layout, truth.sizes)
            order = layouts.order_of(layout, truth.sizes)
            possible = layouts.possible(y.array.shape, truth.axes, truth.sizes)
            return any(layouts.order_of(x, truth.sizes) == order for x in possible)
        return facet in measured.matches

    def _sight(self, facet: str, measured: Measured) -> Sight:
        plan, case = self._checks.plan, measured.case
        kind = "forward" if facet == "shape" else facet
        others: list[Found] = []
        if kind == "forward":
            meant = measured.y
        else:
            claimed = {hit.path for name, hit in measured.matches.items() if name != facet}
            pool = [e for e in candidates(facet, measured) if e.path not in claimed]
            meant = suspect(facet, measured, expected(plan, facet, case, None))
            if meant is not None and meant.path in claimed:
                meant = None
            others = [e for e in pool if meant is None or e.path != meant.path]
            if case.spec.weight_of(facet):
                others += [
                    Found(e.path, e.array / LR, e.kind) for e in measured.after if e.path[-1] == "Δ"
                ]
        return Sight(
            case, measured.before, facet, self._is_right(facet, measured), meant, tuple(others),
            wanted(self._spec, plan, kind),
        )  # fmt: skip

    # -- misconceptions ------------------------------------------------------------------

    def _specific(self, facet: str) -> Iterator[Hypothesis]:
        for known in self._known:
            if facet in known.breaks:
                yield Hypothesis(
                    Name(known.id, known.lesson),
                    partial(self._explains, known),
                    partial(self._spares, known),
                    anywhere=True,
                )

    def _explains(self, known: Misconception, sight: Sight, array: np.ndarray) -> Tokens:
        predicted = self._reruns.predicted(known.variant, sight.case, sight.before, sight.facet)
        if predicted is None:
            return NOTHING
        factors = [("1", 1.0)]
        if self._spec.weight_of(sight.facet) and sight.case.sizes.get("N", 1) > 1:
            factors.append(("1/N", 1.0 / sight.case.sizes["N"]))
        return fits(array, predicted, sight.wanted, factors)

    def _spares(self, known: Misconception, sight: Sight) -> bool:
        predicted = self._reruns.predicted(known.variant, sight.case, sight.before, sight.facet)
        if predicted is None:
            return False
        if sight.facet == "shape":
            return predicted.array.shape == sight.truth.array.shape
        return close(predicted.array, sight.truth.array)


def _is_blank(method: Callable_ | None) -> bool:
    """True for a method of a template: ``pass``, ``return``, ``...`` or a docstring alone."""
    if method is None:
        return False
    return all(
        isinstance(part, ast.Pass)
        or (isinstance(part, ast.Return) and _is_constant(part.value))
        or (isinstance(part, ast.Expr) and _is_constant(part.value))
        for part in method.node.body
    )


def _is_constant(node: ast.expr | None) -> bool:
    return node is None or isinstance(node, ast.Constant)


def _look_alike(sights: Sequence[Sight]) -> bool:
    """True if two axes are as long as each other in every case: more mistakes than one may look like it."""
    sizes = [s.case.sizes for s in sights if not s.right]
    axes = dict.fromkeys(a for s in sights for a in (*s.truth.axes, *s.case.spec.axes))
    return any(
        all(n.get(one) == n.get(other) != 1 for n in sizes)
        for one, other in itertools.combinations(axes, 2)
    )


def _error(facet: str, measured: Measured) -> CellError | None:
    """The exception that kept the facet's array from coming to be: of forward, where that raised."""
    if not measured.forward_ran:
        return measured.forward_error if measured.made else measured.outcome.error
    if facet in ("forward", "shape") or facet in measured.matches or measured.backward_ran:
        return None
    return measured.backward_error
