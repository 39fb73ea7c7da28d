"""A grading as a front-end drives it: options in, events out, a report on disk in any case."""

from __future__ import annotations

import errno
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from graders import data
from graders.binding.lexicon import read_lexicon
from graders.binding.overrides import find_overrides
from graders.checks.listed import facet_checks
from graders.checks.model import CheckResult
from graders.engine import (
    Event,
    ItemFinished,
    Options,
    choose_sprint,
    detect_sprint,
    grade,
    other_sprint,
    seed_of,
)
from graders.errors import GraderError, MachineError, SubmissionError, UsageError
from graders.extension import use_plugins
from graders.judging.context import Rules, TrainingOptions
from graders.judging.results import ItemResult
from graders.messages import Language, M, Message, language_here
from graders.policy import Policy, read_policy
from graders.report.feedback import Feedback
from graders.report.report import Report, SeedFrom, write_json
from graders.sandbox.isolation import Level, Wanted
from graders.sandbox.session import Budget
from graders.secret import Secret, secret_for
from graders.specs import ItemSpec, SprintSpec, offered, signs_of_courses, sprint_named
from graders.submission import Submission, read_submission
from graders.traits import Trait


@dataclass(frozen=True)
class Request:
    """What a user asked for, as given on the command line."""

    submission: Path
    sprint: str = "auto"
    course: str = ""
    insist_sprint: bool = False
    report: Path | None = None
    language: str = "auto"
    specs: Path | None = None
    plugin: str = ""
    student_python: str = sys.executable
    budget: float | None = None
    seed: int | None = None
    secret_file: Path | None = None
    secret: str = ""  # a class's own, in hexadecimal
    feedback: Feedback = "full"
    mnist: Path | None = None
    policy: Path | None = None
    overrides: Path | None = None
    strict: bool = False
    cost: bool = False
    repair: bool = False
    require_isolation: Level = "kernel"
    report_html: Path | None = None
    report_markdown: Path | None = None
    report_gradescope: Path | None = None

    @property
    def outputs(self) -> dict[str, Path]:
        """The files to write, by option."""
        every = {
            "--report": self.report,
            "--report-html": self.report_html,
            "--report-md": self.report_markdown,
            "--report-gradescope": self.report_gradescope,
        }
        return {option: path for option, path in every.items() if path is not None}


class OtherSprint(SubmissionError):
    """One of a class looks like another sprint's: it is put aside, for a person to look at."""


