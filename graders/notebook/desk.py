"""Answers questions of a notebook: one grading after another, as any front-end drives it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graders.errors import GraderError, UsageError
from graders.grading import Grading, Request, policy_of, sprints_for
from graders.judging.results import ItemResult, right_facets
from graders.messages import Language, M, Message, clean, language_here
from graders.notebook import task
from graders.notebook.asked import Asked, Memory
from graders.notebook.ladder import Ladder, ladder_of, most_steps, plainly
from graders.processors import importing
from graders.report import fragment
from graders.report.fragment import Piece
from graders.report.terminal import summary, written
from graders.specs import ItemSpec, SprintSpec
from graders.spelling import near
from graders.submission import Submission
from graders.submission.ran import Ran, read_ran

POLICY = "scratchgrade-policy.yaml"
"""A course's policy that lies beside the notebook counts, unless another one is named."""
_CALLED = Path("notebook.ipynb")  # where no front-end tells the notebook's name
_WORST = ("error", "failed", "skipped", "passed")
Step = Callable[[str, float], None]
Answer = dict[str, Any]


class Desk:
    """What is known of one kernel's session: what it asked for, and what was found."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._language: Language = language_here()
        self._loaded: dict[tuple[str, str], dict[str, SprintSpec]] = {}
        self._seed: int | None = None  # the same for a session: what changes is the code
        self._results: dict[str, tuple[tuple[str, ...], Grading, ItemResult]] = {}
        self._taken: dict[str, tuple[tuple[str, ...], int]] = {}  # of each ladder: steps so far
        self._told_of_walls = False
        self._answers = 0

    def warm(self) -> None:
        """Load what the first question will need."""
        with contextlib.suppress(GraderError):
            self._sprints(Request(_CALLED))
        with importing("graders.sandbox.kernel"):
            from graders.sandbox import kernel  # noqa: F401

    def rehearse(self) -> None:
        """Grade next to nothing while nobody waits: what the first grading makes is there then."""
        with contextlib.suppress(GraderError):
            sprints = self._sprints(Request(_CALLED))
            sprint = next(iter(sprints.values()))
            request = Request(_CALLED, sprint=sprint.id, seed=0, require_isolation="limits")
            cells = read_ran([Ran(1, "import numpy as np\n")], _CALLED, Path("."))
            grading = Grading(request, sprints, given=cells)
            grading.select(frozenset([sprint.items[0].id]))
            for _ in grading.events():
                pass
            grading.finish()
            fragment.verdict(grading.report.as_dict(), self._prefix)

    def answer(self, question: dict[str, Any], step: Step) -> Answer:
        """The answer to a question; what is wrong with it is said in its text."""
        self._answers += 1
        try:
            asked = self._memory.read(question["what"], question["line"])
            submission = self._submission(question)
            told = asked.fields.get("language", "auto")
            if told != "auto":
                self._language = told
            elif submission.text.strip():
                self._language = submission.language
            ways = {
                "check": self._check, "hint": self._hint, "problem": self._problem,
                "solution": self._solution,
            }  # fmt: skip
            way = ways[question["what"]]
            answer = way(asked, {**question, "submission": submission}, step)
            self._memory.keep(asked)
            return self._in_language(answer)
        except GraderError as error:
            return self._in_language({"text": error.in_language(self._language), "html": ""})
        except Exception as error:
            if os.environ.get("SCRATCHGRADE_DEBUG"):
                raise
            reason = clean(f"{type(error).__name__}: {error}", 500)
            said = M(
                "the grader has a fault, which is no fault of your code: {reason}", reason=reason
            )
            return self._in_language({"text": self._say(said), "html": ""})

    def _in_language(self, answer: Answer) -> Answer:
        return {**answer, "language": self._language}

    def _say(self, message: Message) -> str:
        return message.in_language(self._language)

    @property
    def _prefix(self) -> str:
        """What begins the ids in an answer's HTML: no other one of the session has it."""
        return f"sg{os.getpid()}-{self._answers}-"

    # -- what is asked ------------------------------------------------------------------

    def _check(self, asked: Asked, question: dict[str, Any], step: Step) -> Answer:
        grading = self._graded(asked, question, step)
        data = grading.report.as_dict()
        data["items"] = [
            i for i in data["items"]
            if (i["id"] in asked.items if asked.items else i["status"] != "skipped" or i["waits_for"])
        ]  # fmt: skip
        notices = self._notices(data)
        stream = io.StringIO()
        written(summary(grading.report, walls=False), stream)
        text = "\n".join([*notices, stream.getvalue().strip("\n")])
        html = fragment.verdict(data, self._prefix, notices)
        return {"text": text, "html": html, "result": _result(grading, data)}

    def _hint(self, asked: Asked, question: dict[str, Any], step: Step) -> Answer:
        item = self._one(asked, "hint")
        grading, result = self._result(asked, item, question, step)
        title = result.spec.title.in_language(self._language)
        if result.status in ("passed", "manual"):
            said = M("{item}: there is nothing to hint at, it is not wrong.", item=item)
            return self._pieces(title, [Piece("", (self._say(said),))])
        if result.status == "skipped":
            return self._pieces(title, [Piece("", (self._say(result.message),))])
        ladder = ladder_of(result, grading.submission, self._language)
        most = most_steps(grading.policy, grading.report.feedback)
        return self._pieces(title, [*self._next_step(item, ladder, most)])

    def _next_step(self, item: str, ladder: Ladder, most: int) -> Iterator[Piece]:
        mistake, taken = self._taken.get(item, ((), 0))
        if mistake != ladder.mistake:
            taken = 0  # another mistake than before: from the bottom
        steps = ladder.up_to(most)
        if not steps:
            yield Piece("", (self._say(M("Your course gives no hints on this.")),))
            return
        number = min(taken, len(steps) - 1)
        self._taken[item] = (ladder.mistake, number + 1)
        yield plainly(steps[number], number + 1, len(steps))
        left = len(steps) - number - 1
        if left:
            said = M("{n} more: %hint {item}", n=left, item=item)
        elif len(steps) < len(ladder.steps):
            said = M("That was the last hint: your course gives no more.")
        else:
            said = M("That was the last hint.")
        yield Piece("", (self._say(said),))

    def _problem(self, asked: Asked, question: dict[str, Any], step: Step) -> Answer:
        _, spec = self._spec(asked, self._one(asked, "problem"), question)
        title = f"{spec.title.in_language(self._language)} ({spec.id})"
        return self._pieces(title, [*task.problem(spec, self._language)])

    def _solution(self, asked: Asked, question: dict[str, Any], step: Step) -> Answer:
        item = self._one(asked, "solution")
        sprint, spec = self._spec(asked, item, question)
        request = self._request(asked, question)
        policy = policy_of(request, self._sprints(request))
        title = spec.title.in_language(self._language)
        if policy.solution == "never":
            said = M("Your course shows no solutions here.")
            return self._pieces(title, [Piece("", (self._say(said),))])
        if policy.solution == "passed":
            _, result = self._result(asked, item, question, step)
            if result.status != "passed":
                said = M(
                    "Your course shows a solution once yours is right: %check {item}", item=item
                )
                return self._pieces(title, [Piece("", (self._say(said),))])
        shown = [*task.solution(sprint, spec, self._language)]
        return self._pieces(title, shown or [Piece("", (self._say(M("There is none to show.")),))])

    def _pieces(self, title: str, shown: Sequence[Piece]) -> Answer:
        return {
            "text": fragment.plain(title, shown),
            "html": fragment.pieces(title, shown, self._language, self._prefix),
        }

    # -- gradings -----------------------------------------------------------------------

    def _graded(self, asked: Asked, question: dict[str, Any], step: Step) -> Grading:
        submission = question["submission"]
        if not any(cell.source.strip() for cell in submission.cells):
            raise UsageError(M("no cell has been run yet: run yours, then check"))
        request = self._request(asked, question)
        sprints = self._sprints(request)
        if asked.items:
            sprint = self._sprint_with(asked.items, request.sprint, sprints)
            if sprint != "auto":
                self._memory.found(sprint)
                request = replace(request, sprint=sprint, insist_sprint=True)
        if request.seed is None and self._seed is not None:
            request = replace(request, seed=self._seed)
        grading = Grading(request, sprints, given=submission)
        self._seed = grading.report.seed if self._seed is None else self._seed
        self._check_items(asked.items, grading.sprint)
        if asked.items:
            grading.select(frozenset(asked.items))
        grading.progress = step
        try:
            for _ in grading.events():
                pass
        finally:
            grading.finish()
        for item, result in grading.report.items.items():
            if not asked.items or item in asked.items:
                self._results[item] = (self._state(asked, question), grading, result)
        return grading

    def _result(
        self, asked: Asked, item: str, question: dict[str, Any], step: Step
    ) -> tuple[Grading, ItemResult]:
        """The verdict on an item as the code is now."""
        kept = self._results.get(item)
        if kept is None or kept[0] != self._state(asked, question):
            grading = self._graded(asked, question, step)
            return grading, grading.report.items[item]
        return kept[1], kept[2]

    def _state(self, asked: Asked, question: dict[str, Any]) -> tuple[str, ...]:
        """What a verdict hangs on, and how much is said of it."""
        request = self._request(asked, question)
        policy = policy_of(request, self._sprints(request))
        told = sorted(
            (k, str(v)) for k, v in asked.fields.items() if k not in ("sprint", "language")
        )
        return (question["submission"].sha256, policy.sha256, repr(told))

    def _submission(self, question: dict[str, Any]) -> Submission:
        runs = [Ran(r["prompt"], r["source"], r["id"], r["failed"]) for r in question["runs"]]
        notebook = Path(question["notebook"]) if question["notebook"] else None
        called = Path(notebook.name) if notebook is not None else _CALLED
        return read_ran(runs, called, Path(question["folder"]), notebook)

    def _request(self, asked: Asked, question: dict[str, Any]) -> Request:
        fields = dict(asked.fields)
        beside = Path(question["folder"]) / POLICY
        if "policy" not in fields and beside.is_file():
            fields["policy"] = beside
        # The student's own code on the student's own machine: walls where they can be had.
        return Request(_CALLED, **{**fields, "require_isolation": "limits"})

    def _sprints(self, request: Request) -> dict[str, SprintSpec]:
        """The specs; those that are installed are read once."""
        if request.specs is not None:
            return sprints_for(request)
        key = (request.course, request.plugin)
        # `sprints_for` looks at the other values, too, whatever is loaded.
        self._loaded[key] = sprints_for(request, self._loaded.get(key))
        return self._loaded[key]

    # -- items --------------------------------------------------------------------------

    def _one(self, asked: Asked, what: str) -> str:
        if len(asked.items) != 1:
            raise UsageError(M("say of which problem: %{what} ITEM", what=what))
        return asked.items[0]

    def _spec(
        self, asked: Asked, item: str, question: dict[str, Any]
    ) -> tuple[SprintSpec, ItemSpec]:
        request = self._request(asked, question)
        sprints = self._sprints(request)
        name = self._sprint_with((item,), request.sprint, sprints)
        holding = [s for s in sprints.values() if any(i.id == item for i in s.items)]
        sprint = sprints.get(name, holding[0])
        return sprint, sprint.item(item)

    def _sprint_with(
        self, items: Sequence[str], wanted: str, sprints: dict[str, SprintSpec]
    ) -> str:
        """The one sprint that has the items; "auto" where several have."""
        having = {n: s for n, s in sprints.items() if set(items) <= {i.id for i in s.items}}
        if wanted in having:
            return wanted
        if not having:
            known = [i.id for s in sprints.values() for i in s.items]
            unknown = [i for i in items if i not in known]
            if not unknown:
                raise UsageError(M("{items}: not of one sprint", items=", ".join(items)))
            raise _unknown(unknown[0], known)
        return next(iter(having)) if len(having) == 1 else "auto"

    def _check_items(self, items: Sequence[str], sprint: SprintSpec) -> None:
        known = [spec.id for spec in sprint.items]
        for item in items:
            if item not in known:
                raise _unknown(item, known)

    def _notices(self, data: dict[str, Any]) -> list[str]:
        if self._told_of_walls or data["isolation"]["level"] != "limits":
            return []
        self._told_of_walls = True
        missing = "; ".join(data["isolation"]["missing"]) or "-"
        said = M(
            "Said once: on this machine the code that is checked runs limited, but not walled off ({missing}). It is your own.",
            missing=missing,
        )
        return [self._say(said)]


