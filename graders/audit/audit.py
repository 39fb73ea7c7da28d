"""The audit: right answers, known mistakes and mutants of the reference, all through the grader."""

from __future__ import annotations

import functools
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from graders.audit.cheats import cheating_answers
from graders.audit.equivalents import Entry, Unshown, read_equivalents, read_unshown
from graders.audit.formula_source import formula_library
from graders.audit.hosting import Answer, Host, judge_all, judge_alone
from graders.audit.idle import idle_answers
from graders.audit.interfaces import Interface, interfaces
from graders.audit.library import read_library
from graders.audit.mistakes import mistaken_answers
from graders.audit.model import ItemAudit, Mistaken, Survivor, Verdict, Wrapped
from graders.audit.mutation import Mutant, mutants
from graders.binding.lexicon import read_lexicon, use_lexicon
from graders.errors import SpecError
from graders.extension import use_plugins
from graders.judging.results import ItemResult, right_facets, verdicts_only
from graders.specs import BUILTIN, ItemSpec, SprintSpec, catalogue, everything, load_sprints
from graders.specs.document import Document
from graders.traits import Trait

CHUNK = 24  # answers in one process
SAMPLE = 24  # mutants of an item with --fast
_NO_REFERENCE = {
    Trait.PERSON: "for a person to judge",
    Trait.TRAINED: "judged by what it learns; benchmarks/training.py measures the reference",
}


@dataclass(frozen=True)
class Settings:
    """What an audit may be told."""

    specs: Path = BUILTIN
    items: tuple[str, ...] = ()  # all of them
    workers: int = 2
    fast: bool = False
    seed: int = 20
    plugin: str = ""


