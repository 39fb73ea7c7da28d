"""The numbers that an optimiser takes besides its learning rate: which are handed over, and which count.

As with the rate, what the grader handed over is the number, and nothing else is. Where the code has no place for
it, the one counts that an instance keeps under such a name, that a parameter has as its default, or that stands in
the place of a key that is not there (``config.setdefault("momentum", 0.9)``); and the reference's own where the spec lets an answer have the number for itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders.binding.candidates import Candidate, Reason
from graders.binding.definitions import Definition, Parameter
from graders.binding.lexicon import lexicon
from graders.binding.rates import hands_over, is_rate
from graders.binding.worded import literal_value
from graders.sandbox.session import Found
from graders.specs import Hyperparameter, ItemSpec
from graders.submission.parsing import every_node


@dataclass(frozen=True)
class Settings:
    """The numbers of one item, by role; `handed`: those that are handed over, with their values."""

    known: Mapping[str, Hyperparameter] = field(default_factory=dict)
    handed: Mapping[str, float] = field(default_factory=dict)

    def roles(self, names: Iterable[str]) -> dict[str, str]:
        """Which of the names are whose: one name each, the likeliest."""
        found: dict[str, str] = {}
        listed = [n for n in names if not is_rate(n)]
        for role, of in self.known.items():
            ranks = {n: rank for n in listed if (rank := _rank(n, role, of)) is not None}
            if ranks:
                found.setdefault(min(ranks, key=lambda n: ranks[n]), role)
        return found

    def given(self, names: Iterable[str]) -> dict[str, float]:
        """What each of the names is handed, of those that are."""
        roles = self.roles(names)
        return {n: self.handed[role] for n, role in roles.items() if role in self.handed}

    def needed(self, names: Iterable[str]) -> dict[str, float]:
        """What each of the names is handed if it must be told something."""
        roles = self.roles(names)
        return {n: self.handed.get(role, self.known[role].default) for n, role in roles.items()}

    def both(self, parameter: Parameter) -> tuple[float, float] | None:
        """What a parameter is handed that takes both rates of decay at once, ``betas=(0.9, 0.999)``."""
        if not ({"beta1", "beta2"} <= self.known.keys() and _takes_both(parameter)):
            return None
        first, second = (self.handed.get(r, self.known[r].default) for r in ("beta1", "beta2"))
        return first, second

    def told(
        self, steps: Sequence[Any], found: Sequence[Found], definition: Definition
    ) -> dict[str, float]:
        """The numbers of a run; `found`: what the optimiser keeps."""
        numbers = {
            name: float(e.array)
            for e in reversed(found)
            if e.kind == "scalar" and (name := _name(e)) and np.isfinite(e.array)
        }
        numbers = {**dict(_defaults(definition)), **numbers}
        kept = {role: numbers[name] for name, role in self.roles(numbers).items()}
        own = {role: of.default for role, of in self.known.items() if of.fixed or of.upto}
        handed = {r: v for r, v in self.handed.items() if hands_over(list(steps), v)}
        free = {role: v for role, v in kept.items() if not self.known[role].upto}
        return {**own, **free, **handed}


def ways_to_hand(spec: ItemSpec, rng: np.random.Generator) -> Iterator[Settings]:
    """All numbers handed over wherever they are taken; then those alone that an answer can't have for itself."""
    known = spec.hyperparameters
    drawn = {
        role: round(float(rng.uniform(*of.between)), 5)
        for role, of in known.items()
        if of.between is not None
    }
    yield Settings(known, drawn)
    needed = {r: v for r, v in drawn.items() if not (known[r].fixed or known[r].upto)}
    if needed != drawn:
        yield Settings(known, needed)


def taking_numbers(spec: ItemSpec, definitions: Iterable[Definition]) -> list[Candidate]:
    """Optimisers whose constructor takes every number of the item under a name that says nothing else."""
    found = []
    for definition in definitions:
        constructor = definition.constructor
        names = constructor.names if constructor is not None else ()
        said = [any(lexicon().rank(n, role) == 0 for n in names) for role in spec.hyperparameters]
        if said and all(said):
            found.append(Candidate(definition, len(spec.names), Reason.PARAMETERS))
    return found


def _rank(name: str, role: str, of: Hyperparameter) -> int | None:
    if name.lower() == role or any(p.fullmatch(name) for p in of.names):
        return -1
    return lexicon().rank(name, role)


def _name(entry: Found) -> str:
    return next((p for p in reversed(entry.path) if isinstance(p, str)), "")


def _defaults(definition: Definition) -> Iterator[tuple[str, float]]:
    """The numbers that parameters, and keys of dicts, have as their defaults."""
    for method in (definition.function, *definition.methods.values()):
        if method is None:
            continue
        for node in every_node(method.node):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="setdefault" | "get" | "pop"),
                    args=[ast.Constant(value=str(key)), number],
                ) if (value := _number(ast.unparse(number))) is not None:
                    yield key, value
        for parameter in method.parameters:
            if (value := _number(parameter.default or "")) is not None:
                yield parameter.name, value
            if _takes_both(parameter):
                numbers = literal_value(parameter.default)
                assert isinstance(numbers, tuple | list)
                yield from zip(("beta1", "beta2"), map(float, numbers), strict=True)


def _takes_both(parameter: Parameter) -> bool:
    """True for ``betas=(0.9, 0.999)``: two numbers by default, under a name that says of what."""
    numbers = literal_value(parameter.default)
    return (
        isinstance(numbers, tuple | list)
        and len(numbers) == 2
        and all(isinstance(n, int | float) for n in numbers)
        and lexicon().is_a(parameter.name, "both_betas")
    )


def _number(text: str) -> float | None:
    """The number that a text is; None for anything else."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    a_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if a_number else None
