"""Grades one submission: a stream of events, which a `Report` folds into the whole.

pytest, the command line and the writers only consume the events; nothing here knows them.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders import data
from graders.binding.lexicon import Lexicon, use_lexicon
from graders.binding.settled import is_settled
from graders.errors import GraderError, UsageError
from graders.judging.context import Rules, TrainingOptions
from graders.judging.results import ItemResult
from graders.messages import M, Message
from graders.sandbox.cells import trains
from graders.sandbox.isolation import Isolation, Wanted
from graders.sandbox.process import Limits
from graders.sandbox.session import Budget, CellRun, Session
from graders.secret import Secret, secret_for
from graders.specs import ItemSpec, SprintSpec, sprint_named
from graders.submission import Submission
from graders.traits import Trait
from graders.verdict.costing import costed
from graders.verdict.judge import Judge
from graders.verdict.repairing import MENDED, repaired

# Kinds that are judged by what cells print, or by what is trained.
_AFTER_ALL_CELLS = Trait.WRITTEN | Trait.TRAINED | Trait.PERSON
_EARLY_CELL, _EARLY = 3.0, 8.0  # seconds for cells, before what needs no training is judged
_TOLD = 10.0  # from here on a submission is taken to be of a sprint
_LONG_WORD = re.compile(r"(\w{100})\w+")


@dataclass(frozen=True)
class Options:
    """What a grading may be told.

    `seed`: of the random cases; None for one by `secret`, None for the installation's.
    `items`: ids to check, None for all. `early`: judge what needs no training before the cells that
    train are run. `cost`: count what layers cost, after all verdicts. `repair`: look for edits that mend
    what is wrong, after all verdicts. `known`: verdicts that stand already, by item. `cancelled`: when it is set, and the
    student's process is killed, nothing more is started.
    """

    student_python: str = sys.executable
    seed: int | None = None
    secret: Secret | None = None
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
    items: frozenset[str] | None = None
    isolation: Wanted = field(default_factory=lambda: Wanted(required="kernel"))
    rules: Rules = field(default_factory=Rules)
    lexicon: Lexicon | None = None
    training: TrainingOptions = field(default_factory=TrainingOptions)
    early: bool = False
    cost: bool = False
    repair: bool = False
    known: Mapping[str, ItemResult] = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Loaded:
    """The cells have run."""

    runs: tuple[CellRun, ...]
    notes: tuple[str, ...]
    python: str
    numpy: str
    isolation: Isolation


@dataclass(frozen=True)
class ItemStarted:
    """An item is about to be judged."""

    spec: ItemSpec


@dataclass(frozen=True)
class ItemSeen:
    """An item is not right as long as the cells that train have not run; its verdict comes later."""

    result: ItemResult


@dataclass(frozen=True)
class ItemJudged:
    """An item has its verdict, and what its answer costs or would mend it is still to be looked for."""

    result: ItemResult


@dataclass(frozen=True)
class ItemFinished:
    """An item has its verdict."""

    result: ItemResult


@dataclass(frozen=True)
class Finished:
    """Every item has its verdict."""


Event = Loaded | ItemStarted | ItemSeen | ItemJudged | ItemFinished | Finished


def seed_of(submission: Submission, options: Options) -> int:
    """The seed of a grading: the one given, else a keyed hash of the submission, which nobody
    without the secret can compute.
    """
    if options.seed is not None:
        return options.seed
    return (options.secret or secret_for()).seed_of(submission.sha256)


def _spoken_of(submission: Submission, sprints: Mapping[str, SprintSpec]) -> dict[str, float]:
    """How much the headings and names of a submission speak of each sprint."""
    text = _LONG_WORD.sub(r"\1", submission.text)  # a picture's data is no word to search in
    return {
        sprint.id: sum(w * min(len(p.findall(text)), 20) for p, w in sprint.detect.items())
        for sprint in sprints.values()
    }


def detect_sprint(submission: Submission, sprints: dict[str, SprintSpec]) -> SprintSpec | None:
    """The sprint that headings and names of a submission speak of; None if none clearly does."""
    scores = _spoken_of(submission, sprints)
    best = max(scores, key=lambda s: scores[s], default=None)
    return sprints[best] if best is not None and scores[best] >= _TOLD else None


def other_sprint(
    submission: Submission, asked: SprintSpec, sprints: Mapping[str, SprintSpec]
) -> SprintSpec | None:
    """The sprint that a submission looks like beyond doubt, where it is not the one asked for.

    It speaks of the other twice as much as it takes to tell one, and of this hardly at all.
    """
    scores = _spoken_of(submission, sprints)
    best = max(scores, key=lambda s: scores[s], default=asked.id)
    clear = scores.get(best, 0.0) >= 2 * _TOLD and scores.get(asked.id, 0.0) < scores[best] / 3
    return sprints[best] if clear and best != asked.id else None


def choose_sprint(submission: Submission, name: str, sprints: dict[str, SprintSpec]) -> SprintSpec:
    """The sprint with that name, or the detected one for ``auto``.

    Raises:
        UsageError: no such sprint, or several are called so, or none can be detected.
    """
    if name == "auto":
        courses = [sprint for sprint in sprints.values() if sprint.course]
        found = courses[0] if courses else detect_sprint(submission, sprints)
        if found is None:
            raise UsageError(
                M(
                    "{file}: not a submission for {sprints}; if it is one, say which with --sprint",
                    file=str(submission.path), sprints=" / ".join(sprints),
                )
            )  # fmt: skip
        return found
    return sprints[sprint_named(name, sprints)]


def grade(submission: Submission, sprint: SprintSpec, options: Options) -> Iterator[Event]:
    """Run the submission and judge its items, one event after the other.

    Closing the generator ends the student's process. What the student's code does never
    raises here.

    Raises:
        UsageError: the interpreter for students' code can't be started, or not behind the walls
            that are asked for.
        GraderError: the MNIST files that were given are broken.
    """
    use_lexicon(options.lexicon)
    asked, sprint = sprint, sprint.judged
    standing = dict(options.known)
    for spec in sprint.items:
        if options.items is not None and spec.id not in options.items:
            standing[spec.id] = ItemResult(spec, "skipped", M("Not asked for."))
    yield from map(ItemFinished, standing.values())
    later = _Later(asked, options)
    mnist = _digits_for(submission, options.training.mnist)
    train = any(map(trains, submission.cells))
    if options.early and train and is_settled(submission):
        budget = replace(options.budget, cell=min(options.budget.cell, _EARLY_CELL), total=_EARLY)
        with _session(submission, sprint, options, mnist, budget, definitions=True) as session:
            session.load()
            yield from later.held(_before_training(session, sprint, options, standing))
            if len(standing) == len(sprint.items):
                yield _loaded(session)
                yield from later.finished(session)
    if len(standing) < len(sprint.items) or not train:
        with _session(submission, sprint, options, mnist, options.budget) as session:
            options.training.progress(_running(sprint, standing), options.budget.total)
            session.load()
            yield _loaded(session)
            yield from later.held(_judged(session, sprint, options, standing))
            yield from later.finished(session)
    yield Finished()


class _Later:
    """Verdicts that are held back until what follows them has been looked for: what answers cost, and
    what would repair them. Neither changes a verdict, and repairs come last of all.
    """

    def __init__(self, asked: SprintSpec, options: Options) -> None:
        self._specs = {spec.id: spec for spec in asked.items}
        self._options = options
        self._results: dict[str, ItemResult] = {}

    def held(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events; where more is looked for, a layer's verdict is not its last word."""
        for event in events:
            if isinstance(event, ItemFinished) and self._waits(event.result):
                self._results[event.result.spec.id] = event.result
                yield ItemJudged(event.result)
            else:
                yield event

    def _waits(self, result: ItemResult) -> bool:
        if Trait.LAYER not in result.spec.traits:
            return False
        return self._options.cost or (self._options.repair and result.status in MENDED)

    def finished(self, session: Session) -> Iterator[Event]:
        """The last word on what was held back: every verdict of the submission has been come to."""
        if not self._results:
            return
        options, results = self._options, self._results
        seed = seed_of(session.submission, options)
        if options.cost:
            options.training.progress(M("counting what the layers cost"), 5.0)
            counted = costed(session, results, self._specs, seed)
            if not options.repair:
                yield from map(ItemFinished, counted)
                return
            results = {result.spec.id: result for result in counted}
        options.training.progress(M("looking for what would repair them"), 5.0)
        yield from map(ItemFinished, repaired(session, results, seed))


