"""Finds the function that answers a procedure item, and the way to call it that gives most."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.arrays.matching import EXACT
from graders.binding import standing
from graders.binding.callsites import CallSites
from graders.binding.candidates import Candidate, Reason, name_rank
from graders.binding.choice import Chosen, Contender, Selection
from graders.binding.definitions import Definition
from graders.binding.lexicon import lexicon
from graders.binding.moments import section_end
from graders.binding.standing import Standing
from graders.kinds.procedure.ways import (
    CLASS_NUMBERS,
    DEFAULT,
    ProcedureCase,
    Way,
    documented,
    draw,
    laid_out,
    takes,
    ways,
    widened,
)
from graders.rounding import Sums, explained
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec, Meaning, Pair, Result

PROBES = 3
_SAME = 1e-12  # what is added and taken away again is rounded


@dataclass(frozen=True)
class Given:
    """What one call gave: the arrays that can be reached after it."""

    found: tuple[Found, ...]


@dataclass(frozen=True)
class ProcedureTrial:
    """A way with the cases that were tried and what each gave; `again` repeats the first case.

    `documented` has the case of each documented pair, None where the way does not allow its sizes.
    """

    spec: ItemSpec
    way: Way
    meaning: Meaning
    cases: tuple[ProcedureCase, ...]
    given: tuple[Given, ...]
    again: Given
    error: CellError | None
    timed_out: bool
    died: str
    documented: tuple[tuple[ProcedureCase, Given] | None, ...] = ()
    changed: bool = False  # an array that a function was asked about came back changed

    @functools.cached_property
    def _wrong(self) -> list[set[str]]:
        """The facets that are wrong, case by case."""
        place = self.spec.meanings.index(self.meaning)
        return [
            {f for f, r in self.meaning.results.items() if not fits(r, case, case.expected[place][f], given)}
            for case, given in zip(self.cases, self.given, strict=True)
        ]  # fmt: skip

    @functools.cached_property
    def _guilty(self) -> set[str]:
        """The facets that are wrong by themselves: in a single step, or where another is right.

        After several steps a wrong one has spoilt the others, too; where nothing tells them apart,
        all that are wrong count.
        """
        telling = [
            wrong
            for case, wrong in zip(self.cases, self._wrong, strict=True)
            if case.one_step or len(wrong) < len(self.meaning.results)
        ]
        return set().union(*telling) or set().union(*self._wrong)

    def judged(self, facet: str) -> list[tuple[ProcedureCase, np.ndarray, Given]]:
        """The cases that tell whether a facet is right, each with what is expected and given."""
        place = self.spec.meanings.index(self.meaning)
        return [
            (case, case.expected[place][facet], given)
            for case, given, wrong in zip(self.cases, self.given, self._wrong, strict=True)
            if facet in self._guilty or facet not in wrong
        ]

    def right(self, facet: str) -> int:
        """In how many of its cases the facet is right."""
        if facet not in self._guilty:
            return len(self.cases)
        return sum(facet not in wrong for wrong in self._wrong)

    @property
    def score(self) -> tuple[int, int, int]:
        """Facets that are right throughout, right answers, answers at all."""
        counts = [self.right(facet) for facet in self.meaning.results]
        whole = sum(count == len(self.cases) for count in counts)
        return whole, sum(counts), sum(bool(g.found) for g in self.given)

    @property
    def all_right(self) -> bool:
        """True if every facet is right in every case."""
        return self.score[0] == len(self.meaning.results)


def values_of(
    result: Result, case: ProcedureCase, entry: Found
) -> Iterator[tuple[Layout, np.ndarray]]:
    """The entry in the result's axes, in each layout that its shape allows: as it is, or its
    change where it is the new value of an input.
    """
    sizes = {axis: case.sizes[axis] for axis in result.axes}
    for layout in result.layouts:
        if entry.array.shape != layouts.shape_of(layout, sizes) and not (
            not layout and entry.array.size == 1
        ):
            continue
        value = layouts.canonical(layout, entry.array, result.axes, sizes)
        yield layout, value - case.inputs[result.step_of] if result.step_of else value


def change(result: Result, case: ProcedureCase, expected: np.ndarray) -> np.ndarray:
    """What is compared: the expected array, or its difference to the input it replaces."""
    return expected - case.inputs[result.step_of] if result.step_of else expected


def stands(result: Result, case: ProcedureCase, expected: np.ndarray, given: Given) -> Standing:
    """What stands for the result: what the function returned, else what it changed in place."""
    known = [a for a in case.inputs.values() if a.ndim and a.size == expected.size]
    entries = [e for e in given.found if next(values_of(result, case, e), None)]
    returned = [e for e in entries if not str(e.path[0]).startswith(_of_role(result))]
    entries = _of_one_kind(returned, known if result.step_of else [])

    def forms(entry: Found) -> list[np.ndarray]:
        return [value for _, value in values_of(result, case, entry)]

    here = standing.returned(entries, forms, lambda name: lexicon().is_a(name, "output"))
    if here.entries or here.rivals or not result.step_of:
        return here
    return Standing(
        tuple(e for e in given.found if str(e.path[0]).startswith(_of_role(result)))[:1]
    )


def _of_one_kind(entries: Sequence[Found], known: Sequence[np.ndarray]) -> list[Found]:
    """Without inputs that came back, and without whole numbers beside others."""
    new = [
        e for e in entries
        if not any(a.size == e.array.size and np.array_equal(a.ravel(), e.array.ravel()) for a in known)
    ]  # fmt: skip
    return [e for e in new if e.array.dtype.kind == "f"] or new


def _of_role(result: Result) -> str:
    """How the handle of an input that is replaced begins; of none, as no handle does."""
    return f"{result.step_of}:" if result.step_of else ":"


def fits(result: Result, case: ProcedureCase, expected: np.ndarray, given: Given) -> bool:
    """True if what stands for the result is right."""
    right = change(result, case, expected)
    # A step is a difference: the array that it was added to was rounded.
    start = case.inputs[result.step_of] if result.step_of else np.zeros(1)
    terms = max((a.size for a in case.inputs.values()), default=1)
    sums = Sums(terms, float(np.max(np.abs(start))))
    return any(
        explained(value, right, EXACT, sums, entry.array.dtype) is not None
        for entry in stands(result, case, expected, given).entries
        for _, value in values_of(result, case, entry)
    )


class ProcedureBinder:
    """Tries functions and ways within a bounded number of calls."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        definitions: list[Definition],
        rng: np.random.Generator,
        exhausted: Callable[[], bool],
    ) -> None:
        self._session, self._sites = session, sites
        self._definitions, self._rng = definitions, rng
        self._exhausted = exhausted  # true once the item's search has cost what it may cost
        self.tried: list[Way] = []

    def bind(self, spec: ItemSpec, choice: Selection) -> Chosen[ProcedureTrial] | None:
        """The best trial of the one that answers, or None if nothing in the submission is meant to
        answer the item.

        A function with another name counts only if it is right throughout.
        """
        named: list[ProcedureTrial] = []
        right: list[ProcedureTrial] = []
        candidates = procedure_candidates(spec, self._definitions)
        for number, candidate in enumerate(candidates, 1):
            tried: list[ProcedureTrial] = []
            for way in ways(spec, candidate.definition, self._definitions):
                if self._exhausted():
                    break
                tried.append(self._tried(spec, way, PROBES))
                if tried[-1].all_right:
                    break
            if not tried:
                continue
            tried.sort(key=lambda t: t.score, reverse=True)
            best = tried[0]
            for base in [] if best.all_right else tried[:8]:
                for way in widened(spec, base.way):
                    wider = self._tried(spec, way, PROBES)
                    best = wider if wider.score[0] > best.score[0] else best
            best = self._tried(spec, best.way, spec.cases, spec.documented)
            if best.all_right:
                right.append(best)
                rivals = (c.definition for c in candidates[number:] if c.named)
                if choice.settled(candidate.definition, rivals):
                    break
            elif candidate.named:
                named.append(best)
        if not right:
            named = sorted(named, key=lambda t: t.score, reverse=True)[:1]
        return choice.answer(
            [
                Contender(t.way.definition, float(t.all_right), 1.0, t, t.all_right)
                for t in [*right, *named]
            ]
        )

    def _tried(
        self, spec: ItemSpec, way: Way, n: int, pairs: Sequence[Pair] = ()
    ) -> ProcedureTrial:
        self.tried.append(way)
        cases = tuple(draw(spec, way, self._rng, i) for i in range(n))
        known = [documented(spec, pair) for pair in pairs]
        run = [*cases, cases[0], *(case for case in known if takes(way, case))]
        steps: list[dict[str, Any]] = []
        arrays: list[np.ndarray] = []
        for i, case in enumerate(run):
            steps += _steps(spec, way, case, i, arrays)
        outcome = self._session.run(steps, arrays, section_end(self._session, way.definition))
        if outcome.error is not None and outcome.error.type == "NameError":
            outcome = self._session.run(steps, arrays)
        given = [_given(outcome, i) for i in range(len(run))]
        rest = iter(given[n + 1 :])
        printed = tuple((case, next(rest)) if takes(way, case) else None for case in known)
        trials = [
            ProcedureTrial(
                spec, way, meaning, cases, tuple(given[:n]), given[n], outcome.error,
                outcome.timed_out, outcome.died, printed, _changed(spec, way, run, outcome),
            )
            for meaning in spec.meanings
            if meaning.on_output is None or self._fed_with_output(way.definition, meaning.on_output)
        ]  # fmt: skip
        return max(trials, key=lambda t: t.score)

    def _fed_with_output(self, definition: Definition, names: re.Pattern[str]) -> bool:
        """True if the submission calls the function with what a function of that name gave."""
        return any(names.fullmatch(name) for name in self._sites.fed_by(definition.name))


