"""Checks of a function that computes a size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from graders.checks import model
from graders.checks.model import CheckResult
from graders.kinds.function.search import Answer, FunctionTrial
from graders.messages import M
from graders.specs import ItemSpec

LEAST_CASES = 3  # sizes that no text prints, before anything is said to be right


def check_function(spec: ItemSpec, trial: FunctionTrial) -> Iterator[CheckResult]:
    """The documented pairs, then the random cases."""
    documented = {tuple(sorted((k, int(v)) for k, v in p.given.items())) for p in spec.documented}
    answers = list(zip(trial.sizes, trial.expected, trial.answers, strict=True))
    facet = next(iter(spec.facets))
    for number, pair in enumerate(spec.documented, 1):
        key = tuple(sorted((k, int(v)) for k, v in pair.given.items()))
        mine = [a for a in answers if tuple(sorted(a[0].items())) == key]
        id_ = f"{facet}-documented-{number}"
        if mine:
            yield _judged(id_, facet, trial, mine)
        else:
            yield model.skipped(
                id_, facet, M("Not checked: the method reads its layer's own sizes.")
            )
    rest = [a for a in answers if tuple(sorted(a[0].items())) not in documented]
    if len(rest) < LEAST_CASES:  # a documented pair alone proves nothing
        text = M(
            "Not checked: {call} could be asked for too few combinations of sizes.", call=trial.call
        )
        yield model.skipped(facet, facet, text)
        return
    yield _judged(facet, facet, trial, rest)


def _judged(
    id_: str,
    facet: str,
    trial: FunctionTrial,
    answers: Sequence[tuple[Mapping[str, int], tuple[int, ...], Answer]],
) -> CheckResult:
    for sizes, expected, answer in answers:
        at = ", ".join(f"{k} = {v}" for k, v in sizes.items())
        if answer is None and trial.error is not None:
            return model.raised(id_, facet, trial.call, trial.error, False, "")
        if answer is None:
            return CheckResult(
                id_,
                facet,
                model.FAILED,
                M("{call} returns no number (for {sizes}).", call=trial.call, sizes=at),
            )
        if answer != expected:
            right, given = np.asarray(expected), np.asarray(answer)
            worst = float(np.max(np.abs(given - right)))
            return CheckResult(
                id_,
                facet,
                model.FAILED,
                M(
                    "For {sizes} the result should be {expected}, but {call} gives {actual}.",
                    sizes=at,
                    expected=_numbers(expected),
                    call=trial.call,
                    actual=_numbers(answer),
                ),
                right,
                given,
                worst,
                worst / max(float(np.max(np.abs(right))), 1),
                (int(np.argmax(np.abs(given - right))),),
            )
    if trial.unused:
        return CheckResult(
            id_,
            facet,
            model.FAILED,
            M(
                "{call} does not take {roles} into account.",
                call=trial.call,
                roles=", ".join(trial.unused),
            ),
        )
    return model.passed(id_, facet, M("Right for {n} combinations of sizes.", n=len(answers)))


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(model.number(v) for v in values)
