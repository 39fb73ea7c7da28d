"""Judges iterators over mini-batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.binding.arguments import OMIT, Arguments, Choice, candidates, method_named, ways
from graders.binding.candidates import Candidate
from graders.binding.choice import Contender
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.moments import section_end
from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.judging.turns import in_turn
from graders.kinds.iterator import checks as minibatch
from graders.kinds.iterator.checks import Batch, Data, Pass
from graders.kinds.iterator.explanation import diagnose_batches
from graders.messages import M, Message
from graders.sandbox.session import CellError, Found, Outcome
from graders.specs import ItemSpec

_CASES = ((23, 5), (20, 4), (7, 10), (11, 1), (16, 6))  # samples, batch size
_COLUMNS = (0, 2)  # of y: labels, rows
_SEED = 3
_ITERATORS = (
    r"__iter__", r"(iter|iterate|batches|mini_?batch(es)?|get_?(mini_?)?batch(es)?|generate)\w*",
    r"__getitem__",
)  # fmt: skip
_ROLES = (
    (
        "size",
        r"(mini_?)?batch(_?(size|num|n))?|bs|size|n_?batch|b|batch_?\w*"
        r"|(tam\w*_?(d\w{1,2}_)?)?(lotes?|batch)|taille_?(d\w{1,2}_)?(lots?|batch)",
    ),
    ("seed", r"seed|random_?state|random_?seed|rng|sem(ente|illa)|graine"),
    ("x", r"x|x_?train|data|inputs?|images?|x_\w*|samples|features?"),
    ("y", r"y|t|y_?train|labels?|targets?|y_\w*|answers?"),
    ("shuffle", r"shuffle\w*|random|is_shuffle"),
)  # fmt: skip


@dataclass
class _Trial:
    arguments: Arguments
    columns: int
    passes: list[Pass] = field(default_factory=list)
    error: CellError | None = None
    late: bool = False
    died: str = ""
    wrong: dict[str, Message | None] = field(default_factory=dict)
    seeded: bool = False

    @property
    def right(self) -> int:
        return sum(m is None for m in self.wrong.values())

    @property
    def exact(self) -> bool:
        return bool(self.wrong) and self.right == len(self.wrong)


class IteratorJudge:
    """Judges the iterator items of one submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session = context.session

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on an iterator."""
        found = candidates(spec, self._context.definitions, _may_iterate)
        choice = self._context.choice(spec)
        known: list[Contender[tuple[Candidate, _Trial]]] = []
        near: list[tuple[Candidate, CellError | None]] = []
        turns = in_turn(
            self._session,
            found,
            lambda c: self._best(spec, c.definition),
            lambda trial: trial.exact,
        )
        for candidate, trial, rest in turns:
            near.append((candidate, trial.error))
            if not trial.exact and not self._context.at_home(spec, candidate):
                continue
            most = float(len(trial.wrong) or 1)
            known.append(
                Contender(
                    candidate.definition,
                    trial.right,
                    most,
                    (candidate, trial),
                    trial.exact,
                    self._context.is_called(spec, candidate),
                )
            )
            left = (c.definition for c in rest)
            if trial.exact and choice.settled(candidate.definition, left):
                break
        answer = choice.answer(known)
        if answer is None:
            return self._context.absent(spec, near)
        candidate, trial = answer.contender.found
        if trial.error is not None and not trial.wrong:
            return self._context.absent(spec, near)
        name = candidate.definition.name
        notes = self._context.told(answer)
        if trial.passes and not any(minibatch.shuffled(p) for p in trial.passes):
            notes.append(M("The samples come in the order in which they were given."))
        call = f"{name}({trial.arguments.text})"
        binding = Binding(name, candidate.definition.cell, call, "", "", tuple(notes))
        result = finished(spec, list(_checks(spec, trial, call)), binding)
        return explained(result, lambda: diagnose_batches(spec, trial.passes, result.checks))

    def _best(self, spec: ItemSpec, definition: Definition) -> _Trial:
        best: _Trial | None = None
        for as_of in (None, section_end(self._session, definition)):
            for columns in _COLUMNS:
                trial = self._try(definition, columns, as_of)
                if best is None or trial.right > best.right:
                    best = trial
                if best.exact:
                    return best
        assert best is not None
        return best

    def _try(self, definition: Definition, columns: int, as_of: int | None) -> _Trial:
        target = definition.constructor if definition.kind == "class" else definition.function
        rng = self._context.rng(f"{definition.name}/{columns}")
        trial = _Trial(Arguments(), columns)
        for n, size in _CASES:
            data = minibatch.make_data(rng, n, size, columns)
            trial.arguments = next(ways(target, _options(data, target), 1))
            trial.seeded = any(k == "seed" for k in _roles(target))
            outcome, one = self._run(definition, trial.arguments, data, trial.seeded, as_of)
            if outcome.timed_out or outcome.died:
                trial.late, trial.died = outcome.timed_out, outcome.died
                trial.error = trial.error or CellError("", "it does not end")
                break
            if not one.batches and outcome.error is not None:
                trial.error = outcome.error
                break
            trial.passes.append(one)
        if trial.passes:
            checks = (("forward", minibatch.coverage), ("shape", minibatch.batch_sizes),
                      ("repeat", minibatch.repeated))  # fmt: skip
            for facet, check in checks:
                wrong = [m for p in trial.passes if (m := check(p)) is not None]
                trial.wrong[facet] = wrong[0] if wrong else None
        return trial

    def _run(
        self,
        definition: Definition,
        arguments: Arguments,
        data: Data,
        seeded: bool,
        as_of: int | None,
    ) -> tuple[Outcome, Pass]:
        limit = len(data.sizes) + 3
        steps: list[dict[str, Any]] = []
        on: dict[str, Any] = {"name": definition.name, "cell": definition.cell}
        is_class = definition.kind == "class"
        walk = method_named(definition, _ITERATORS) if is_class else None
        by_method = walk is not None and not walk.name.startswith("__")

        def make(handle: str) -> None:
            do = "make" if is_class else "call"
            steps.append({"do": do, **on, "out": handle, **arguments.step})

        def go(handle: str, keep: str, optional: bool) -> None:
            source = handle
            if by_method and walk is not None:
                source = f"{handle}_walk"
                steps.append({"do": "call", "on": handle, "method": walk.name, "out": source,
                              "optional": optional})  # fmt: skip
            steps.append({"do": "iterate", "on": source, "keep": keep, "limit": limit,
                          "optional": optional})  # fmt: skip

        make("it")
        go("it", "first", False)
        go("it", "again", True)
        first_extra = len(steps)
        if is_class and "__len__" in definition.methods:
            steps.append({"do": "call", "on": "it", "method": "__len__", "keep": "len",
                          "optional": True})  # fmt: skip
        indexes = [0, len(data.sizes) - 1] if "__getitem__" in definition.methods else []
        for i in dict.fromkeys(indexes):
            steps.append({"do": "call", "on": "it", "method": "__getitem__", "args": [{"v": i}],
                          "keep": f"item{i}", "optional": True})  # fmt: skip
        make("twin")
        go("twin", "twin", True)
        outcome = self._session.run(steps, [data.x, data.y], as_of)
        one = Pass(data, _batches(outcome.found, "first"))
        if is_class and first_extra:
            one.again = _batches(outcome.found, "again")
        one.twin, one.seeded = _batches(outcome.found, "twin"), seeded
        lengths = [e.array for e in outcome.found if e.path == ("len",)]
        one.length = float(lengths[0]) if lengths and lengths[0].ndim == 0 else None
        for i in dict.fromkeys(indexes):
            batch = _pair(outcome.found, (f"item{i}",))
            if batch is not None:
                one.items[i] = batch
        return outcome, one


def _may_iterate(definition: Definition) -> bool:
    if definition.kind == "class":
        if {"fit", "predict", "forward", "backward"} & definition.methods.keys():
            return False
        roles = _roles(definition.constructor)
        return method_named(definition, _ITERATORS) is not None and "x" in roles
    return definition.function is not None and {"x", "y"} <= set(_roles(definition.function))


def _roles(target: Callable_ | None) -> list[str]:
    return [] if target is None else [_role(p.name) for p in target.parameters]


def _role(name: str) -> str:
    plain = name.strip("_").lower() or name
    return next((r for r, pattern in _ROLES if re.fullmatch(pattern, plain)), "")


def _unnamed_size(target: Callable_ | None) -> str:
    """The one parameter that may be the batch size where no name says so: it starts as a number
    above 1, and nothing else that is unknown does.
    """
    if target is None or "size" in _roles(target):
        return ""
    unknown = [p for p in target.parameters if not _role(p.name) and p.default is not None]
    numbers = [p.name for p in unknown if (p.default or "").isdigit() and int(p.default or 0) > 1]
    return numbers[0] if len(numbers) == 1 else ""


def _options(data: Data, target: Callable_ | None) -> Any:
    unnamed = _unnamed_size(target)
    known = {
        "x": Choice({"a": 0}, "X"),
        "y": Choice({"a": 1}, "y"),
        "size": Choice({"v": data.batch_size}, str(data.batch_size)),
        "seed": Choice({"v": _SEED}, str(_SEED)),
    }
    taken: set[str] = set()

    def options(parameter: Parameter) -> Sequence[Choice]:
        role = "size" if parameter.name == unnamed else _role(parameter.name)
        if role in known and role not in taken:
            taken.add(role)
            return [known[role]]
        if parameter.default is not None:
            return [OMIT]
        if role == "shuffle":
            return [Choice({"v": True}, "True")]
        for other in ("x", "y", "size"):
            if other not in taken:
                taken.add(other)
                return [known[other]]
        return []

    return options


def _pair(found: Sequence[Found], head: tuple[str | int, ...]) -> Batch | None:
    """X and y of one batch: the two arrays of a tuple, list or dict."""
    parts: dict[str | int, np.ndarray] = {}
    for entry in found:
        if entry.path[: len(head)] == head and len(entry.path) == len(head) + 1:
            parts.setdefault(entry.path[-1], entry.array)
    arrays = [a for a in parts.values() if a.ndim >= 1]
    if len(arrays) != 2:
        return None
    return arrays[0], arrays[1]


def _batches(found: Sequence[Found], label: str) -> list[Batch]:
    batches = []
    for i in range(200):
        batch = _pair(found, (label, i))
        if batch is None:
            break
        batches.append(batch)
    return batches


def _checks(spec: ItemSpec, trial: _Trial, call: str) -> Iterator[CheckResult]:
    for facet in spec.facets:
        wrong = trial.wrong.get(facet)
        if trial.error is not None or trial.late or trial.died:
            yield model.raised(facet, facet, call, trial.error, trial.late, trial.died)
        elif wrong is not None:
            yield CheckResult(facet, facet, model.FAILED, wrong)
        else:
            n = len(trial.passes)
            yield model.passed(facet, facet, M("Right for {n} data sets.", n=n))
