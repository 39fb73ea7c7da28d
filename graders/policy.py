"""A course's policy: what counts for how much and what is let pass, without touching a spec.

It is a YAML file of an instructor's, given by ``--policy``. Late penalties are left to the
learning management system.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from graders.diagnosis import all_misconceptions, misconceptions_of
from graders.specs import ItemSpec, SprintSpec, offered
from graders.specs.barred import is_needed
from graders.specs.building import cost_of
from graders.specs.document import Document, validate
from graders.specs.model import COST, Cost
from graders.specs.soundness import check_cost
from graders.spelling import meant, nearest
from graders.traits import KINDS, Trait

Solution = Literal["never", "passed", "always"]


@dataclass(frozen=True)
class ItemPolicy:
    """What is laid down for one item; what is None stays as the spec has it."""

    required: bool | None = None
    points: Mapping[str, float] = field(default_factory=dict)  # by facet
    tolerance: float | None = None  # relative to the largest element
    accept: frozenset[str] = frozenset()  # misconceptions that cost nothing here
    cost: Cost | None = None  # what counts as efficient

    def applied(self, spec: ItemSpec) -> ItemSpec:
        """The spec with what is laid down."""
        return replace(
            spec,
            required=spec.required if self.required is None else self.required,
            facets={
                **{f: self.points.get(f, points) for f, points in spec.facets.items()},
                **{f: points for f, points in self.points.items() if f == COST},
            },
            cost=spec.cost if self.cost is None else self.cost,
            tolerance=spec.tolerance if self.tolerance is None else self.tolerance,
        )


@dataclass(frozen=True)
class Policy:
    """A policy file. `budget` and `training_budget` are seconds; None leaves the default."""

    name: str = ""
    file: str = ""
    sha256: str = ""
    feedback: str | None = None
    hints: int | None = (
        None  # steps of the ladder of hints; None: as many as `feedback` lets through
    )
    solution: Solution = "never"  # whether a student who checks in the notebook may see one
    strict: bool = False
    budget: float | None = None
    training_budget: float | None = None
    forbidden: tuple[str, ...] = ()  # packages that no answer may use
    cost: bool = False  # what answers cost is counted, though it may earn nothing
    items: Mapping[str, ItemPolicy] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """True if what answers cost is to be counted."""
        return self.cost or any(
            COST in item.points or item.cost is not None for item in self.items.values()
        )

    @property
    def accepted(self) -> dict[str, frozenset[str]]:
        """Misconceptions that cost nothing, by item."""
        return {name: item.accept for name, item in self.items.items() if item.accept}

    @property
    def told(self) -> dict[str, str] | None:
        """What a report says of it; None where there is no policy."""
        if not self.file:
            return None
        return {"name": self.name or self.file, "file": self.file, "sha256": self.sha256}

    def applied(self, sprints: Mapping[str, SprintSpec]) -> dict[str, SprintSpec]:
        """The sprints with what is laid down for their items."""
        return {
            name: replace(
                sprint,
                items=tuple(self._item(i) for i in sprint.items),
                barred=sprint.barred.and_also(n for n in self.forbidden if not is_needed(n)),
            )
            for name, sprint in sprints.items()
        }

    def _item(self, spec: ItemSpec) -> ItemSpec:
        return self.items[spec.id].applied(spec) if spec.id in self.items else spec


def sprints_under(
    specs: Path | None, policy: Path | None, course: str = ""
) -> dict[str, SprintSpec]:
    """The sprints of a folder of specs (None: all that are installed), or what a course asks for,
    as a policy has them.

    Raises:
        SpecError: a spec or the policy is malformed.
    """
    sprints = offered(specs, course)
    return read_policy(policy, sprints).applied(sprints) if policy is not None else sprints


def read_policy(file: Path, sprints: Mapping[str, SprintSpec]) -> Policy:
    """The policy in a file.

    Raises:
        SpecError: it is malformed, or names an item, facet or misconception that there is not; the
            message has file, line and key, and the nearest valid name.
    """
    document = Document(file)
    validate(document, "policy")
    raw = document.data
    _check_numbers(document, raw, ())
    specs = {i.id: i for s in sprints.values() for i in s.items}
    _check_prerequisites(document, specs)
    return Policy(
        name=raw.get("name", ""),
        file=file.name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        feedback=raw.get("feedback"),
        hints=raw.get("hints"),
        solution=raw.get("solution", "never"),
        strict=raw.get("strict_interface", False),
        budget=raw.get("budget"),
        training_budget=raw.get("training_budget"),
        forbidden=tuple(raw.get("forbidden_imports", ())),
        cost=raw.get("cost", False),
        items=dict(_items(document, specs)),
    )


def _check_numbers(document: Document, value: Any, path: tuple[str | int, ...]) -> None:
    """A schema lets NaN through every bound."""
    if isinstance(value, float) and not math.isfinite(value):
        raise document.error(path, f"{value} is no number to go by; expected a finite one")
    if isinstance(value, dict):
        for key, part in value.items():
            _check_numbers(document, part, (*path, key))


def _items(document: Document, specs: Mapping[str, ItemSpec]) -> Iterator[tuple[str, ItemPolicy]]:
    for name, raw in document.data.get("items", {}).items():
        if name not in specs:
            raise document.error(("items", name), f"unknown item {name!r}{nearest(name, specs)}")
        yield name, _item_policy(document, name, raw, specs[name])


def _check_prerequisites(document: Document, specs: Mapping[str, ItemSpec]) -> None:
    """That no required item waits for one that the policy, or the spec, calls optional."""
    laid_down = document.data.get("items", {})

    def required(name: str) -> bool:
        said = laid_down.get(name, {}).get("required")
        return specs[name].required if said is None else bool(said)

    for name, spec in specs.items():
        for needed in spec.prerequisites:
            if required(name) and not required(needed):
                blamed = needed if "required" in laid_down.get(needed, {}) else name
                raise document.error(
                    ("items", blamed, "required"),
                    f"{needed} would be optional, but the required {name} waits for it",
                )


def _kinds_with(trait: Trait) -> str:
    return ", ".join(name for name, traits in KINDS.items() if trait in traits)


def _item_policy(
    document: Document, name: str, raw: Mapping[str, Any], spec: ItemSpec
) -> ItemPolicy:
    if Trait.PERSON in spec.traits and "points" in raw:
        raise document.error(("items", name, "points"), f"{name} is looked at by a person")
    cost = _cost(document, name, raw, spec)
    for facet in raw.get("points", {}):
        if facet not in spec.facets and facet != COST:
            raise document.error(
                ("items", name, "points", facet),
                f"{name} has no facet {facet!r}; it has {', '.join(spec.facets)}"
                + meant(facet, spec.facets),
            )
    known = [m.id for m in misconceptions_of(spec)]
    for i, id_ in enumerate(raw.get("accept", ())):
        if id_ not in known:
            elsewhere = any(m.id == id_ for m in all_misconceptions())
            what = f"{id_!r} is none of {name}" if elsewhere else f"unknown misconception {id_!r}"
            raise document.error(("items", name, "accept", i), f"{what}{nearest(id_, known)}")
    if "tolerance" in raw and Trait.TOLERANT not in spec.traits:
        raise document.error(
            ("items", name, "tolerance"),
            f"items of kind {spec.kind} have none; kinds that have: {_kinds_with(Trait.TOLERANT)}",
        )
    return ItemPolicy(
        raw.get("required"), dict(raw.get("points", {})), raw.get("tolerance"),
        frozenset(raw.get("accept", ())), cost,
    )  # fmt: skip


def _cost(document: Document, name: str, raw: Mapping[str, Any], spec: ItemSpec) -> Cost | None:
    """What counts as efficient under the policy; None where it says nothing of it."""
    pointed = COST in raw.get("points", {})
    if (pointed or "cost" in raw) and Trait.LAYER not in spec.traits:
        place = ("items", name, "points", COST) if pointed else ("items", name, "cost")
        raise document.error(
            place,
            f"items of kind {spec.kind} are not counted; kinds that are: {_kinds_with(Trait.LAYER)}",
        )
    if "cost" not in raw:
        if pointed and not spec.cost.says:
            raise document.error(
                ("items", name, "points", COST),
                f"nothing says what counts as efficient; say it in items.{name}.cost",
            )
        return None
    check_cost(document, ("items", name, "cost"), raw["cost"], spec)
    return cost_of(raw["cost"], spec.cost)