def run_audit(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> list[ItemAudit]:
    """Audit the specs of a folder; `tell` hears of each item that is done.

    Raises:
        SpecError: the specs, or a file of the audit beside them, are malformed.
    """
    use_plugins(settings.plugin)
    sprints = load_sprints(settings.specs)
    items = {item.id: item for sprint in sprints.values() for item in sprint.items}
    others = catalogue(settings.specs)  # items of courses are audited where they are named
    if not items.keys() >= set(settings.items):
        sprints = everything(settings.specs)
    ids = [*items, *others]
    for name in settings.items:
        if name not in ids:
            raise SpecError(f"{name}: no item of {settings.specs}: {', '.join(ids)}")
    entries = read_equivalents(settings.specs, ids)
    unshown = read_unshown(settings.specs, ids, slips_of(items.values(), others.values()))
    chosen = [
        (place, sprint, item)
        for place, sprint in sprints.items()
        for item in sprint.items
        if not settings.items or item.id in settings.items
    ]
    with _submitter(settings.workers) as submit:
        running = [
            _Item(settings, place, sprint, item, (entries, unshown), submit)
            for place, sprint, item in chosen
        ]
        for one in running:
            one.start()
        for one in running:
            one.make_mutants()
        done = []
        for one in running:
            done.append(one.finished())
            tell(f"{one.found.item}: {one.found.seconds:.1f} s of work")
    # Whether an entry still says something shows only when every item and every mutant was run.
    if not settings.items and not settings.fast:
        used = set().union(*(one.used for one in running))
        run = {item.id for _, _, item in chosen}
        for entry in entries:
            elsewhere = entry.items and run.isdisjoint(entry.items)
            if entry not in used and not entry.by_chance and not elsewhere:
                done[0].problems.append(f"{entry.where}: explains no mutant that passes any more")
    return done


def slips_of(items: Iterable[ItemSpec], others: Iterable[Document]) -> set[str]:
    """The mistakes that specs name themselves, those of files that are not loaded as items, too."""
    found = {slip.id for item in items for slip in item.slips}
    return found | {s["id"] for other in others for s in other.data.get("misconceptions", ())}


# -- one item ----------------------------------------------------------------------------------


class _Item:
    def __init__(
        self,
        settings: Settings,
        place: str,
        sprint: SprintSpec,
        spec: ItemSpec,
        explained: tuple[Sequence[Entry], Sequence[Unshown]],
        submit: Callable[..., Future[Any]],
    ) -> None:
        self._settings, self._sprint, self._spec = settings, sprint, spec
        self._entries = explained[0]
        self._unshown = [u for u in explained[1] if u.item == spec.id]
        self._submit = submit
        self._place = (settings.specs, place, spec.id, settings.seed, settings.plugin)
        self.found = ItemAudit(spec.id, sprint.id)
        self.used: set[Entry] = set()  # entries that explained something
        self._ways: list[Interface] = []
        self._mutants: list[Mutant] = []
        self._jobs: list[tuple[Callable[[Sequence[Verdict]], None], Future[Any]]] = []
        self._lines: Future[Any] | None = None

    def start(self) -> None:
        """Send off the right answers, the known mistakes and the run that tells what is used."""
        spec = self._spec
        self._ways = interfaces(spec)
        formula = formula_library(spec)
        if not self._ways or not (spec.reference or formula):
            why = next((said for trait, said in _NO_REFERENCE.items() if trait in spec.traits), "")
            if self._ways:
                why = why or "its spec names no reference"
            self.found.skipped = why or (
                f"no interface is known for the kind {spec.kind!r}; put some into "
                f"interfaces/{spec.id}/ beside the spec"
            )  # fmt: skip
            return
        package = spec.reference.partition(":")[0].partition(".")[0]
        self._library = formula or read_library(package)
        for way in self._ways:
            answers = [Answer(way, self._library)]
            self._send(_verdicts_alone, answers, functools.partial(self._take_wrapped, [way]))
        with_code = [way for way in self._ways if way.source]
        wrong = mistaken_answers(spec, self._library, with_code)
        wrong += idle_answers(spec, self._library, with_code[0]) if with_code else []
        wrong += cheating_answers(spec, self._library, with_code)
        for part in _chunks(wrong, CHUNK):
            self._send(
                _verdicts, [w.answer for w in part], functools.partial(self._take_wrong, part)
            )
        self._lines = self._submit(_lines_used, self._place, Answer(with_code[0], self._library))

    def make_mutants(self) -> None:
        """Send off the mutants of what the first right answer ran through."""
        if self._lines is None:
            return
        lines, seconds = self._lines.result()
        self.found.seconds += seconds
        self._mutants = [
            mutant
            for module, used in lines.items()
            for mutant in mutants(module, self._library.modules[module], used)
        ]
        way = next(w for w in self._ways if w.source)
        run = self._mutants
        if self._settings.fast:
            step = max(1, -(-len(run) // SAMPLE))
            run = run[::step]
        self.found.mutants = len(run)
        for part in _chunks(run, CHUNK):
            answers = [Answer(way, self._library.with_module(m.module, m.source)) for m in part]
            self._send(_verdicts, answers, functools.partial(self._take_mutants, part))

    def finished(self) -> ItemAudit:
        """Wait for all that was sent off."""
        for take, job in self._jobs:
            verdicts, seconds = job.result()
            self.found.seconds += seconds
            take(verdicts)
        for entry in self._entries:
            for into in (
                entry.into if self._spec.id in entry.items and not self.found.skipped else ()
            ):
                if not any(entry.fits(m, self._spec.id) and m.into == into for m in self._mutants):
                    self.found.problems.append(
                        f"{entry.where}: no mutant of {self._spec.id} any more: {into!r}"
                    )
        tried = {(m.misconception, m.interface) for m in self.found.mistaken}
        for one in self._unshown:
            for interface in one.interfaces:
                if (one.misconception, interface) not in tried:
                    self.found.problems.append(
                        f"{one.where}: {one.misconception} is not tried in {interface!r}"
                    )
        return self.found

    def _send(
        self,
        task: Callable[..., Any],
        answers: Sequence[Answer],
        take: Callable[[Sequence[Verdict]], None],
    ) -> None:
        self._jobs.append((take, self._submit(task, self._place, answers)))

    def _take_wrapped(self, ways: Sequence[Interface], verdicts: Sequence[Verdict]) -> None:
        for way, verdict in zip(ways, verdicts, strict=True):
            self.found.wrapped.append(Wrapped(way.name, verdict))

    def _take_wrong(self, part: Sequence[Any], verdicts: Sequence[Verdict]) -> None:
        for wrong, verdict in zip(part, verdicts, strict=True):
            name, way = wrong.misconception, wrong.answer.interface.name
            why = next(
                (u.why for u in self._unshown if u.misconception == name and way in u.interfaces),
                "",
            )
            one = Mistaken(name, way, wrong.breaks, verdict, why, wrong.idle, wrong.at_least)
            self.found.mistaken.append(one)

    def _take_mutants(self, part: Sequence[Mutant], verdicts: Sequence[Verdict]) -> None:
        for mutant, verdict in zip(part, verdicts, strict=True):
            fitting = [e for e in self._entries if e.fits(mutant, self._spec.id)]
            if verdict.fault:
                self.found.problems.append(f"{mutant.name}: {verdict.message}")
            if verdict.passed:
                self.used.update(fitting[:1])
                why, equivalent = (
                    (fitting[0].why, fitting[0].equivalent) if fitting else ("", False)
                )
                self.found.survivors.append(Survivor(mutant, why, equivalent))
                continue
            for entry in (e for e in fitting if e.listed(mutant)):
                self.found.problems.append(
                    f"{entry.where}: listed, but {self._spec.id} fails it "
                    f"({', '.join(sorted(verdict.broken))}): {mutant.into!r}"
                )


def _chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


# -- work, in processes of the audit's own -----------------------------------------------------

_Place = tuple[Path, str, str, int, str]


@functools.cache
def _loaded(folder: Path, place: str) -> SprintSpec:
    sprints = load_sprints(folder)
    return sprints[place] if place in sprints else everything(folder)[place]


def _found(place: _Place) -> tuple[SprintSpec, ItemSpec, int]:
    folder, sprint_id, item, seed, plugin = place
    use_plugins(plugin)
    use_lexicon(read_lexicon(folder))  # as a grading with these specs would
    sprint = _loaded(folder, sprint_id)
    return sprint, sprint.item(item), seed


def _verdicts(place: _Place, answers: Sequence[Answer]) -> tuple[list[Verdict], float]:
    began = time.monotonic()
    # What mutants compute overflows; that is no news.
    with verdicts_only(), np.errstate(all="ignore"):
        results = list(judge_all(answers, *_found(place)))
    return [_verdict(r) for r in results], time.monotonic() - began


def _verdicts_alone(place: _Place, answers: Sequence[Answer]) -> tuple[list[Verdict], float]:
    began = time.monotonic()
    sprint, spec, seed = _found(place)
    lexicon = read_lexicon(place[0])
    results = [judge_alone(answer, sprint, spec, seed, lexicon) for answer in answers]
    return [_verdict(r) for r in results], time.monotonic() - began


def _lines_used(place: _Place, answer: Answer) -> tuple[dict[str, frozenset[int]], float]:
    began = time.monotonic()
    modules = list(answer.library.modules)
    with Host([answer], trace=True) as host:
        host.judge(0, *_found(place))
        return host.lines(modules), time.monotonic() - began


def _verdict(result: ItemResult) -> Verdict:
    earned = frozenset(right_facets(result.spec, result.checks))
    fault = result.message.id.startswith(("The grader itself failed", "A plugin of the course"))
    return Verdict(result.status, result.wrong_facets, str(result.message), fault, earned)


@contextmanager
def _submitter(workers: int) -> Iterator[Callable[..., Future[Any]]]:
    """Something that runs a function elsewhere, or at once where there is one worker."""
    if workers > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            try:
                yield pool.submit
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return

    def at_once(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future

    yield at_once


def total(audits: Iterable[ItemAudit]) -> ItemAudit:
    """All items together, for the last line of a table."""
    whole = ItemAudit("all", "")
    for one in audits:
        whole.wrapped += one.wrapped
        whole.mistaken += one.mistaken
        whole.mutants += one.mutants
        whole.survivors += one.survivors
        whole.seconds += one.seconds
    return replace(whole)