def _session(
    submission: Submission, sprint: SprintSpec, options: Options, mnist: Path | None,
    budget: Budget, definitions: bool = False,
) -> Session:  # fmt: skip
    return Session(
        submission, options.student_python, budget, options.limits, mnist, options.isolation,
        barred=(sprint.barred.names, sprint.barred.let), definitions=definitions, cancelled=options.cancelled,
    )  # fmt: skip


def _running(sprint: SprintSpec, standing: Mapping[str, ItemResult]) -> Message:
    right = sum(result.status == "passed" for result in standing.values())
    if not right:
        return M("running the cells")
    return M(
        "{right} of {all} items are right; running the cells that train",
        right=right,
        all=len(sprint.items),
    )


def _loaded(session: Session) -> Loaded:
    absent = [f"absent: {name}" for name in session.absent]
    return Loaded(
        tuple(session.runs[i] for i in sorted(session.runs)),
        (*session.submission.notes, *session.notes, *absent),
        str(session.hello.get("python", ""))[:40],
        str(session.hello.get("numpy", ""))[:40],
        session.isolation,
    )


def _before_training(
    session: Session, sprint: SprintSpec, options: Options, standing: dict[str, ItemResult]
) -> Iterator[Event]:
    """Verdicts that need no training. Only what is right stands: for the rest a name may be
    missing that a cell which trains would have made.
    """
    judge = _judge(session, sprint, options)
    for spec in sprint.by_need:
        if spec.id in standing:
            judge.take(standing[spec.id])
        elif not spec.traits & _AFTER_ALL_CELLS and standing.keys() >= set(spec.prerequisites):
            result = judge.judge(spec)
            if result.status == "passed":
                standing[spec.id] = result
                yield ItemFinished(result)
            else:
                yield ItemSeen(result)


def _judged(
    session: Session, sprint: SprintSpec, options: Options, standing: Mapping[str, ItemResult]
) -> Iterator[Event]:
    judge = _judge(session, sprint, options)
    for spec in sprint.by_need:
        if spec.id in standing:
            judge.take(standing[spec.id])
            continue
        yield ItemStarted(spec)
        options.training.progress(M("checking: {item}", item=spec.title), 10.0)
        yield ItemFinished(judge.judge(spec))


def _judge(session: Session, sprint: SprintSpec, options: Options) -> Judge:
    seed = seed_of(session.submission, options)
    return Judge(session, sprint, seed, options.rules, options.training)


def _digits_for(submission: Submission, source: Path | None) -> Path | None:
    """The digits for notebooks that load MNIST; None where they don't or where there are none.

    Raises:
        GraderError: the source that was given is no MNIST.
    """
    if source is not None:
        return data.student_digits(source)
    if "mnist" not in submission.text.lower():
        return None
    try:
        return data.student_digits()
    except GraderError:
        return None


def now() -> str:
    """The time in UTC, as reports write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
