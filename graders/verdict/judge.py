"""One item: which definition answers it, what its checks say, what status that gives."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graders.binding.idioms import Searched, idioms
from graders.checks import model
from graders.checks.listed import facet_checks
from graders.judging.context import Context, Rules, TrainingOptions
from graders.judging.results import ItemResult, counted
from graders.messages import M, Message
from graders.plugins import plugins
from graders.sandbox.session import OutOfBudget, Session
from graders.specs import ItemSpec, SprintSpec
from graders.traits import Trait
from graders.verdict.allowances import accepted, forbidden, refused
from graders.verdict.plugged import NoVerdict, further_checks, judged_by_kind
from graders.verdict.unwritten import told_unwritten

_NOT_RIGHT = ("partial", "failed", "missing", "error")


class Judge:
    """Judges the items of one sprint on one loaded submission, each by the judge of its kind."""

    def __init__(
        self,
        session: Session,
        sprint: SprintSpec,
        seed: int,
        rules: Rules | None = None,
        training: TrainingOptions | None = None,
    ) -> None:
        self._context = Context(session, sprint, seed, rules, training)

    def judge(self, spec: ItemSpec) -> ItemResult:
        """The verdict on an item. A fault of the grader itself costs this item only, and says so."""
        result = self._waiting(spec) or self._judged(spec)
        self._context.results[spec.id] = result
        return result

    def take(self, result: ItemResult) -> None:
        """A verdict that was come to elsewhere."""
        self._context.results[result.spec.id] = result

    def _waiting(self, spec: ItemSpec) -> ItemResult | None:
        """The verdict on an item of which a prerequisite is not right; None if nothing is amiss.

        A prerequisite that was not asked for, or is for a person to judge, is no obstacle.
        """
        needed = [self._context.results.get(name) for name in spec.prerequisites]
        wrong = [
            r.spec for r in needed if r is not None and (r.waits_for or r.status in _NOT_RIGHT)
        ]
        if not wrong:
            return None
        text = M("Not checked: {item} has to be right first.", item=wrong[0].title)
        return ItemResult(spec, "skipped", text, waits_for=tuple(s.id for s in wrong))

    def _judged(self, spec: ItemSpec) -> ItemResult:
        session = self._context.session
        calls, seconds = session.calls, session.call_seconds
        self._context.begin_item()
        session.begin_item()
        try:
            narrowed = self._context.narrow(spec)
            wrong = self._context.rules.overrides.problem(spec, self._context.definitions)
            if wrong is not None:
                return ItemResult(spec, "missing", wrong)
            result = judged_by_kind(narrowed, self._context)
            if result.status == "missing" and (wider := self._context.misspelt(narrowed)):
                result = judged_by_kind(wider, self._context)
            result = self._allowed(replace(result, spec=spec))
        except OutOfBudget as spent:
            checks = tuple(model.skipped(i, f, spent.reason) for i, f in facet_checks(spec))
            return ItemResult(spec, "manual", spent.reason, checks)
        except Exception as error:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            text = M(
                "The grader itself failed on this item ({error}); please report it. It says nothing about the code.",
                error=f"{type(error).__name__}: {error}",
            )
            if plugins().kinds.get(spec.kind) is not None:
                text = _fault_of_plugin(error)
            return ItemResult(spec, "error", text)
        if plugins().checks(spec):
            result = self._further(result)
        result = told_unwritten(counted(result), self._context)
        result = replace(result, searched=_searched(result, self._context.tried))
        if result.binding is None:
            return result
        cost = replace(
            result.binding,
            notes=(*result.binding.notes, *self._rules_of(spec)),
            calls=session.calls - calls,
            seconds=round(session.call_seconds - seconds, 3),
        )
        return replace(result, binding=cost)

    def _further(self, result: ItemResult) -> ItemResult:
        """The verdict with the checks of plugins; a fault of one costs this item only."""
        try:
            return further_checks(result, self._context)
        except Exception as error:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            return ItemResult(result.spec, "error", _fault_of_plugin(error))

    def _allowed(self, result: ItemResult) -> ItemResult:
        """The verdict by what the course lets pass and what it forbids."""
        context = self._context
        result = accepted(refused(result), context.rules.accept.get(result.spec.id, frozenset()))
        return forbidden(
            result, context.session.submission, context.definitions, context.rules.forbidden
        )

    def _rules_of(self, spec: ItemSpec) -> Iterator[Message]:
        """What an instructor laid down about how the item is bound."""
        rules = self._context.rules
        if rules.overrides.of(spec) is not None:
            yield M(
                "what answers this, or how it is called, is fixed by {file}",
                file=rules.overrides.file,
            )
        if rules.strict and Trait.CALLED in spec.traits:
            yield M("only the signature {wanted} counts", wanted=spec.canonical)


def _searched(result: ItemResult, tried: Sequence[object]) -> Searched:
    proved = result.plan if result.status == "passed" else None
    return Searched(tuple(map(idioms, tried)), None if proved is None else idioms(proved))


def _fault_of_plugin(error: Exception) -> Message:
    """What a student is told of a plugin that does not work."""
    said = str(error) if isinstance(error, NoVerdict) else f"{type(error).__name__}: {error}"
    return M(
        "A plugin of the course failed on this item ({error}); please tell your instructor. It says nothing about the code.",
        error=said,
    )
