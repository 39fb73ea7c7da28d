"""What every kind of item is judged with: the loaded submission and what was read from it."""

from __future__ import annotations

import difflib
import functools
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from graders.binding.callsites import CallSites
from graders.binding.candidates import (
    Candidate,
    Reason,
    forward_of,
    home_of,
    misspelt,
    name_rank,
    words_for,
)
from graders.binding.canonical import conforms
from graders.binding.choice import Chosen, Selection
from graders.binding.definitions import Definition, on_framework, own_names, read_definitions
from graders.binding.differences import Differences
from graders.binding.overrides import Overrides
from graders.binding.reached import Reached
from graders.binding.shown import attributes_kept, hands_itself
from graders.binding.uses import Uses
from graders.checks import model
from graders.checks.listed import facet_checks
from graders.checks.model import CheckResult
from graders.judging.hindered import hindered, of_error
from graders.judging.results import Binding, ItemResult
from graders.messages import M, Message
from graders.sandbox.exceptions import in_words
from graders.sandbox.session import CellError, Session
from graders.specs import ItemSpec, SprintSpec
from graders.traits import Trait


@dataclass(frozen=True)
class Rules:
    """What an instructor lays down: `strict`, only canonical signatures count; `accept`,
    misconceptions that cost nothing, by item; `forbidden`, packages that no answer may use.
    """

    strict: bool = False
    overrides: Overrides = field(default_factory=Overrides)
    accept: Mapping[str, frozenset[str]] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()


# Exceptions that no other arguments would have kept away.
_WHATEVER_IS_GIVEN = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")

Kept = TypeVar("Kept")
Near = Sequence[tuple[Candidate, CellError | None]]


@dataclass(frozen=True)
class TrainingOptions:
    """For items that train: the digits (None: the package's), CPU seconds an item, and who is
    told what is being done and how many seconds it may take.
    """

    mnist: Path | None = None
    seconds: float = 60.0
    progress: Callable[[Message, float], None] = lambda what, seconds: None