def _unknown(item: str, known: Sequence[str]) -> UsageError:
    return UsageError(M("{item}: no such problem{near}", item=item, near=near(item, known)))


def _result(grading: Grading, data: dict[str, Any]) -> dict[str, Any]:
    """A verdict as the kernel's `Result` has it."""
    items = [_item(i, grading.report.items.get(i["id"])) for i in data["items"]]
    if len(items) == 1:
        return {**items[0], "report": data}
    facets = {f"{i['item']}/{name}": was for i in items for name, was in i["facets"].items()}
    passed = grading.report.passed
    return {
        "item": None, "status": "passed" if passed else "failed", "passed": passed,
        "score": data["score"], "max_score": data["max_score"], "facets": facets, "items": items,
        "report": data,
    }  # fmt: skip


def _item(item: dict[str, Any], result: ItemResult | None) -> dict[str, Any]:
    facets = {}
    if result is not None:
        right = set(right_facets(result.spec, result.checks))
        for facet in result.spec.facets:
            seen = [c.status for c in result.checks if c.facet == facet and c.status != "passed"]
            otherwise = min(seen, key=_WORST.index, default=item["status"])
            facets[facet] = "passed" if facet in right else otherwise
    return {
        "item": item["id"], "status": item["status"], "passed": item["status"] == "passed",
        "score": item["score"], "max_score": item["max_score"], "facets": facets, "items": [],
        "report": item,
    }  # fmt: skip
