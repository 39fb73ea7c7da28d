"""What every kind of item is judged with: the loaded submission and what was read from it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from graders.binding.callsites import CallSites
from graders.binding.candidates import (
    Candidate,
    broken_candidate,
    home_of,
    optimizers_of,
    words_for,
)
from graders.binding.definitions import Definition, read_definitions
from graders.binding.layer_search import LayerBinder
from graders.checks import model
from graders.checks.layer import facet_checks
from graders.checks.model import CheckResult
from graders.diagnosis.exceptions import name_of
from graders.diagnosis.model import Diagnosis
from graders.judging.results import Binding, ItemResult
from graders.messages import M
from graders.sandbox.session import CellError, Session
from graders.specs import ItemSpec, SprintSpec

Near = Sequence[tuple[Candidate, CellError | None]]


class Context:
    """One loaded submission in one sprint: definitions, call sites, the binder of layers."""

    def __init__(self, session: Session, sprint: SprintSpec, seed: int) -> None:
        self.session, self.sprint, self._seed = session, sprint, seed
        submission = session.submission
        definitions, self.broken = read_definitions(submission)
        self.definitions = [d for d in definitions if self._exists(d)]
        self.sites = CallSites(submission)
        self.binder = LayerBinder(
            session, self.sites, self.rng("binding"), optimizers_of(self.definitions)
        )

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for each purpose, so that -k changes no verdict."""
        return np.random.default_rng([self._seed, zlib.crc32(name.encode())])

    def _exists(self, definition: Definition) -> bool:
        """True if the cell got far enough to define it."""
        run = self.session.runs.get(definition.cell)
        return run is not None and definition.name.split(".")[0] in run.names

    def at_home(self, spec: ItemSpec, candidate: Candidate) -> bool:
        """True if the name says that the class was meant for this item rather than another."""
        layers = [i for i in self.sprint.items if i.kind == spec.kind and not i.ability]
        if "its name" in candidate.why and words_for(spec, candidate.definition):
            return True
        return "its name" in candidate.why and home_of(candidate.definition, layers) == spec.id

    def absent(self, spec: ItemSpec, near: Near) -> ItemResult:
        """Nothing answers the item: a cell that does not compile, a class that raises, or nothing."""
        broken = broken_candidate(spec, self.broken)
        if broken is not None:
            run = self.session.runs.get(broken.cell)
            reason = str(run.error) if run and run.error else "SyntaxError"
            line = run.error.line if run and run.error else None
            text = M(
                "{name} would answer this, but its cell {cell} does not compile (line {line}): {reason}.",
                name=broken.name,
                cell=broken.cell,
                line=line or "?",
                reason=reason,
            )
            checks = tuple(CheckResult(i, f, model.ERROR, text) for i, f in facet_checks(spec))
            diagnosis = _of_error(CellError("SyntaxError", reason), spec)
            return ItemResult(
                spec, "error", text, checks, Binding(broken.name, broken.cell), diagnosis
            )
        home = self.sprint.item(spec.base) if spec.ability else spec
        raised = [(c, e) for c, e in near if e is not None and self.at_home(home, c)]
        if raised:
            candidate, error = raised[0]
            name = candidate.definition.name
            first = model.raised("", "forward", f"{name}(...)", error, False, "")
            checks = tuple(
                CheckResult(i, f, model.ERROR, first.message) for i, f in facet_checks(spec)
            )
            binding = Binding(name, candidate.definition.cell)
            return ItemResult(
                spec, "error", first.message, checks, binding, _of_error(error, spec, self.session)
            )
        name = spec.canonical.split(";")[0].split("(")[0]
        wanted = spec.title if spec.kind == "answers" or not name else name
        text = M("Nothing in the submission answers this; looked for {wanted}.", wanted=wanted)
        if near:
            names = ", ".join(dict.fromkeys(c.definition.name for c, _ in near))
            text = M(
                "Nothing in the submission answers this; looked for {wanted}, found only {near}.",
                wanted=wanted,
                near=names,
            )
        return ItemResult(spec, "missing", text)


def _of_error(
    error: CellError, spec: ItemSpec, session: Session | None = None
) -> tuple[Diagnosis, ...]:
    """What an exception says about all facets at once."""
    name = name_of(error, session)
    return () if name is None else tuple(Diagnosis(f, (name,)) for f in spec.facets)