@dataclass
class Grading:
    """One submission on its way through the engine.

    Raises (on construction):
        GraderError: nothing can be graded; the report, if one was asked for, says why.
    """

    request: Request
    loaded: dict[str, SprintSpec] | None = None  # the request's specs, where they are there already
    early: bool = (
        True  # somebody waits: what needs no training is judged before the cells that train
    )
    of_class: bool = False  # one of many: it brings no overrides, and has to look like the sprint
    given: Submission | None = None  # what was read already, if it lies in no file
    report: Report = field(init=False)
    submission: Submission = field(init=False)
    sprint: SprintSpec = field(init=False)
    course: str = field(init=False, default="")  # asked for or found; "": one of the sprints

    def __post_init__(self) -> None:
        request = self.request
        language = _language(request.language, None)
        self.report = Report(request.submission, language, feedback=request.feedback)
        self._events: Iterator[Event] | None = None
        self._selected: frozenset[str] | None = None
        self._stopped = False
        self.policy = Policy()
        self.written: GraderError | None = None
        for option, path in request.outputs.items():
            if os.path.realpath(path) == os.path.realpath(request.submission):
                raise UsageError(f"{option} {path}: that is the submission; give another file")
        try:
            sprints = sprints_for(request, self.loaded)
            self.policy = policy = policy_of(request, sprints)
            request = self._under(policy)
            sprints = policy.applied(sprints)
            secret = secret_of(request)
            self.submission = self.given or read_submission(request.submission)
            self.course = request.course or self._course_of(sprints)
            if self.course != request.course:
                sprints = policy.applied(offered(request.specs, self.course))
            overrides, ignored = find_overrides(
                request.overrides, request.submission, sprints, of_class=self.of_class
            )
            rules = Rules(request.strict, overrides, policy.accepted, policy.forbidden)
            notes = list(self.submission.notes)
            if ignored:
                notes.append(f"overrides ignored: {ignored}")
            if secret is not None and secret.passing:
                notes.append(f"secret of this run: {secret.passing}")
            self.submission = replace(self.submission, notes=tuple(notes))
            self.report.submission = self.submission
            self.report.language = _language(request.language, self.submission)
            self.sprint = choose_sprint(self.submission, request.sprint, sprints)
            self._compare_sprints(sprints)
            lexicon = read_lexicon(Path(self.sprint.items[0].file).parent.parent)
            if not any(cell.source.strip() for cell in self.submission.cells):
                self.report.sprint = self.sprint
                raise SubmissionError(
                    M("{file}: no code in it; was the right file handed in?",
                      file=str(request.submission))
                )  # fmt: skip
        except GraderError as error:
            self.report.fail(error.in_language(self.report.language))
            self.write()
            if self.written is not None:
                raise GraderError(f"{error}; {self.written}") from error
            raise
        self.report.sprint = self.sprint
        self.options = Options(
            student_python=request.student_python, seed=request.seed, secret=secret, rules=rules,
            lexicon=lexicon, isolation=Wanted(request.require_isolation), early=self.early,
            cost=request.cost, repair=request.repair and request.feedback != "score",
        )  # fmt: skip
        if request.budget is not None:
            total = request.budget
            budget = Budget(cell=min(10.0, total / 2), total=total, calls=2 * total)
            self.options = replace(self.options, budget=budget)
        # Training has a budget of its own: CPU seconds of the student's process, for each item.
        seconds = policy.training_budget or TrainingOptions.seconds
        seconds = min(seconds, request.budget or math.inf)
        training = TrainingOptions(request.mnist, seconds, self._long_step)
        self.options = replace(self.options, training=training)
        self.progress: Callable[[str, float], None] | None = None
        self.report.seed = seed_of(self.submission, self.options)
        self.report.seed_from = _origin(secret)

    def _course_of(self, sprints: dict[str, SprintSpec]) -> str:
        """The course that a submission speaks of more than of any sprint; "" if there is none."""
        if self.request.sprint != "auto":
            return ""
        courses = signs_of_courses(self.request.specs)
        found = detect_sprint(self.submission, {**sprints, **courses})
        return found.id if found is not None and found.course else ""

    def _compare_sprints(self, sprints: dict[str, SprintSpec]) -> None:
        """Say it where the submission looks like another sprint's; put it aside in a class."""
        other = other_sprint(self.submission, self.sprint, sprints)
        if other is None or self.request.insist_sprint:
            return
        if self.of_class:
            raise OtherSprint(looks_like_other(other, self.sprint))
        note = f"looks like {other.id}, graded as {self.sprint.id}"
        self.submission = replace(self.submission, notes=(*self.submission.notes, note))
        self.report.submission = self.submission

    def _under(self, policy: Policy) -> Request:
        """The request under a policy; a budget and a level of feedback that were asked for stay."""
        request = self.request
        self.report.policy = policy.told
        if request.feedback == Request.feedback and policy.feedback is not None:
            request = replace(request, feedback=cast(Feedback, policy.feedback))
        self.report.feedback = request.feedback
        return replace(
            request,
            strict=request.strict or policy.strict,
            cost=request.cost or policy.counts,
            budget=policy.budget if request.budget is None else request.budget,
        )

    def _long_step(self, what: Message, seconds: float) -> None:
        if self.progress is not None:
            self.progress(what.in_language(self.report.language), seconds)

    # -- driving -------------------------------------------------------------------------

    def check_items(self, items: Iterable[str]) -> None:
        """Refuse an item that the sprint has not.

        Raises:
            UsageError: it names the items that there are.
        """
        known = [spec.id for spec in self.sprint.items]
        for item in sorted(items):
            if item not in known:
                raise UsageError(f"--item {item}: not in {self.sprint.id}: {', '.join(known)}")

    def select(self, items: frozenset[str]) -> None:
        """Judge only these items; the others are reported as skipped."""
        self._selected = items

    def events(self) -> Iterator[Event]:
        """The engine's events, each folded into the report before it is passed on.

        Raises:
            GraderError: the grading can't go on (the student's interpreter does not start).
        """
        if self._events is None:
            options = replace(self.options, items=self._selected)
            self._events = grade(self.submission, self.sprint, options)
        try:
            for event in self._events:
                if self._stopped:
                    return  # verdicts on a process that we ended ourselves
                self.report.take(event)
                yield event
        except (OSError, MemoryError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            scarce = getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE)
            refused = (MachineError if scarce else GraderError)(
                M(
                    "this machine refuses what the grading needs ({reason}); what is not judged yet "
                    "stays unknown",
                    reason=reason,
                )
            )
            self.report.fail(refused.in_language(self.report.language))
            raise refused from error
        except GraderError as error:  # the report says why there is nothing in it
            self.report.fail(error.in_language(self.report.language))
            raise

    def stop(self) -> None:
        """Take no more events: what has been judged stays, the rest is not reached."""
        self._stopped = True

    def result(self, item: str) -> ItemResult | None:
        """The last word on an item, driving the engine as far as needed.

        Raises:
            GraderError: the grading can't go on (the student's interpreter does not start).
        """
        if not self.report.is_final(item):
            for event in self.events():
                if isinstance(event, ItemFinished) and event.result.spec.id == item:
                    break
        return self.report.items.get(item)

    def finish(self) -> None:
        """End the student's process and write the report, however far things have come."""
        if self._events is not None:
            ids = {spec.id for spec in self.sprint.items}
            wanted = ids if self._selected is None else self._selected
            if not self.report.error and wanted <= self.report.items.keys():
                for _ in self.events():  # what is left needs no work
                    pass
        self.close()
        self.write()

    def close(self) -> None:
        """End the student's process, wherever things are; no report is written."""
        close = getattr(self._events, "close", None)
        if close:
            close()

    def write(self) -> None:
        """Write what was asked for; `written` keeps the first error."""
        self.written = None
        for option, path in self.request.outputs.items():
            try:
                if option == "--report":
                    write_json(self.report, path)
                else:
                    _render(option, self.report, path)
            except GraderError as error:
                self.written = self.written or error


