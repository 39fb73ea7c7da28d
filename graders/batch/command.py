"""`scratchgrade batch`: options in, a graded class out."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.batch.discover import discover, slug
from graders.batch.executor import Executor
from graders.batch.local import LocalExecutor
from graders.batch.outputs import told_last, write_outputs
from graders.batch.outputs.summary import Summary, sprints_told
from graders.batch.progress import ShownProgress
from graders.batch.roster import with_roster
from graders.batch.run import Class, grade_class, opened, scratch
from graders.batch.store import Store
from graders.batch.work import settings_of
from graders.errors import GraderError, UsageError
from graders.grading import Request
from graders.ledger.model import CLASS_WIDE
from graders.messages import clean
from graders.options import fields
from graders.submission import read_submission

ALL_GRADED, SOME_NOT, STOPPED = 0, 1, 3
_NAMED = 5


def run(options: argparse.Namespace) -> int:
    """Grade the class; 0 if every submission has a grade, 1 if some have not, 3 when stopped."""
    check_workers(options)
    request = Request(Path(options.submissions), **fields(vars(options)))
    if options.starter is not None:
        read_submission(options.starter)  # not after an hour of grading
    try:
        return _run(options, request)
    except BrokenPipeError:
        raise  # of our own output: ``| head``
    except OSError as error:  # too many open files, a disk that fails, a folder that is gone
        place = f"{error.filename}: " if error.filename else ""
        raise GraderError(
            f"{place}{error.strerror or error}; what was graded is kept, --resume goes on"
        ) from error


def _run(options: argparse.Namespace, request: Request) -> int:
    found = discover(options.submissions, options.layout)
    if options.roster is not None:
        found = with_roster(found, options.roster)
    for note in found.notes[:20]:
        print(f"note: {note}", file=sys.stderr)
    if len(found.notes) > 20:
        print(f"note: ... and {len(found.notes) - 20} more", file=sys.stderr)
    print(f"{len(found.handed)} submissions ({found.layout})", file=sys.stderr, flush=True)
    with (
        terminated_as_interrupted(),
        opened(found, options.out, request, options.resume) as graded,
    ):
        graded.store.note("layout", found.layout)
        _note_places(graded.store, options)
        if graded.stayed:
            print(
                f"note: {graded.stayed} stay as they were published, though what they are graded with "
                f"has changed; `scratchgrade regrade {options.out}` shows what would change",
                file=sys.stderr,
            )
        if options.retry_quarantined:
            graded.store.forgive()
        try:
            grade_missing(graded, options)
        except KeyboardInterrupt:
            total, done = graded.store.counts()
            print(f"stopped: {done} of {total} are graded; --resume goes on", file=sys.stderr)
            return STOPPED
        whole = write_outputs(graded, options.assignment, options.starter)
        return _summary(graded.store, options.out, whole)


def _note_places(store: Store, options: argparse.Namespace) -> None:
    """What a re-grade and people's marks need to know of this run."""
    place = options.submissions
    store.note("submissions", os.path.abspath(place))
    store.note("layout_asked", options.layout)
    store.note("assignment", options.assignment)
    store.note("roster", os.path.abspath(options.roster) if options.roster else "")
    store.note("starter", os.path.abspath(options.starter) if options.starter else "")


def check_workers(options: argparse.Namespace) -> None:
    """Refuse what can't be meant together.

    Raises:
        UsageError: workers of a cluster and of this machine are asked for, or none can be.
    """
    if options.executor == "dask":
        if not options.scheduler:
            raise UsageError("--executor dask: say where with --scheduler ADDRESS")
        if options.workers is not None:
            raise UsageError("--workers: a Dask cluster has its own number of workers")
    elif options.scheduler:
        raise UsageError("--scheduler: only with --executor dask")
    elif options.workers is not None and not 1 <= options.workers <= 1_000:
        raise UsageError(f"--workers {options.workers}: must be from 1 to 1000")


