"""Checks of a procedure: each facet in every case, and the same call twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from graders.arrays import layouts
from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.procedure.search import Given, ProcedureTrial, change, fits, stands, values_of
from graders.kinds.procedure.ways import ProcedureCase
from graders.messages import M
from graders.rounding import relative_error

_WHAT = {
    "forward": M("The result"),
    "dX": M("The derivative"),
    "dW": M("The step of the kernels"),
    "update": M("The step of the dense weights"),
}


def check_procedure(trial: ProcedureTrial) -> Iterator[CheckResult]:
    """The documented pairs and the random cases of each facet, and the repetition."""
    for facet in trial.meaning.results:
        yield from _documented(trial, facet)
        yield _facet(trial, facet)
    if "repeat" in trial.spec.facets:
        yield _repeat(trial)


def _documented(trial: ProcedureTrial, facet: str) -> Iterator[CheckResult]:
    place = trial.spec.meanings.index(trial.meaning)
    pairs = zip(trial.spec.documented, trial.documented, strict=True)
    for number, (pair, ran) in enumerate(pairs, 1):
        if facet not in pair.expected:
            continue
        id_ = f"{facet}-documented-{number}"
        if ran is None:
            text = M("Not checked: the function works for other sizes alone.")
            yield model.skipped(id_, facet, text)
            continue
        case, given = ran
        wrong = _fault(trial, facet, [(case, case.expected[place][facet], given)])
        right = model.passed(id_, facet, M("The documented example comes out right."))
        yield replace(wrong, id=id_) if wrong else right


def _facet(trial: ProcedureTrial, facet: str) -> CheckResult:
    judged = trial.judged(facet)
    if not judged:
        return model.skipped(facet, facet, M("Not checked: no input tells whether it is right."))
    return _fault(trial, facet, judged) or model.passed(
        facet, facet, M("Right for {n} random inputs of different sizes.", n=len(judged))
    )


def _fault(
    trial: ProcedureTrial, facet: str, judged: Sequence[tuple[ProcedureCase, np.ndarray, Given]]
) -> CheckResult | None:
    for case, expected, given in judged:
        if fits(trial.meaning.results[facet], case, expected, given):
            continue
        if trial.error is not None or trial.died or trial.timed_out:
            call = trial.way.call
            return model.raised(facet, facet, call, trial.error, trial.timed_out, trial.died)
        return _wrong(trial, facet, case, expected, given)
    return None


def _wrong(
    trial: ProcedureTrial, facet: str, case: ProcedureCase, expected: np.ndarray, given: Given
) -> CheckResult:
    """The nearest of the arrays that came out beside the expected one, in its layout."""
    result, what = trial.meaning.results[facet], _WHAT.get(facet, _WHAT["forward"])
    right = change(result, case, expected)
    if not given.found:
        text = M("{call} returns no array.", call=trial.way.call)
        return model.told_plainly(facet, facet, text)
    rivals = stands(result, case, expected, given).rivals
    if rivals:
        return model.ambiguous(facet, facet, what, rivals)
    shown = [pair for entry in given.found for pair in values_of(result, case, entry)]
    if not shown:  # nothing of a shape that could be it: the first array tells what came
        asked = layouts.apply(result.layouts[0], expected, result.axes)
        return model.compare(facet, facet, what, given.found[0].array, asked)
    moved = [pair for pair in shown if np.any(pair[1])] or shown
    layout, nearest = min(moved, key=lambda pair: relative_error(pair[1], right))
    if result.step_of and not np.any(nearest):
        kept = M("the kernels") if facet == "dW" else M("the dense weights")
        text = M("{call} leaves {what} as they were.", call=trial.way.call, what=kept)
        return model.told_plainly(facet, facet, text)
    actual, asked = (layouts.apply(layout, array, result.axes) for array in (nearest, right))
    return model.compare(facet, facet, what, actual, asked)


def _repeat(trial: ProcedureTrial) -> CheckResult:
    """The first case once more, after the others."""
    first, again = trial.given[0].found, trial.again.found
    if not first:
        return model.skipped("repeat", "repeat", M("There is no result to compare."))
    same = len(first) == len(again) and all(
        a.path[1:] == b.path[1:] and np.array_equal(a.array, b.array, equal_nan=True)
        for a, b in zip(first, again, strict=True)
    )
    if same and trial.changed:
        text = M("{call} leaves the array that it was given changed.", call=trial.way.call)
        return model.told_plainly("repeat", "repeat", text)
    if same:
        return model.passed("repeat", "repeat", M("The same call twice gives the same answer."))
    text = M("The same call gives another result after calls with other data.")
    return model.told_plainly("repeat", "repeat", text)