class Context:
    """One loaded submission in one sprint: definitions, call sites, and what judges keep of it."""

    def __init__(
        self,
        session: Session,
        sprint: SprintSpec,
        seed: int,
        rules: Rules | None = None,
        training: TrainingOptions | None = None,
    ) -> None:
        self.training = training or TrainingOptions()
        self.session, self.sprint, self._seed = session, sprint, seed
        self.rules = rules or Rules()
        submission = session.submission
        definitions, self.broken = read_definitions(submission)
        self._written = definitions  # whether they came to be or not
        own = own_names(submission, definitions)
        self._all = [d for d in definitions if self._exists(d) and not on_framework(d, own)]
        self.definitions = self._all  # those that may answer the item that is judged now
        self.reached = Reached(submission)
        self.sites = CallSites(submission, self.reached)
        self.differences = Differences(self.reached)
        classes = [d for d in definitions if d.kind == "class"]
        layers = any(forward_of(d) or hands_itself(d) for d in classes)
        # What a layer may be asked for; None: the notebook has none that would show it.
        self.kept = attributes_kept(self.reached) if layers else None
        self._uses = functools.cache(lambda: Uses(submission, definitions))
        self.results: dict[str, ItemResult] = {}  # of the items that were judged already
        self.tried: list[object] = []  # the plans that were run for the item that is judged now
        self._kept: dict[object, Any] = {}
        self._kept_of_item: dict[object, Any] = {}
        self.begun = (session.calls, session.call_seconds)

    def begin_item(self) -> None:
        """Another item is judged from now on: what was kept for the last one is gone."""
        self.begun = (self.session.calls, self.session.call_seconds)
        self.tried.clear()
        self._kept_of_item.clear()

    def once(self, make: Callable[[Context], Kept]) -> Kept:
        """What `make` gives, made once for the submission."""
        if make not in self._kept:
            self._kept[make] = make(self)
        kept: Kept = self._kept[make]
        return kept

    def once_an_item(self, make: Callable[[Context], Kept]) -> Kept:
        """What `make` gives, made once for the item that is judged now."""
        if make not in self._kept_of_item:
            self._kept_of_item[make] = make(self)
        kept: Kept = self._kept_of_item[make]
        return kept

    @property
    def everything(self) -> list[Definition]:
        """The definitions of the submission, whether they may answer the item that is judged now or not."""
        return self._all

    def narrow(self, spec: ItemSpec) -> ItemSpec:
        """Let only those definitions count that may answer the item; its spec as it then is."""
        spec, self.definitions = self.rules.overrides.narrowed(spec, self._all)
        if self.rules.strict and Trait.CALLED in spec.traits:
            texts = [spec.canonical]
            if spec.driver is not None:
                texts.append(spec.driver.canonical)
            self.definitions = [d for d in self.definitions if any(conforms(t, d) for t in texts)]
        return spec

    def misspelt(self, spec: ItemSpec) -> ItemSpec | None:
        """The item, answered to by names that may have meant one of its own, and none of another's."""
        others = [item for item in self.sprint.items if item.id != spec.id]
        names = {
            d.name
            for d in self.definitions
            if misspelt(spec, d.name) and all(name_rank(i, d.name) is None for i in others)
        }
        if not names:
            return None
        further = [re.compile(re.escape(n.rpartition(".")[2])) for n in sorted(names)]
        return replace(spec, names=(*spec.names, *further))

    def choice(self, spec: ItemSpec) -> Selection:
        """The rule by which one of several definitions answers the item."""
        return Selection(spec, self._uses())

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for each purpose, so that -k changes no verdict."""
        return np.random.default_rng([self._seed, zlib.crc32(name.encode())])

    def _exists(self, definition: Definition) -> bool:
        """True if the cell got far enough to define it."""
        run = self.session.runs.get(definition.cell)
        return run is not None and definition.name.split(".")[0] in run.names

    def at_home(self, spec: ItemSpec, candidate: Candidate) -> bool:
        """True if the name says that the class was meant for this item rather than another."""
        if candidate.definition.fixed or candidate.definition.handed:
            return True
        layers = self._rivals(spec)
        if candidate.named and words_for(spec, candidate.definition):
            return True
        home = home_of(candidate.definition, layers, spec.id)
        if Reason.SECTION in candidate.reasons and spec.own_section_only:
            return home is not None  # ``CNN`` for one channel, then again for many
        if Reason.SECTION | Reason.NAME in candidate.reasons and home is not None:
            # ``SimpleConv1d_many`` where the text asks for many channels
            here = set(candidate.definition.section.problems)
            return home == spec.id or not here & self.sprint.item(home).problems
        return candidate.named and home == spec.id

    def is_called(self, spec: ItemSpec, candidate: Candidate) -> bool:
        """True if the name fits this item better than any other of the sprint."""
        home = home_of(candidate.definition, self._rivals(spec), spec.id)
        return candidate.named and home in (spec.id, spec.base)

    def _rivals(self, spec: ItemSpec) -> list[ItemSpec]:
        """The items of its kind that a name may be of; itself as it is judged now."""
        items = (i for i in self.sprint.items if i.kind == spec.kind and not i.ability)
        return [spec if i.id == spec.id else i for i in items]

    def named(self, definition: Definition) -> Message:
        """A definition's name and where it stands, for a trace."""
        place = self.session.submission.place(definition.cell)
        return M("{name}, {place}", name=definition.name, place=place)

    def told(self, answer: Chosen[Any]) -> list[Message]:
        """What is said of one that does not answer, though it could seem to."""
        notes = []
        if answer.passed_over is not None and answer.silent:
            notes.append(M(
                "{name} is right and was taken; {other} ({place}) in the problem's own section gives no output, whatever it is given",
                other=answer.passed_over.name,
                place=self.session.submission.place(answer.passed_over.cell),
                name=answer.contender.definition.name,
            ))  # fmt: skip
        elif answer.passed_over is not None:
            notes.append(M(
                "{other} ({place}) in the problem's own section is not right; judged is {name}, which the notebook goes on with",
                other=answer.passed_over.name,
                place=self.session.submission.place(answer.passed_over.cell),
                name=answer.contender.definition.name,
            ))  # fmt: skip
        if answer.better is not None:
            notes.append(M(
                "{other} ({place}) would be right, but the answer is {name}: it stands in the problem's own section, or the notebook goes on with it, or it comes last",
                other=answer.better.name,
                place=self.session.submission.place(answer.better.cell),
                name=answer.contender.definition.name,
            ))  # fmt: skip
        return notes

    def absent(self, spec: ItemSpec, near: Near) -> ItemResult:
        """Nothing answers the item: what is there did not come to be, or raises, or there is nothing."""
        there = hindered(
            spec, self.sprint.items, self.session, self.broken, self._all, self._written
        )
        if there is not None:
            return there
        home = self.sprint.item(spec.base) if spec.ability else spec
        raised = [(c, e) for c, e in near if e is not None and self.at_home(home, c)]
        if raised:
            candidate, error = raised[0]
            name = candidate.definition.name
            target = candidate.definition.function or candidate.definition.constructor
            given = ", ".join(p.name for p in target.parameters) if target is not None else ""
            first = model.raised("", "forward", f"{name}({given})", error, False, "")
            checks = tuple(
                CheckResult(i, f, model.ERROR, first.message) for i, f in facet_checks(spec)
            )
            binding = Binding(name, candidate.definition.cell)
            return ItemResult(
                spec, "error", first.message, checks, binding, of_error(error, spec, self.session)
            )
        if self.rules.strict and Trait.CALLED in spec.traits:
            return self._not_canonical(spec)
        name = spec.canonical.split(";")[0].split("(")[0]
        wanted = spec.title if Trait.WRITTEN in spec.traits or not name else name
        text = M("Nothing in the submission answers this; looked for {wanted}.", wanted=wanted)
        found = [c.definition.name for c, _ in near] or self._alike(spec, name)
        if found:
            names = ", ".join(dict.fromkeys(found))
            text = M(
                "Nothing in the submission answers this; looked for {wanted}, found only {near}.",
                wanted=wanted,
                near=names,
            )
        looked = next(
            (
                (c, e)
                for c, e in near
                if e is not None and e.type in _WHATEVER_IS_GIVEN and self.is_called(spec, c)
            ),
            None,
        )
        if looked is not None:
            text = M(
                "{name} is there ({place}), but running it raises {error}.",
                name=looked[0].definition.name,
                place=self.session.submission.place(looked[0].definition.cell),
                error=in_words(looked[1]),
            )
        elif name in found:
            text = M(
                "Nothing in the submission answers this; {near} is there, but can't be used in the way that the problem asks for.",
                near=name,
            )
        return ItemResult(spec, "missing", text)

    def _alike(self, spec: ItemSpec, name: str) -> list[str]:
        """Names in the submission that look like the one that was looked for; SGD, which answers
        another item, is not alike to Sigmoid, but SimpleConv1d is to Conv1d.
        """
        others = [i for i in self.sprint.items if i.id != spec.id]
        own = {
            d.name.lower(): d.name for d in self._all
            if name.lower() in d.name.lower() or not home_of(d, others)
        }  # fmt: skip
        return [own[n] for n in difflib.get_close_matches(name.lower(), own, 3, 0.6)]

    def _not_canonical(self, spec: ItemSpec) -> ItemResult:
        """Nothing has the canonical signature: which definitions have an accepted name?"""
        near = [
            f"{d.name}({', '.join(p.name for p in target.parameters)})"
            for d in self._all
            if name_rank(spec, d.name) is not None
            and (target := d.function or d.constructor) is not None
        ]
        text = M(
            "Only the signature {wanted} counts, and nothing in the submission has it.",
            wanted=spec.canonical,
        )
        if near:
            text = M(
                "Only the signature {wanted} counts, and nothing in the submission has it; found only {near}.",
                wanted=spec.canonical,
                near=", ".join(dict.fromkeys(near[:5])),
            )
        return ItemResult(spec, "missing", text)