def executor_for(
    options: argparse.Namespace, most: int, settings: dict[str, Any], folder: Path
) -> Executor:
    """What carries tasks out where the options say; `most`: workers that there is use for."""
    if options.executor == "dask":
        from graders.batch.cluster import DaskExecutor

        return DaskExecutor(options.scheduler, settings)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return LocalExecutor(min(options.workers or cores or 1, most), settings, folder)


def grade_missing(graded: Class, options: argparse.Namespace) -> None:
    """Grade all that has no result yet, in processes or on a cluster as the options say."""
    settings = settings_of(graded.request)
    missing = sum(1 for _ in graded.store.waiting())
    with scratch(graded.store) as folder, ShownProgress() as shown:
        if not missing:
            total, done = graded.store.counts()
            shown.begin(total, done)
            return
        with executor_for(options, missing, settings, folder) as executor:
            grade_class(graded, executor, shown)


@contextlib.contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM is as good as Ctrl-C."""

    def interrupt(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summary(store: Store, out: Path, whole: Summary) -> int:
    """Say how it went, with the worst and the slowest by name; reasons as the pages have them."""
    language = whole.language
    total, _ = store.counts()
    not_graded = [r for r in store.rows() if r.status != "graded"]
    print(f"{total - len(not_graded)} of {total} graded; results in {out}")
    for title, order in (("lowest scores", "worst"), ("slowest", "slowest")):
        shown = [r for r in store.rows(order, _NAMED + len(not_graded)) if r.status == "graded"]
        if shown:
            print(f"{title}:")
        for row in shown[:_NAMED]:
            marks = row.marks
            print(f"  {row.id}: {marks.score:g} of {marks.max_score:g}, {row.seconds:.1f} s")
    for row in not_graded[:20]:
        print(f"not graded: {row.id}: {clean(row.reason_in(language), 200)}")
    if len(not_graded) > 20:
        print(f"not graded: ... and {len(not_graded) - 20} more")
    for line in _for_people(store, out, whole):
        print(line)
    if any(row.status == "aside" for row in not_graded):
        print("what was put aside looks like another sprint's: --insist-sprint grades it, too")
    return SOME_NOT if not_graded else ALL_GRADED


def _for_people(store: Store, out: Path, whole: Summary) -> Iterator[str]:
    """What only a person can decide, or has to know."""
    if whole.mixed:
        yield (
            str(sprints_told(whole))
            + ": "
            + ", ".join(f"gradebook-{slug(s)}.csv" for s in whole.sprints)
        )
    if whole.waiting:
        yield f"{whole.waiting} wait for a person (gradebook.csv says for which items)"
    if whole.outdated:
        named = ", ".join(whole.outdated[:_NAMED]) + (", ..." if whole.outdated[_NAMED:] else "")
        yield f"handed in again since a person decided a mark, which stays: {named}"
    if whole.untimed:
        named = ", ".join(whole.untimed[:_NAMED]) + (", ..." if whole.untimed[_NAMED:] else "")
        yield f"when it was handed in is not known, so it is never late: {named}"
    marking = store.marking()
    about = {d.number for r in store.rows() for d in marking.about(r.who)}
    lost = [
        d for d in store.ledger.decisions() if d.kind not in CLASS_WIDE and d.number not in about
    ]
    if lost:
        who = sorted({d.who.id for d in lost})
        yield f"kept, decisions on students who are not in this class now: {', '.join(who[:_NAMED])}"
    for name in whole.put_aside:
        yield (
            f"a table was not as it had been written (edited, or by an earlier version); kept as {name}"
        )
        if name.startswith("gradebook"):
            yield f"  scratchgrade mark {out} --from {out / name} shows what it changes"
    told = told_last(store)
    changed = [r for r in store.rows() if r.id in told and r.marks.score != told[r.id].score]
    for row in changed[:_NAMED]:
        yield (
            f"changed since it was published: {row.id}: {told[row.id].score:g} -> "
            f"{row.marks.score:g} of {row.marks.max_score:g}"
        )
    if len(changed) > _NAMED:
        yield f"changed since it was published: ... and {len(changed) - _NAMED} more"