def procedure_candidates(spec: ItemSpec, definitions: Sequence[Definition]) -> list[Candidate]:
    """Functions, those with an accepted name first; the others may still turn out to be right."""
    found = []
    for definition in definitions:
        if definition.function is None or not definition.function.parameters:
            continue
        named = name_rank(spec, definition.name)
        rank = 100.0 if named is None else float(named)
        reason = Reason.NAME if named is not None else Reason.OUTPUT
        found.append(Candidate(definition, rank - definition.order * 1e-4, reason))
    return sorted(found, key=lambda c: c.rank)[:20]


def _steps(
    spec: ItemSpec, way: Way, case: ProcedureCase, number: int, arrays: list[np.ndarray]
) -> list[dict[str, Any]]:
    """One call, with the module-level names it reads set before and read afterwards."""

    def value(role: str, handle: str = "") -> dict[str, Any]:
        if role in spec.arguments:
            array = laid_out(spec, role, way.layouts[role], case.inputs[role])
            alone = way.fixed.get(spec.arguments[role].axes[0]) == 1
            if way.layouts[role] == CLASS_NUMBERS and alone:
                return {"v": int(array[0])}
            arrays.append(array)
            return {"a": len(arrays) - 1, **({"as": handle} if handle else {})}
        if role in spec.functions:
            return {"expr": case.functions[role]}
        if role in spec.numbers:
            return {"v": spec.numbers[role]}
        return {"v": spec.roles[role](case.sizes) if role in spec.roles else None}

    replaced = {r.step_of for meaning in spec.meanings for r in meaning.results.values()} - {""}
    steps: list[dict[str, Any]] = []
    if way.globals:
        values = {name: value(role) for name, role in way.globals.items()}
        steps.append({"do": "globals", "values": values})
    function = way.definition.function
    assert function is not None
    call: dict[str, Any] = {
        "do": "call", "name": way.definition.name, "cell": way.definition.cell, "args": [],
        "kwargs": {}, "keep": f"r{number}", "out": f"r{number}", "optional": True,
    }  # fmt: skip
    by_name = False
    for parameter, role in zip(function.parameters, way.roles, strict=True):
        if role == DEFAULT:
            by_name = True
            continue
        handle = f"{role}:r{number}" if role in replaced else ""
        if spec.functions and role in spec.arguments:
            handle = _afterwards(role, number)
        described = value(role, handle)
        if by_name or parameter.keyword_only:
            call["kwargs"][parameter.name] = described
        else:
            call["args"].append(described)
    steps.append(call)
    if spec.functions:
        asked = [_afterwards(role, number) for role in spec.arguments]
        steps.append({"do": "harvest", "of": asked})
    for name, role in way.globals.items():
        if role in replaced:
            steps.append({"do": "hold", "value": {"expr": name}, "out": f"{role}:r{number}"})
    if replaced:
        handles = [f"{role}:r{number}" for role in sorted(replaced)]
        steps.append({"do": "harvest", "of": handles})
    return steps


def _afterwards(role: str, number: int) -> str:
    """The handle of an array that a function was asked about, once the call is over."""
    return f"{role} after {number}"


def _changed(spec: ItemSpec, way: Way, run: Sequence[ProcedureCase], outcome: Outcome) -> bool:
    """True if such an array is another than it was handed over."""
    before = {
        _afterwards(role, number): laid_out(spec, role, way.layouts[role], case.inputs[role])
        for number, case in enumerate(run)
        for role in (spec.arguments if spec.functions else ())
    }
    return any(
        not np.allclose(entry.array, before[str(entry.path[0])], rtol=0.0, atol=_SAME)
        for entry in outcome.found
        if str(entry.path[0]) in before
    )


def _given(outcome: Outcome, number: int) -> Given:
    return Given(
        tuple(
            entry
            for entry in outcome.found
            if str(entry.path[0]).rpartition(":")[2] == f"r{number}"
            and entry.array.dtype.kind in "iufb"
        )
    )
