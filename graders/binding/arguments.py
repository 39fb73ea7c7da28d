"""Ways to call a student's method: what each parameter may be given, likeliest combination first.

Layers have a search of their own; this is for what has few parameters: initialisers,
optimisers and iterators.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.binding.callsites import CallSites
from graders.binding.candidates import MAX_CANDIDATES, Candidate, Reason, name_rank
from graders.binding.definitions import Callable_, Definition, Parameter, names_in
from graders.specs import ItemSpec
from graders.submission.parsing import every_node, expression


@dataclass(frozen=True)
class Choice:
    """One value that a parameter may get: as it travels, and as a student would read it."""

    value: dict[str, Any]
    text: str


OMIT = Choice({}, "")  # the student's own default stands
Options = Callable[[Parameter], Sequence[Choice]]


@dataclass(frozen=True)
class Arguments:
    """The arguments of one call."""

    args: tuple[Choice, ...] = ()
    kwargs: tuple[tuple[str, Choice], ...] = ()

    @property
    def step(self) -> dict[str, Any]:
        """The part of a step that describes them."""
        return {
            "args": [c.value for c in self.args],
            "kwargs": {name: c.value for name, c in self.kwargs},
        }

    @property
    def text(self) -> str:
        """As a student would read them."""
        shown = [c.text for c in self.args]
        return ", ".join([*shown, *(f"{name}={c.text}" for name, c in self.kwargs)])


def ways(target: Callable_ | None, options: Options, most: int = 24) -> Iterator[Arguments]:
    """Combinations of what `options` offers for each parameter, likeliest first.

    A required parameter for which nothing is offered gets None.
    """
    if target is None:
        yield Arguments()
        return
    offered: list[list[Choice]] = []
    for parameter in target.parameters:
        choices = list(options(parameter))
        if parameter.default is not None:
            choices = choices or [OMIT]
        elif not choices:
            choices = [Choice({"v": None}, "None")]
        offered.append(choices)
    places = itertools.product(*(range(len(c)) for c in offered))
    ordered = sorted(itertools.islice(places, 4096), key=lambda p: (sum(p), p))
    for combination in ordered[:most]:
        args: list[Choice] = []
        kwargs: list[tuple[str, Choice]] = []
        for parameter, choices, place in zip(target.parameters, offered, combination, strict=True):
            choice = choices[place]
            if choice is OMIT:
                continue
            if parameter.default is not None or parameter.keyword_only:
                kwargs.append((parameter.name, choice))
            else:
                args.append(choice)
        yield Arguments(tuple(args), tuple(kwargs))


def literal(sites: CallSites, definition: Definition) -> Iterator[Arguments]:
    """The arguments that the notebook itself passes, where they mean the same anywhere."""
    target = definition.constructor or definition.function
    seen = set()
    for site in sites.of(definition, target):
        sources = site.arguments
        names = {n for s in sources.values() for n in names_in(expression(s))}
        key = tuple(sources.items())
        if names & site.local or key in seen:
            continue
        seen.add(key)
        yield Arguments((), tuple((k, Choice({"expr": s}, s)) for k, s in sources.items()))


def schemes(spec: ItemSpec, definition: Definition) -> list[str]:
    """Names of the scheme that the source compares with or looks up: ``if kind == "He"``."""
    tree = definition.tree
    strings = {
        n.value
        for n in every_node(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    return sorted(s for s in strings if len(s) < 40 and name_rank(spec, s) is not None)


def candidates(
    spec: ItemSpec,
    definitions: Sequence[Definition],
    able: Callable[[Definition], bool],
    takes_scheme: bool = False,
) -> list[Candidate]:
    """Definitions that may answer the item: by name, by section, by the scheme that they take."""
    found = []
    for definition in definitions:
        if not able(definition):
            continue
        named = name_rank(spec, definition.name)
        here = bool(spec.problems & set(definition.section.problems))
        scheme = takes_scheme and definition.constructor and schemes(spec, definition)
        if named is None and not here and not scheme:
            continue
        if named is None and definition.kind == "function":
            continue  # whatever it is, it may train for hours
        reasons = Reason.of(
            {Reason.SECTION: here, Reason.NAME: named is not None, Reason.SCHEMES: bool(scheme)}
        )
        # Later versions first among equals: the last word of the student on the matter.
        rank = (0 if here else 3) + (10 if named is None else named) - definition.order * 1e-4
        found.append(Candidate(definition, rank - (4 if scheme else 0), reasons))
    found.sort(key=lambda c: c.rank)
    return found[:MAX_CANDIDATES]


def method_named(definition: Definition, patterns: Sequence[str]) -> Callable_ | None:
    """The first method whose whole name fits, trying the patterns in their order."""
    for pattern in patterns:
        for name, method in definition.methods.items():
            if re.fullmatch(pattern, name, re.IGNORECASE):
                return method
    return None


def takes_any_number(target: Callable_) -> bool:
    """True for ``def W(self, *shape)``."""
    return target.node.args.vararg is not None
