"""One item: which definition answers it, what its checks say, what status that gives."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graders import cases
from graders.binding import layouts
from graders.binding.callsites import CallSites
from graders.binding.candidates import (
    Candidate,
    broken_candidate,
    function_candidates,
    home_of,
    layer_candidates,
)
from graders.binding.definitions import Definition, read_definitions
from graders.binding.function_search import FunctionBinder
from graders.binding.layer_search import BoundLayer, LayerBinder, settable_sizes
from graders.binding.plans import LayerPlan, Programmer, arguments_text, output_of
from graders.checks import model
from graders.checks.function import check_function
from graders.checks.layer import LayerChecks, facet_checks
from graders.checks.model import CheckResult
from graders.messages import M, Message
from graders.sandbox.session import CellError, Outcome, Session
from graders.specs import ItemSpec, SprintSpec


@dataclass(frozen=True)
class Binding:
    """How an item was bound, in words for a student."""

    name: str
    cell: int | None
    construct: str = ""
    forward: str = ""
    backward: str = ""
    notes: tuple[Message, ...] = ()
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class ItemResult:
    """The verdict on one item."""

    spec: ItemSpec
    status: str
    message: Message
    checks: tuple[CheckResult, ...] = ()
    binding: Binding | None = None

    @property
    def score(self) -> float:
        """Points of the facets of which every check passed."""
        return float(sum(self.spec.facets[f] for f in right_facets(self.spec, self.checks)))


def right_facets(spec: ItemSpec, checks: Sequence[CheckResult]) -> list[str]:
    """Facets that were checked and found right throughout."""
    right = []
    for facet in spec.facets:
        mine = [c.status for c in checks if c.facet == facet and c.status != model.SKIPPED]
        main = [c.status for c in checks if c.id == facet]
        if mine and all(s == model.PASSED for s in mine) and model.SKIPPED not in main:
            right.append(facet)
    return right


def status_of(spec: ItemSpec, checks: Sequence[CheckResult]) -> str:
    """passed, partial, failed or error, from the facets."""
    right = right_facets(spec, checks)
    if len(right) == len(spec.facets):
        return "passed"
    if right:
        return "partial"
    made = [c.status for c in checks if c.status != model.SKIPPED]
    if made and all(s == model.ERROR for s in made):
        return "error"
    return "failed"


@dataclass
class _Judged:
    candidate: Candidate
    bound: BoundLayer
    plan: LayerPlan
    checks: list[CheckResult]
    notes: list[Message] = field(default_factory=list)

    def points(self, spec: ItemSpec) -> float:
        return float(sum(spec.facets[f] for f in right_facets(spec, self.checks)))


class Judge:
    """Judges the items of one sprint on one loaded submission."""

    def __init__(self, session: Session, sprint: SprintSpec, seed: int) -> None:
        self._session, self._sprint, self._seed = session, sprint, seed
        submission = session.submission
        self.definitions, self.broken = read_definitions(submission)
        self.definitions = [d for d in self.definitions if self._exists(d)]
        self._sites = CallSites(submission)
        self._binder = LayerBinder(session, self._sites, self._rng("binding"))
        self._layers: list[tuple[ItemSpec, BoundLayer]] = []

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, zlib.crc32(name.encode())])

    def _exists(self, definition: Definition) -> bool:
        """True if the cell got far enough to define it."""
        run = self._session.runs.get(definition.cell)
        return run is not None and definition.name.split(".")[0] in run.names

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on an item. A fault of the grader itself costs this item only, and says so."""
        try:
            return self._judge(spec)
        except Exception as error:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            text = M(
                "The grader itself failed on this item ({error}); please report it. It says nothing about the code.",
                error=f"{type(error).__name__}: {error}",
            )
            return ItemResult(spec, "error", text)

    def _judge(self, spec: ItemSpec) -> ItemResult:
        calls, seconds = self._session.calls, self._session.call_seconds
        self._binder.begin_item()
        if spec.kind == "manual":
            return ItemResult(spec, "manual", M("To be looked at by a person."))
        if spec.kind == "function":
            result = self._function(spec)
        elif spec.ability:
            result = self._ability(spec)
        else:
            result = self._layer(spec)
        if result.binding is not None:
            cost = Binding(
                **{
                    **result.binding.__dict__,
                    "calls": self._session.calls - calls,
                    "seconds": round(self._session.call_seconds - seconds, 3),
                }
            )
            result = replace(result, binding=cost)
        return result

    # -- layers --------------------------------------------------------------------------

    def _layer(self, spec: ItemSpec) -> ItemResult:
        candidates = layer_candidates(spec, self.definitions)
        bound: list[tuple[Candidate, BoundLayer]] = []
        for candidate in candidates:
            found = self._binder.bind(spec, candidate.definition)
            self._layers.append((spec, found))
            bound.append((candidate, found))
            if self._binder.exhausted:
                break
        usable = [(c, b) for c, b in bound if b.plan is not None]
        # A class that merely lies around counts only if it really is such a layer.
        usable = [(c, b) for c, b in usable if b.exact or self._at_home(spec, c)]
        exact = [(c, b) for c, b in usable if b.exact]
        chosen = exact or sorted(usable, key=lambda e: (-round(e[1].score, 1), e[0].rank))[:2]
        judged = []
        for candidate, layer in chosen:
            judged.append(self._checked(spec, candidate, layer))
            if judged[-1].points(spec) == spec.max_score:
                break
        if judged:
            best = max(judged, key=lambda j: (j.points(spec), -j.candidate.rank))
            return self._result(spec, best)
        return self._absent(spec, [(c, b.error) for c, b in bound])

    def _at_home(self, spec: ItemSpec, candidate: Candidate) -> bool:
        """True if the name says that the class was meant for this item rather than another."""
        layers = [i for i in self._sprint.items if i.kind == "layer" and not i.ability]
        return "its name" in candidate.why and home_of(candidate.definition, layers) == spec.id

    def _checked(self, spec: ItemSpec, candidate: Candidate, bound: BoundLayer) -> _Judged:
        assert bound.plan is not None
        own = self._binder.own_optimizer(bound.plan)
        rng = self._rng(f"{spec.id}/{candidate.definition.order}")
        checks = LayerChecks(self._session, spec, bound.plan, rng, own)
        results = list(checks.run())
        return _Judged(candidate, bound, checks.plan, results, checks.notes)

    def _result(self, spec: ItemSpec, judged: _Judged) -> ItemResult:
        plan, definition = judged.plan, judged.candidate.definition
        construct = f"{definition.name}({arguments_text(plan.construct)})"
        if plan.overwrite:
            names = ", ".join("." + "".join(map(str, p.path[:1])) for p in plan.places.values())
            construct += f"; {names} = …"
        forward = f"{plan.forward.name}({arguments_text(plan.forward.arguments)})"
        backward = ""
        if plan.backward is not None:
            backward = f"{plan.backward.name}({arguments_text(plan.backward.arguments)})"
        notes = [M("arrays as {layout}", layout=_layout_text(plan.x_layout)), *judged.notes]
        binding = Binding(
            definition.name, definition.cell, construct, forward, backward, tuple(notes)
        )
        return _finished(spec, judged.checks, binding)

    # -- abilities -----------------------------------------------------------------------

    def _ability(self, spec: ItemSpec) -> ItemResult:
        base = self._sprint.item(spec.base)
        judged: list[_Judged] = []
        for candidate in layer_candidates(base, self.definitions):
            if self._binder.exhausted:
                break
            at_home = self._at_home(base, candidate)
            if not at_home and not self._binder.bind(base, candidate.definition).exact:
                continue
            bound = self._able(spec, base, candidate)
            if bound is None:
                continue
            judged.append(self._checked(spec, candidate, bound))
            if judged[-1].points(spec) == spec.max_score:
                break
        if judged:
            best = max(judged, key=lambda j: (j.points(spec), -j.candidate.rank))
            return self._result(spec, best)
        return self._absent(spec, self._attempted(spec, base))

    def _attempted(
        self, spec: ItemSpec, base: ItemSpec
    ) -> list[tuple[Candidate, CellError | None]]:
        """Classes under a heading that is about the ability, which can't be called."""
        assert spec.keywords is not None
        found: list[tuple[Candidate, CellError | None]] = []
        for candidate in layer_candidates(base, self.definitions):
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
        plan = plain.plan.with_(set_sizes=settable)
        given = {a.text for a in plan.construct if a.kind == "size"} | set(settable.values())
        given |= {a.text for a in plan.forward.arguments if a.kind == "size"}
        if spec.ability not in given or self._ignores(spec, plan):
            return None
        return BoundLayer(definition, plan, plain.attempt, plain.error, plain.tried)

    def _ignores(self, spec: ItemSpec, plan: LayerPlan) -> bool:
        """True if nothing that the layer does changes with the size that it is given."""
        rng = self._rng(spec.id + "/ignores")
        try:
            case = cases.draw(spec, rng, plan.fixed)
        except Exception:
            return False
        names = spec.roles[spec.ability].names
        neutral = dict.fromkeys(names, 0 if spec.ability == "padding" else 1)
        other = replace(case, sizes={**case.sizes, **neutral})
        runs = []
        for one in (case, other):
            runs.append(Programmer(plan, one).make().forward("y", optional=True).run(self._session))
        ys = [output_of(r.found, "y") for r in runs]
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
        known = [x for x in with_axis if x == plain.plan.x_layout]
        one_channel = replace(spec, sizes={**spec.sizes, "C": (1, 1), "O": (1, 1), "N": (3, 4)})
        for trial in (spec, one_channel):  # wrong for several channels is still a batch
            for x_layout in known or with_axis:
                plan = plain.plan.with_(x_layout=x_layout)
                if self._answers_batches(trial, plan):
                    return BoundLayer(definition, plan, plain.attempt, plain.error, plain.tried)
        return None

    def _answers_batches(self, spec: ItemSpec, plan: LayerPlan) -> bool:
        """True if the output has an axis for the batch beside those of one sample."""
        case = cases.draw(spec, self._rng(spec.id + "/batch"), plan.fixed)
        try:
            outcome = Programmer(plan, case).make().forward("y").run(self._session)
        except ValueError:
            return False
        y = output_of(outcome.found, "y")
        if y is None:
            return False
        return y.array.ndim >= len(spec.axes) and y.array.shape[0] == case.sizes[spec.ability]

    # -- functions -----------------------------------------------------------------------

    def _function(self, spec: ItemSpec) -> ItemResult:
        layers = self._layers or [
            (item, self._binder.bind(item, candidate.definition))
            for item in self._sprint.items
            if item.kind == "layer" and not item.ability
            for candidate in layer_candidates(item, self.definitions)
        ]
        rng = self._rng(spec.id)
        binder = FunctionBinder(self._session, self._sites, self.definitions, rng)
        trial = binder.bind(spec, sorted(layers, key=lambda e: -e[1].score))
        if trial is None:
            near = function_candidates(spec, self.definitions)
            return self._absent(spec, [(c, None) for c in near])
        binding = Binding(trial.definition.name, trial.definition.cell, "", trial.call)
        return _finished(spec, list(check_function(spec, trial)), binding)

    # -- nothing found -------------------------------------------------------------------

    def _absent(
        self, spec: ItemSpec, near: Sequence[tuple[Candidate, CellError | None]]
    ) -> ItemResult:
        broken = broken_candidate(spec, self.broken)
        if broken is not None:
            run = self._session.runs.get(broken.cell)
            reason = str(run.error) if run and run.error else "SyntaxError"
            line = run.error.line if run and run.error else None
            text = M(
                "{name} would answer this, but its cell {cell} does not compile (line {line}): {reason}.",
                name=broken.name,
                cell=broken.cell,
                line=line or "?",
                reason=reason,
            )
            checks = tuple(CheckResult(i, f, model.ERROR, text) for i, f in facet_checks(spec))
            return ItemResult(spec, "error", text, checks, Binding(broken.name, broken.cell))
        home = self._sprint.item(spec.base) if spec.ability else spec
        raised = [(c, e) for c, e in near if e is not None and self._at_home(home, c)]
        if raised:
            candidate, error = raised[0]
            name = candidate.definition.name
            first = model.raised("", "forward", f"{name}(...)", error, False, "")
            checks = tuple(
                CheckResult(i, f, model.ERROR, first.message) for i, f in facet_checks(spec)
            )
            binding = Binding(name, candidate.definition.cell)
            return ItemResult(spec, "error", first.message, checks, binding)
        wanted = spec.canonical.split(";")[0].split("(")[0] or spec.title.en
        text = M("Nothing in the submission answers this; looked for {wanted}.", wanted=wanted)
        if near:
            names = ", ".join(dict.fromkeys(c.definition.name for c, _ in near))
            text = M(
                "Nothing in the submission answers this; looked for {wanted}, found only {near}.",
                wanted=wanted,
                near=names,
            )
        return ItemResult(spec, "missing", text)


def _finished(spec: ItemSpec, checks: list[CheckResult], binding: Binding) -> ItemResult:
    status = status_of(spec, checks)
    wrong = [c for c in checks if c.status in (model.FAILED, model.ERROR)]
    message = wrong[0].message if wrong else M("Everything that was checked is right.")
    return ItemResult(spec, status, message, tuple(checks), binding)


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
