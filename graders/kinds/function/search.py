"""Works out how a function or method wants to be called to compute a size."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders.binding.callsites import CallSites
from graders.binding.candidates import function_candidates, method_candidates, name_rank
from graders.binding.choice import Chosen, Contender, Selection
from graders.binding.definitions import Callable_, Definition
from graders.binding.moments import section_end
from graders.binding.plans import Programmer
from graders.formulas import Formula
from graders.kinds.function.arguments import (
    assignments,
    covered,
    first_role,
    shown,
    size_globals,
    takes_layer,
    value,
)
from graders.kinds.layer.attempts import BoundLayer
from graders.kinds.layer.search import settable_sizes
from graders.kinds.optimizer.roles import attributes_of
from graders.sandbox.session import CellError, Found, Session
from graders.specs import ItemSpec

CASES = 12


Answer = tuple[float, ...] | None
LayersOf = Callable[[Definition], Iterable[tuple[ItemSpec, BoundLayer]]]


@dataclass
class FunctionTrial:
    """A way to call a function, with what it answered to a number of sizes."""

    definition: Definition
    call: str  # in words
    named: bool
    sizes: Sequence[Mapping[str, int]] = field(default_factory=list)
    expected: list[tuple[int, ...]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    error: CellError | None = None
    unused: tuple[str, ...] = ()  # roles that the function has no parameter for

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(a == e for a, e in zip(self.answers, self.expected, strict=True))

    @property
    def all_right(self) -> bool:
        """True if every answer is right and every role was used."""
        return self.right == len(self.expected) > 0 and not self.unused


class FunctionBinder:
    """Finds what computes the value of a function item."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        definitions: list[Definition],
        rng: np.random.Generator,
    ) -> None:
        self._session, self._sites = session, sites
        self._definitions, self._rng = definitions, rng

    def bind(
        self, spec: ItemSpec, layers: LayersOf, choice: Selection
    ) -> Chosen[FunctionTrial] | None:
        """The best way to call the one that answers, or None if nothing in the submission could be it.

        `layers` binds a class as a layer, for methods that read the instance's sizes.
        """
        wrong: list[FunctionTrial] = []
        right: dict[Definition, FunctionTrial] = {}
        ways = [spec] if spec.per_axis is None else [spec, spec.per_axis]
        rivals = [d for way in ways for d in self._rivals(way)]
        for trial in itertools.chain(*(self._trials(way, layers) for way in ways)):
            definition = trial.definition
            if trial.all_right:
                right.setdefault(definition, trial)
                if choice.settled(definition, (d for d in rivals if d not in right)):
                    break
            elif (
                trial.named
            ):  # found by its section or its parameters only: it counts only if right
                wrong.append(trial)
        wrong = [t for t in wrong if t.definition not in right]
        meant = [t for t in wrong if any(a is not None for a in t.answers)] or wrong
        # Of those that raise, what got furthest was handed what fits best.
        meant.sort(key=lambda t: (-t.right, len(t.unused), -_reached(t)))
        best = {t.definition: t for t in reversed(meant)}
        # What gives no number somewhere may be right and only called in a wrong way.
        called = [
            d for d, t in best.items()
            if d.function is not None and t.named and None not in t.answers
        ]  # fmt: skip
        heard = choice.heard([*right], called) if right else [t.definition for t in meant[:1]]
        return choice.answer(
            [
                Contender(t.definition, float(t.all_right), 1.0, t, t.all_right)
                for t in [*right.values(), *(best[d] for d in heard)]
            ]
        )

    def _rivals(self, spec: ItemSpec) -> Iterator[Definition]:
        """What may be tried for the item."""
        yield from (c.definition for c in function_candidates(spec, self._definitions))
        yield from (d for d in self._definitions if takes_layer(spec, d))
        yield from (d for d, _ in method_candidates(spec, self._definitions))

    def _trials(self, spec: ItemSpec, layers: LayersOf) -> Iterator[FunctionTrial]:
        for candidate in function_candidates(spec, self._definitions):
            definition = candidate.definition
            assert definition.function is not None
            named = name_rank(spec, definition.name) is not None
            for roles in assignments(spec, definition, definition.function):
                yield self._plain(spec, definition, None, definition.function, roles, named)
        for definition in reversed(self._definitions):
            if takes_layer(spec, definition) and name_rank(spec, definition.name) is None:
                assert definition.function is not None
                for roles in assignments(spec, definition, definition.function):
                    yield self._plain(spec, definition, None, definition.function, roles, True)
        for definition, method in method_candidates(spec, self._definitions):
            named = any(name_rank(spec, n) is not None for n in (method.name, definition.name))
            if method.static:
                for roles in assignments(spec, definition, method):
                    yield self._plain(spec, definition, method.name, method, roles, named)
                continue
            for layer_spec, bound in layers(definition):
                if bound.plan is not None:
                    trial = self._method(spec, layer_spec, bound, method)
                    if trial is not None:
                        yield replace(trial, named=named)
                        break
            else:
                for roles in assignments(spec, definition, method):
                    yield self._on_unbound(spec, definition, method, roles, named)

    # -- plain functions -------------------------------------------------------------------

    def _draws(self, spec: ItemSpec) -> list[dict[str, int]]:
        draws: list[dict[str, int]] = []
        for pair in spec.documented:
            draws.append({k: int(v) for k, v in pair.given.items()})
        while len(draws) < CASES + len(spec.documented):
            drawn = {n: int(self._rng.integers(a, b + 1)) for n, (a, b) in spec.sizes.items()}
            if len(set(drawn.values())) == len(drawn):
                draws.append(drawn)
        return draws

    def _plain(
        self,
        spec: ItemSpec,
        definition: Definition,
        method: str | None,
        target: Callable_,
        roles: tuple[str, ...],
        named: bool,
        make: list[dict[str, Any]] | None = None,
    ) -> FunctionTrial:
        draws = self._draws(spec)
        arrays: list[np.ndarray] = []
        steps: list[dict[str, Any]] = [*(make or [])]
        globals_ = size_globals(spec, target)
        attributes = frozenset[str]()
        if "layer" in roles:
            reads = attributes_of(definition, target)
            attributes = reads[target.parameters[roles.index("layer")].name].loaded
        for i, drawn in enumerate(draws):
            if globals_:
                values = {n: {"v": spec.roles[r](drawn)} for n, r in globals_.items()}
                steps.append({"do": "globals", "values": values})
            step: dict[str, Any] = {"do": "call", "keep": f"r{i}", "out": f"r{i}", "optional": True}
            step |= {"on": "self"} if make else {"name": definition.name, "cell": definition.cell}
            if method:
                step["method"] = method
            given = [p for p, r in zip(target.parameters, roles, strict=True) if r != "default"]
            chosen = [r for r in roles if r != "default"]
            step["args"], step["kwargs"] = [], {}
            for parameter, role in zip(given, chosen, strict=True):
                given_value = value(spec, role, drawn, arrays, attributes)
                if parameter.default is None and not parameter.keyword_only:
                    step["args"].append(given_value)
                else:
                    step["kwargs"][parameter.name] = given_value
            steps.append(step)
        outcome = self._session.run(steps, arrays, section_end(self._session, definition))
        if outcome.error is not None and outcome.error.type == "NameError":
            outcome = self._session.run(steps, arrays)
        answers = [_answer(outcome.found, f"r{i}", len(spec.value)) for i in range(len(draws))]
        handed = covered(spec, (*roles, *globals_.values()), attributes)
        return FunctionTrial(
            definition,
            f"{definition.name}{'.' + method if method else ''}({', '.join(shown(roles))})",
            named, draws, [tuple(v(d) for v in spec.value) for d in draws], answers,
            outcome.error, tuple(r for r, f in spec.roles.items() if not f.names <= handed),
        )  # fmt: skip

    def _on_unbound(
        self,
        spec: ItemSpec,
        definition: Definition,
        method: Callable_,
        roles: tuple[str, ...],
        named: bool,
    ) -> FunctionTrial:
        """A method of a class that no layer item bound: constructed as the notebook does it."""
        constructor = definition.constructor
        arguments: list[dict[str, Any]] = []
        for parameter in constructor.required if constructor else ():
            source = self._sites.expression(definition, constructor, parameter.name)
            arguments.append({"expr": source} if source else {"v": None})
        make = [{"do": "make", "name": definition.name, "cell": definition.cell, "out": "self",
                 "args": arguments}]  # fmt: skip
        return self._plain(spec, definition, method.name, method, roles, named, make)

    # -- methods that read the layer's own sizes -----------------------------------------------

    def _method(
        self, spec: ItemSpec, layer_spec: ItemSpec, bound: BoundLayer, method: Callable_
    ) -> FunctionTrial | None:
        """A method on an instance that the binder can build; None if the layer lacks the sizes."""
        plan = bound.plan
        assert plan is not None
        if any(r not in layer_spec.roles for r in spec.roles):
            return None
        free = {r: Formula(r[0].upper()) for r in layer_spec.roles if r.startswith(("pad", "stri"))}
        wide = replace(
            layer_spec,
            sizes={**layer_spec.sizes, "P": (0, 2), "S": (1, 3)},
            roles={**layer_spec.roles, **free},
        )
        sized = {a.text for a in plan.construct if a.kind in ("size", "pair")}
        given = sized | set(plan.set_sizes.values())
        settable = settable_sizes(wide, bound.definition, plan.construct)
        roles_of = [first_role(spec, p.name) for p in method.parameters if p.default is None]
        varied = given | set(settable.values()) | {r for r in roles_of if r}
        ranges = dict(layer_spec.sizes)
        ranges["P"] = (0, 2) if any(r.startswith("padding") for r in varied) else (0, 0)
        widest = 3 if any(r.startswith("stride") for r in varied) else 1
        trial = FunctionTrial(
            bound.definition,
            f"{bound.definition.name}.{method.name}({', '.join(r or '…' for r in roles_of)})",
            True,
        )
        kept: list[dict[tuple[str | int, ...], float]] = []
        for number in range(CASES):  # each stride in its turn: few sizes go with the wide ones
            stride = 1 + number % widest
            drawn_spec = replace(wide, sizes={**ranges, "S": (stride, stride)})
            case = plan.draw(drawn_spec, self._rng)
            sizes = {f.text: drawn_spec.roles[role](case.sizes) for role, f in spec.roles.items()}
            programmer = Programmer(plan, case)
            for attribute, role in settable.items():
                if role not in given:
                    programmer.plan = programmer.plan.with_(
                        set_sizes={**programmer.plan.set_sizes, attribute: role}
                    )
            try:
                programmer.make().forward(optional=True)
            except (ValueError, KeyError):
                continue
            arguments: list[dict[str, Any]] = []
            for wanted in roles_of:
                if wanted == "input":
                    arguments.append({"a": programmer.wire.array(programmer.x())})
                else:
                    formula = spec.roles.get(wanted or "")
                    arguments.append({"v": formula(sizes) if formula else None})
            programmer.wire.steps.append(
                {"do": "call", "on": "self", "method": method.name, "args": arguments,
                 "keep": "r", "out": "r", "optional": True}
            )  # fmt: skip
            outcome = programmer.harvest("", "self").run(self._session)
            trial.sizes = [*trial.sizes, sizes]
            trial.expected.append(tuple(formula(sizes) for formula in spec.value))
            trial.answers.append(_answer(outcome.found, "r", len(spec.value)))
            trial.error = trial.error or outcome.error
            kept.append(
                {
                    e.path: float(e.array.ravel()[0])
                    for e in outcome.found
                    if e.array.size == 1 and e.path[0] == "self"
                }
            )
        if trial.expected and all(a is None for a in trial.answers):
            # It returns nothing: then it keeps its result on the instance.
            names = _kept_by(method, kept[0], len(spec.value))
            if names:
                trial.answers = [
                    tuple(k.get(("self", name), float("nan")) for name in names) for k in kept
                ]
        return trial


