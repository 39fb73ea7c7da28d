"""What plugins are written with. Nothing else of the grader is meant for them to import.

`Kind`, `Check` and the hooks are described in `graders.plugins`. A judge gets an `ItemSpec` and the
`Context` of the submission, finds what answers the item (`candidates`), calls it in the student's
process (`Calls`), lays what comes out beside what should (`passed`, `differs`, `wrong`, `raised`) and
gives an `ItemResult` (`verdict`, or ``context.absent(item, [])`` where nothing answers it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from graders import plugins
from graders.binding.candidates import MAX_CANDIDATES, name_rank
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.checks import model
from graders.checks.model import CheckResult
from graders.judging.contended import contended
from graders.judging.context import Context
from graders.judging.results import Binding, ItemResult, explained, finished
from graders.messages import Message, both
from graders.misconceptions import Diagnosis, Lesson, Misconception, Name, known
from graders.plugins import hookimpl
from graders.sandbox.session import Found, Outcome
from graders.specs.model import ItemSpec, Text
from graders.traits import Trait

__all__ = [
    "Binding",
    "Callable_",
    "Calls",
    "Check",
    "CheckResult",
    "Context",
    "Definition",
    "Diagnosis",
    "Found",
    "Handle",
    "ItemResult",
    "ItemSpec",
    "Kind",
    "Lesson",
    "Message",
    "Misconception",
    "Name",
    "Outcome",
    "Parameter",
    "Text",
    "Trait",
    "both",
    "candidates",
    "contended",
    "differs",
    "explained",
    "hookimpl",
    "known",
    "passed",
    "raised",
    "verdict",
    "wrong",
]


Kind: TypeAlias = plugins.Kind[Callable[[ItemSpec, Context], ItemResult]]
Check: TypeAlias = plugins.Check[Callable[[ItemSpec, Context, ItemResult], CheckResult]]


class Handle(str):
    """The name of what an earlier call made, in the place of a value: ``Handle("self")``."""


class Calls:
    """Calls on what a submission defines, made one after the other in the student's process.

    Nothing is sent but names, the arguments and which results to give back. Arguments are arrays,
    numbers, strings, None, lists, tuples and dicts of these, and handles. What comes back are the
    arrays and numbers that can be reached from a result, each with its way: ``("labels",)`` is what
    a call kept as ``labels`` itself, ``("self", "centers")`` an attribute of the object ``self``.

        outcome = Calls(context).make(definition, 3).call("fit", x).collect("self").run()
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._steps: list[dict[str, Any]] = []
        self._arrays: list[np.ndarray] = []

    def make(self, definition: Definition, *args: Any, out: str = "self", **kwargs: Any) -> Calls:
        """Construct the class; the instance has the handle `out`."""
        where = {"name": definition.name, "cell": definition.cell, "out": out}
        return self._step("make", where, args, kwargs)

    def call(
        self, method: str, *args: Any, on: str = "self", keep: str = "", optional: bool = False,
        **kwargs: Any,
    ) -> Calls:  # fmt: skip
        """Call a method; its result is kept and given back under the name `keep`.

        Calls that come after one that raises are not made, unless that is `optional`.
        """
        where = {"on": on, "method": method, "out": keep or "ret", "keep": keep}
        return self._step("call", {**where, "optional": optional}, args, kwargs)

    def function(
        self, definition: Definition, *args: Any, keep: str = "ret", optional: bool = False,
        **kwargs: Any,
    ) -> Calls:  # fmt: skip
        """Call a function; its result is kept and given back under the name `keep`."""
        where = {"name": definition.name, "cell": definition.cell, "out": keep, "keep": keep}
        return self._step("call", {**where, "optional": optional}, args, kwargs)

    def collect(self, *handles: str, label: str = "") -> Calls:
        """Give back what can be reached from the handles now, their names after `label`."""
        self._steps.append({"do": "harvest", "label": label, "of": list(handles)})
        return self

    def run(self, seconds: float | None = None) -> Outcome:
        """Make the calls. What the student's code does never raises here: see `Outcome`."""
        return self._context.session.run(self._steps, self._arrays, seconds=seconds)

    def _step(
        self, do: str, where: dict[str, Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Calls:
        given = {
            "args": [self._value(v) for v in args],
            "kwargs": {k: self._value(v) for k, v in kwargs.items()},
        }
        self._steps.append({"do": do, **where, **given})
        return self

    def _value(self, value: Any) -> dict[str, Any]:
        match value:
            case Handle():
                return {"h": str(value)}
            case np.ndarray():
                self._arrays.append(value)
                return {"a": len(self._arrays) - 1}
            case np.generic():
                return {"v": value.item()}
            case list():
                return {"list": [self._value(v) for v in value]}
            case tuple():
                return {"tuple": [self._value(v) for v in value]}
            case dict():
                return {"dict": {str(k): self._value(v) for k, v in value.items()}}
            case None | bool() | int() | float() | str():
                return {"v": value}
        raise TypeError(f"{type(value).__name__} can't be sent to the student's process")


def candidates(item: ItemSpec, context: Context, kind: str = "class") -> list[Definition]:
    """Classes (or functions: `kind` is "function") that may answer an item, the likeliest first:
    those with one of its accepted names, of them those of the problem's own section, the student's
    last word before earlier ones.
    """
    found = []
    for definition in context.definitions:
        rank = name_rank(item, definition.name)
        if definition.kind == kind and rank is not None:
            here = bool(item.problems & set(definition.section.problems))
            found.append((not here, rank, -definition.order, definition))
    return [entry[-1] for entry in sorted(found, key=lambda e: e[:3])][:MAX_CANDIDATES]


def passed(facet: str, message: Message) -> CheckResult:
    """The check of a facet came out right."""
    return model.passed(facet, facet, message)


def wrong(facet: str, message: Message) -> CheckResult:
    """The check of a facet came out wrong, in words."""
    return CheckResult(facet, facet, model.FAILED, message)


def differs(
    facet: str, what: Message, actual: np.ndarray, expected: np.ndarray, given: np.ndarray | None
) -> CheckResult:
    """The check of a facet came out wrong: the message has the place where two arrays differ most.

    `given` is the input to show beside them.
    """
    return replace(model.compare(facet, facet, what, actual, expected), input=given)


def raised(facet: str, call: str, outcome: Outcome) -> CheckResult:
    """The check of a facet got no answer: the student's own exception, with its line."""
    return model.raised(facet, facet, call, outcome.error, outcome.timed_out, outcome.died)


def verdict(item: ItemSpec, checks: Sequence[CheckResult], binding: Binding) -> ItemResult:
    """The verdict that the checks of all facets give."""
    return finished(item, list(checks), binding)