def _render(option: str, report: Report, path: Path) -> None:
    """Write a rendered report. Its module is loaded here: most gradings need none."""
    try:
        if option == "--report-html":
            from graders.report.html import write_page

            write_page(report.as_dict(), path)
        elif option == "--report-gradescope":
            from graders.report.gradescope import write_results

            write_results(report.as_dict(), path)
        else:
            from graders.report.markdown import write_markdown

            write_markdown(report.as_dict(), path)
    except OSError as error:
        reason = error.strerror or error
        raise GraderError(f"{option} {path}: can't be written ({reason})") from error


def looks_like_other(other: SprintSpec, asked: SprintSpec) -> Message:
    """Why a submission of a class is put aside."""
    return M(
        "this looks like {other}, not like {asked}: put aside, not graded",
        other=other.id, asked=asked.id,
    )  # fmt: skip


def sprints_for(
    request: Request, loaded: dict[str, SprintSpec] | None = None, edition: str = ""
) -> dict[str, SprintSpec]:
    """The specs of a request, whose other values are looked at, too: all but its submission.

    Raises:
        GraderError: a value can't be used.
    """
    _check_numbers(request)
    use_plugins(request.plugin)
    if request.mnist is not None:
        data.digits(request.mnist)
    sprints = loaded or offered(request.specs, request.course)
    if request.sprint != "auto":
        sprint_named(request.sprint, sprints, edition)
    return sprints


def policy_of(request: Request, sprints: dict[str, SprintSpec]) -> Policy:
    """What the request's policy lays down; nothing, if there is none.

    Raises:
        SpecError: the file is malformed.
    """
    return read_policy(request.policy, sprints) if request.policy else Policy()


def secret_of(request: Request) -> Secret | None:
    """What seeds are made of; None where the seed itself is given.

    Raises:
        UsageError: the secret that was given is none.
    """
    if request.seed is not None:
        return None
    if request.secret:
        return Secret(bytes.fromhex(request.secret))
    return secret_for(request.secret_file)


def _origin(secret: Secret | None) -> SeedFrom:
    if secret is None:
        return "option"
    return "run" if secret.passing else "secret"


def _check_numbers(request: Request) -> None:
    if request.seed is not None and request.seed < 0:
        raise UsageError(f"--seed {request.seed}: must be 0 or more")
    if request.budget is not None and not (0 < request.budget < math.inf):
        raise UsageError(f"--budget {request.budget}: must be a number of seconds above 0")


def _language(wanted: str, submission: Submission | None) -> Language:
    if wanted == "ja" or (wanted == "auto" and submission and submission.language == "ja"):
        return "ja"
    return language_here() if wanted == "auto" and submission is None else "en"


def checks_of(spec: ItemSpec) -> list[tuple[str, str]]:
    """(id, facet) of the checks of an item, known without running anything."""
    if Trait.PERSON in spec.traits:
        return []
    if Trait.WRITTEN in spec.traits:
        return [(f"{a.facet}-{a.id}", a.facet) for a in spec.answers]
    return facet_checks(spec)


def check_of(result: ItemResult, check_id: str) -> CheckResult | None:
    """The outcome of one check."""
    return next((c for c in result.checks if c.id == check_id), None)