def _reached(trial: FunctionTrial) -> int:
    """The line in which a trial raised."""
    return trial.error.line or 0 if trial.error is not None else 0


def _kept_by(
    method: Callable_, kept: Mapping[tuple[str | int, ...], float], n: int
) -> tuple[str, ...]:
    """The names under which a method keeps the n numbers that are its result: all that it sets, or
    those of them that speak of an output; nothing if they are more or less than n.
    """
    numbers = [str(p[1]) for p in kept if len(p) == 2]
    set_here = [
        node.attr
        for node in ast.walk(method.node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    own = [name for name in dict.fromkeys(set_here or numbers) if name in numbers]
    for chosen in (own if set_here else [], [name for name in own if "out" in name.lower()]):
        if len(chosen) == n:
            return tuple(sorted(chosen, key=_is_of_width))
    return ()


def _is_of_width(name: str | int) -> bool:
    return "w" in str(name).lower() and "h" not in str(name).lower()


def _answer(found: Sequence[Found], handle: str, n: int) -> Answer:
    """The n numbers that a call returned: one array, a tuple, or a number alone."""
    mine = [e for e in found if e.path[0] == handle and e.array.dtype.kind in "iuf"]
    for entry in mine:
        empty = entry.array.ndim == n and not entry.array.any() and (n > 1 or entry.array.size > 1)
        if entry.path == (handle,) and empty:
            return tuple(map(float, entry.array.shape))  # np.zeros((out_h, out_w)), to be filled
        if entry.path == (handle,) and entry.array.size == n:
            return tuple(float(v) for v in entry.array.ravel())
    parts = {e.path[1]: float(e.array) for e in mine if len(e.path) == 2 and e.array.ndim == 0}
    if len(parts) >= n and all(i in parts for i in range(n)):
        return tuple(parts[i] for i in range(n))
    if len(parts) == n and all(isinstance(k, str) for k in parts):  # {"h": ..., "w": ...}
        by_side = sorted(parts, key=_is_of_width)
        return tuple(parts[k] for k in by_side)
    return None
