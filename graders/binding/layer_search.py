"""Works out how a class wants to be constructed and called to compute a layer.

Candidate plans are tried on a probe case whose sizes are all different; the first plan that
gives the true output proves itself, since inputs are random. Where none does, the plan that
comes nearest is kept, so that a wrong layer is judged by how it was meant to be called.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graders import cases
from graders.binding import layouts, matching
from graders.binding.callsites import CallSites
from graders.binding.candidates import methods_for, setter_of, words_for
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.layouts import Layout
from graders.binding.lexicon import lexicon
from graders.binding.plans import (
    LR,
    Argument,
    Call,
    LayerPlan,
    Place,
    Programmer,
    output_layout,
    output_of,
)  # fmt: skip
from graders.cases import LayerCase
from graders.errors import SpecError
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec

MAX_TRIES = 150  # calls for one class
SEARCH_CALLS = 220  # for one item; the checks then need up to 80
SEARCH_SECONDS = 7.0
_BIAS_LAYOUTS: tuple[Layout, ...] = (
    ("O",),
    ("", "O"),
    ("O", ""),
    ("", "", "O"),
    ("", "O", ""),
    (),
)
_PROVIDED = ("weight", "bias", "initializer", "optimizer", "lr", "sigma")


@dataclass
class Attempt:
    """One plan that was tried: what became of it."""

    plan: LayerPlan
    score: float
    error: CellError | None = None
    timed_out: bool = False
    died: str = ""
    y: Found | None = None

    @property
    def exact(self) -> bool:
        """True if the output was the true one."""
        return self.score >= 2

    def summary(self) -> str:
        """Why the plan was dropped or kept, for `explain`."""
        if self.exact:
            return "right output"
        if self.died:
            return self.died
        if self.timed_out:
            return "out of time"
        if self.error:
            return str(self.error)
        return f"output of shape {self.y.array.shape}" if self.y else "no output"


@dataclass
class BoundLayer:
    """A class with the plan it is called by, or the reason why it can't be called."""

    definition: Definition
    plan: LayerPlan | None
    attempt: Attempt | None
    error: CellError | None = None
    tried: list[Attempt] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """True if the plan gave the true output on the probe."""
        return self.attempt is not None and self.attempt.exact

    @property
    def score(self) -> float:
        """How near the best plan came."""
        return self.attempt.score if self.attempt else -1.0


class LayerBinder:
    """Binds classes of one submission; remembers what it found."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        rng: np.random.Generator,
        optimizers: Sequence[Definition] = (),
    ) -> None:
        self._session = session
        self._optimizers = optimizers
        self._sites = sites
        self._rng = rng
        self._known: dict[tuple[Definition, str, tuple[str, ...]], BoundLayer] = {}
        self._last_call, self._last_second = 0, 0.0
        self.begin_item()

    def begin_item(self) -> None:
        """A new item: its search may cost so many calls and seconds, and no more."""
        self._last_call = self._session.calls + SEARCH_CALLS
        self._last_second = self._session.call_seconds + SEARCH_SECONDS

    @property
    def exhausted(self) -> bool:
        """True if the item's search has cost what it may cost."""
        session = self._session
        return session.calls >= self._last_call or session.call_seconds >= self._last_second

    def bind(
        self, spec: ItemSpec, definition: Definition, layouts_: Sequence[str] = ()
    ) -> BoundLayer:
        """The best plan for the class as the layer of the item."""
        wanted = tuple(layouts_ or spec.layouts)
        key = (definition, spec.base or spec.id, wanted)
        if spec.ability or key not in self._known:
            search = _Search(self._session, self._sites, self._rng, spec, definition, wanted)
            found = search.run(lambda: self.exhausted)
            if self.exhausted and not found.exact:
                return found  # cut short: another item may search again
            self._known[key] = found
        return self._known[key]

    def own_optimizer(self, plan: LayerPlan) -> LayerPlan | None:
        """The plan with the student's own optimiser instead of the stub, if there is one."""
        construct = list(plan.construct)
        for i, argument in enumerate(construct):
            if argument.kind != "optimizer":
                continue
            source = self._plain_descent() or self._sites.expression(
                plan.definition, plan.definition.constructor, argument.parameter
            )
            if source is None:
                return None
            construct[i] = Argument(argument.parameter, "expression", source, argument.keyword)
            return plan.with_(construct=tuple(construct))
        return None

    def _plain_descent(self) -> str | None:
        """An expression for an instance of the notebook's own gradient descent."""
        for definition in self._optimizers:
            constructor = definition.constructor
            arguments = []
            for parameter in constructor.parameters if constructor else ():
                if lexicon().is_a(parameter.name, "lr"):
                    arguments.append(f"{parameter.name}={LR}")
                elif parameter.default is None:
                    source = self._sites.expression(definition, constructor, parameter.name)
                    arguments.append(f"{parameter.name}={source or None}")
            return f"{definition.name}({', '.join(arguments)})"
        return None


class _Search:
    def __init__(
        self,
        session: Session,
        sites: CallSites,
        rng: np.random.Generator,
        spec: ItemSpec,
        definition: Definition,
        wanted: tuple[str, ...],
    ) -> None:
        self._session, self._sites, self._rng = session, sites, rng
        self._spec, self._definition = spec, definition
        self._layouts = [layouts.parse(text) for text in wanted]
        self._tried: list[Attempt] = []
        self._error: CellError | None = None
        self._calls = 0
        self._probes: dict[tuple[tuple[str, str], ...], LayerCase] = {}

    # -- the whole search ----------------------------------------------------------------

    def run(self, exhausted: Callable[[], bool]) -> BoundLayer:
        """Try plans until one gives the true output or the search may cost no more."""
        forward, backward = methods_for(self._spec, self._definition)
        assert forward is not None
        for plan in self._plans(forward, backward):
            if self._calls >= MAX_TRIES or exhausted() or (self._tried and self._tried[-1].exact):
                break
            self._try(plan)
        if not self._tried:
            return BoundLayer(self._definition, None, None, self._error)
        best = max(self._tried, key=lambda a: a.score)
        return BoundLayer(self._definition, best.plan, best, best.error, self._tried)

    def _probe(self, plan: LayerPlan) -> LayerCase:
        """The case that plans are tried on: one for each set of sizes that must be equal."""
        key = tuple(sorted(plan.ties.items()))
        if key not in self._probes:
            self._probes[key] = cases.draw(self._spec, self._rng, None, plan.ties)
        return self._probes[key]

    def _ties(self, construct: Sequence[Argument]) -> dict[str, str]:
        """Sizes that the class can't tell apart, because one parameter gives both."""
        found = {}
        for argument in construct:
            if argument.kind == "size":
                first, *others = self._spec.equal.get(argument.text, ("",))
                found.update(dict.fromkeys(others, first))
        return found

    def _try(self, plan: LayerPlan) -> None:
        probe = self._probe(plan)
        alone = {
            a: 1 for a in self._spec.axes
            if a not in layouts.letters(plan.x_layout) and probe.sizes[a] > 1
        }  # fmt: skip
        if alone:  # a layer for one sample at a time
            plan = plan.with_(fixed={**plan.fixed, **alone})
        if plan.fixed:
            try:
                probe = cases.draw(self._spec, self._rng, plan.fixed, plan.ties)
            except SpecError:
                return  # what looked like a weight has a shape that no filter has
        programmer = Programmer(plan, probe)
        try:
            programmer.make().forward(keep="y").harvest("", "self")
        except ValueError:
            return  # the layout leaves out an axis that this item needs
        self._calls += 1
        outcome = programmer.run(self._session)
        attempt = self._judged(plan, probe, outcome)
        if attempt.exact and not self._again(attempt.plan):
            attempt.score = 1.9  # right for these sizes only
        self._tried.append(attempt)

    def _again(self, plan: LayerPlan) -> bool:
        """True if the plan gives the true output for other sizes, too."""
        other = cases.draw(self._spec, self._rng, plan.fixed, plan.ties)
        for _ in range(20):
            filter_differs = (
                plan.fixed
                or self._spec.sizes.get("F", (0, 0))[0] == self._spec.sizes.get("F", (0, 0))[1]
            )
            if filter_differs or all(
                other.sizes[a] != self._probe(plan).sizes[a]
                for w in self._spec.weights.values() for a in w.axes
                if self._spec.sizes[a][0] != self._spec.sizes[a][1]
            ):  # fmt: skip
                break
            other = cases.draw(self._spec, self._rng, plan.fixed, plan.ties)
        self._calls += 1
        outcome = Programmer(plan, other).make().forward(keep="y").run(self._session)
        entries = [e for e in outcome.found if e.path[0] == "y"]
        return matching.find(entries, other.truth("forward"), self._spec.tolerance) is not None

    def _judged(self, plan: LayerPlan, probe: LayerCase, outcome: Outcome) -> Attempt:
        truth = probe.truth("forward")
        wanted = output_layout(self._spec, plan.x_layout)
        attempt = Attempt(plan, 0.0, outcome.error, outcome.timed_out, outcome.died)
        # An output that is returned counts before one that is only kept.
        entries = [e for e in outcome.found if e.path[0] == "y"]
        for entry in entries:
            hit = matching.match(entry.array, truth, self._spec.tolerance)
            if hit:
                order = layouts.order_of(hit[0], truth.sizes) == layouts.order_of(
                    wanted, truth.sizes
                )
                attempt.y = entry
                attempt.score = 2.5 if order else 2.0
                attempt.plan = self._located(plan, probe, outcome)
                return attempt
        given = output_of(entries, "y")
        attempt.y = given
        if outcome.ok or given is not None:
            attempt.score = 0.1
        if given is not None and given.kind != "scalar":
            best = 0.0
            for layout in layouts.possible(given.array.shape, truth.axes, truth.sizes):
                expected = layouts.apply(layout, truth.array, truth.axes)
                share = matching.share_right(given.array, expected, self._spec.tolerance)
                aligned = layouts.order_of(layout, truth.sizes) == layouts.order_of(
                    wanted, truth.sizes
                )
                best = max(best, (0.6 if aligned else 0.4) + share)
            attempt.score += best + 0.1
        attempt.plan = self._located(plan, probe, outcome)
        return attempt

    # -- plans ---------------------------------------------------------------------------

    def _plans(self, forward: Callable_, backward: Callable_ | None) -> Iterator[LayerPlan]:
        # A call is given arrays and how to convolve; sizes it reads off the arrays.
        roles = {"stride", "padding", "filter_size"}
        if self._spec.weights:
            roles |= {"weight", "bias", "optimizer", "lr"}
        forward_call = self._call(forward, "input", roles)
        backward_call = None
        if backward is not None:
            backward_call = self._call(backward, "upstream", {*roles, "input", "output"})
        passed = {a.kind for a in forward_call.arguments}
        for as_of in self._moments():
            for construct in self._constructs():
                base = LayerPlan(
                    self._definition, construct, forward_call, backward_call,
                    self._layouts[0], as_of=as_of, ties=self._ties(construct),
                    set_sizes=settable_sizes(self._spec, self._definition, construct),
                )  # fmt: skip
                made = self._made(base)
                if made is None:
                    continue
                yield from self._fed(base, made, passed | {a.kind for a in construct})
                if self._tried and max(a.score for a in self._tried) >= 0.6:
                    break  # it computes: another way to construct it changes nothing

    def _moments(self) -> Iterator[int | None]:
        """Which state of the notebook's globals to call it in: its section's end, or the end."""
        used = {
            n.id for n in ast.walk(ast.parse(self._definition.source)) if isinstance(n, ast.Name)
        }
        end = section_end(self._session, self._definition)
        later: set[str] = set()
        for index, run in self._session.runs.items():
            if index > end:
                later |= run.names
        if used & later:
            yield end
        yield None

    def _constructs(self) -> Iterator[tuple[Argument, ...]]:
        constructor = self._definition.constructor
        if constructor is None:
            yield ()
            return
        # A layer without weights has nothing to initialise or update.
        allowed = {*(_PROVIDED if self._spec.weights else ()), *self._spec.roles}
        base = self._arguments(constructor, allowed, set())
        own: list[list[Argument | None]] = []
        for argument in base:
            options: list[Argument | None] = [argument]
            if argument.kind in ("initializer", "optimizer"):
                source = self._sites.expression(self._definition, constructor, argument.parameter)
                if source is not None:
                    options.append(
                        Argument(argument.parameter, "expression", source, argument.keyword)
                    )
                if argument.keyword:
                    options.append(None)
            own.append(options)
        combos = sorted(itertools.product(*(range(len(o)) for o in own)), key=lambda c: (sum(c), c))
        for combo in combos[:6]:
            chosen = [own[i][c] for i, c in enumerate(combo)]
            yield tuple(a for a in chosen if a is not None)
        yield from self._paired(base)
        yield from self._worded(base)
        yield from self._guessed(base)
        # As the notebook itself constructs it, where the names say nothing.
        literal = self._literal(constructor)
        if literal is not None:
            yield literal

    def _paired(self, base: list[Argument]) -> Iterator[tuple[Argument, ...]]:
        """Sizes of two axes given as one pair: ``filter_size=(3, 2)``, ``stride=(1, 1)``."""
        pairs = {
            a: replace(a, kind="pair")
            for a in base
            if a.kind == "size" and f"{a.text.split('_')[0]}_height" in self._spec.roles
            and a.text in ("filter_size", "pool_size", "stride", "padding")
        }  # fmt: skip
        if pairs:
            yield tuple(pairs.get(a, a) for a in base)
            for alone in pairs:
                yield tuple(pairs[a] if a is alone else a for a in base)

    def _worded(self, base: list[Argument]) -> Iterator[tuple[Argument, ...]]:
        """A class that is told by a word what to compute: ``Activator("sigmoid")``."""
        unknown = [a for a in base if a.kind in ("value", "expression")]
        if self._spec.weights or len(unknown) != 1:
            return
        for word in words_for(self._spec, self._definition):
            yield tuple(
                replace(a, kind="expression", text=repr(word)) if a is unknown[0] else a
                for a in base
            )

    def _guessed(self, base: list[Argument]) -> Iterator[tuple[Argument, ...]]:
        """Parameters whose names say nothing, tried as each size that no other parameter has."""
        unknown = [i for i, a in enumerate(base) if a.kind in ("value", "expression")]
        taken = {a.text for a in base if a.kind == "size"}
        free = [r for r in self._spec.roles if r not in taken]
        if not 0 < len(unknown) <= 3:
            return
        for roles in itertools.islice(itertools.permutations(free, len(unknown)), 30):
            chosen = list(base)
            for place, role in zip(unknown, roles, strict=True):
                old = base[place]
                chosen[place] = Argument(old.parameter, "size", role, old.keyword)
            yield tuple(chosen)

    def _literal(self, constructor: Callable_) -> tuple[Argument, ...] | None:
        for site in self._sites.of(self._definition, constructor):
            arguments = [
                Argument(
                    p.name,
                    "expression",
                    site.arguments[p.name],
                    p.keyword_only or p.default is not None,
                )
                for p in constructor.parameters
                if p.name in site.arguments
            ]
            needed = {p.name for p in constructor.required}
            if needed <= {a.parameter for a in arguments}:
                return tuple(arguments)
        return None

    def _arguments(self, target: Callable_, allowed: set[str], taken: set[str]) -> list[Argument]:
        arguments = []
        for parameter in target.parameters:
            argument = self._argument(target, parameter, allowed, taken)
            if argument is not None:
                arguments.append(argument)
        return arguments

    def _argument(
        self, target: Callable_, parameter: Parameter, allowed: set[str], taken: set[str]
    ) -> Argument | None:
        keyword = parameter.keyword_only or parameter.default is not None
        role = self._role(parameter, allowed, taken)
        if role is not None and role not in _PROVIDED and role not in ("input", "output"):
            role = role if role in self._spec.roles else None
        if role is None:
            if keyword:
                return None  # the student's own default stands
            source = self._sites.expression(self._definition, target, parameter.name)
            if source is None:
                return Argument(parameter.name, "value", "", keyword)
            return Argument(parameter.name, "expression", source, keyword)
        taken.add(role)
        if role in self._spec.roles:
            return Argument(parameter.name, "size", role, keyword)
        return Argument(parameter.name, role, "", keyword)

    def _role(self, parameter: Parameter, allowed: set[str], taken: set[str]) -> str | None:
        if parameter.default in ("True", "False"):
            return None
        for role in lexicon().roles(parameter.name):
            if role in allowed and role not in taken:
                return role
        return None

    def _call(self, target: Callable_, first: str, allowed: set[str]) -> Call:
        """The arguments of forward (first: input) or backward (first: upstream)."""
        required = [p for p in target.parameters if p.default is None]
        arguments: list[Argument] = []
        taken: set[str] = set()
        main = self._main_parameter(required or list(target.parameters), first)
        for parameter in target.parameters:
            keyword = parameter.keyword_only or (
                parameter.default is not None and parameter is not main
            )
            if parameter is main:
                arguments.append(Argument(parameter.name, first))
                continue
            argument = self._argument(target, parameter, allowed - {first}, taken)
            if argument is None or (keyword and argument.kind in ("input", "output")):
                continue
            if keyword and argument.kind == "size" and self._definition.kind != "pair":
                continue  # a method's own default stands; a function has nothing else to go by
            arguments.append(argument)
        return Call(target.name, tuple(arguments))

    @staticmethod
    def _main_parameter(parameters: list[Parameter], first: str) -> Parameter | None:
        if len(parameters) > 1 and first == "upstream":
            for parameter in parameters:
                roles = lexicon().roles(parameter.name)
                if roles and roles[0] == "upstream":
                    return parameter
            for parameter in parameters:
                roles = lexicon().roles(parameter.name)
                if not roles or "upstream" in roles:
                    return parameter
        return parameters[0] if parameters else None

    # -- what the class keeps --------------------------------------------------------------

    def _made(self, plan: LayerPlan) -> Outcome | None:
        """Construct only; None if that raises."""
        self._calls += 1
        probe = self._probe(plan)
        outcome = Programmer(plan, probe).make().harvest("", "self").run(self._session)
        if outcome.ok:
            return outcome
        self._error = self._error or outcome.error
        if plan.set_sizes and outcome.error and outcome.failed_step:
            return None
        self._tried.append(Attempt(plan, 0.0, outcome.error, outcome.timed_out, outcome.died))
        return None

    def _fed(self, base: LayerPlan, made: Outcome, passed: set[str]) -> Iterator[LayerPlan]:
        """The ways to give the constructed layer its weights and its input."""
        setter = setter_of(self._definition)
        if setter is not None and not passed & {"weight", "bias"}:
            call = self._call(setter, "weight", {"weight", "bias"})
            base = base.with_(setter=call)
            passed = passed | {a.kind for a in call.arguments}
        plan = self._located(base, self._probe(base), made)
        weights = list(self._spec.weights)
        in_call = {n for n in weights if ("weight" if n == "W" else "bias") in passed}
        # What is passed in several layouts is looked for anew with each of them.
        plan = plan.with_(places={n: p for n, p in plan.places.items() if n not in in_call})
        missing = [n for n in weights if n not in in_call and n not in plan.places]
        overwrite: dict[str, Place] = {}
        fixed: dict[str, int] = {}
        lazy = False
        if missing:
            found = made.found
            if not any(_weight_like(e, "W") for e in found) and "W" in missing:
                lazily = self._lazy(plan)
                if lazily is not None:
                    found, lazy = lazily, True
            for name in missing:
                place, sizes = self._overwritable(plan, found, name)
                if place is not None:
                    overwrite[name] = place
                    fixed.update(sizes)
        if overwrite:
            places = {**plan.places, **overwrite}
            plan = plan.with_(places=places, overwrite=True, lazy=lazy)
        weight_options: Iterable[Layout] = [()]
        bias_options: Iterable[Layout] = [()]
        if "W" in in_call:
            weight_options = [layouts.parse(t) for t in self._spec.weights["W"].layouts]
        if "b" in in_call:
            bias_options = _BIAS_LAYOUTS
        variants = (0, 1) if any(a.kind == "initializer" for a in base.construct) else (0,)
        for bias in bias_options:
            for weight in weight_options:
                for variant in variants:
                    for x_layout in self._layouts:
                        passed_layouts = {}
                        if "W" in in_call:
                            passed_layouts["W"] = weight
                        if "b" in in_call:
                            passed_layouts["b"] = bias
                        yield plan.with_(
                            x_layout=x_layout, weight_layouts=passed_layouts, variant=variant
                        )
        if "b" in overwrite and not overwrite["b"].scalar:
            for bias in _BIAS_LAYOUTS[1:]:
                places = {**plan.places, "b": Place(overwrite["b"].path, bias)}
                for x_layout in self._layouts:
                    yield plan.with_(x_layout=x_layout, places=places)
        if fixed:
            for x_layout in self._layouts:
                yield plan.with_(x_layout=x_layout, fixed=fixed)

    def _lazy(self, plan: LayerPlan) -> tuple[Found, ...] | None:
        """What the instance holds after a first forward, for weights that are made then."""
        for x_layout in self._layouts:
            self._calls += 1
            programmer = Programmer(plan.with_(x_layout=x_layout), self._probe(plan))
            try:
                outcome = (
                    programmer.make().forward(optional=True).harvest("", "self").run(self._session)
                )
            except ValueError:
                continue
            if any(_weight_like(e, "W") for e in outcome.found):
                return outcome.found
        return None

    def _located(self, plan: LayerPlan, probe: LayerCase, outcome: Outcome) -> LayerPlan:
        """The plan with the places where the weights are found in the instance."""
        places = dict(plan.places)
        for name in self._spec.weights:
            if name in places:
                continue
            truth = probe.weight(name)
            candidates = [e for e in outcome.found if e.path[0] == "self" and len(e.path) > 1]
            candidates.sort(key=lambda e: not _weight_like(e, name))
            if truth.array.size == 1:
                candidates = [e for e in candidates if _weight_like(e, name)]
            hit = matching.find(candidates, truth, 1e-12)
            if hit is not None:
                scalar = next(e.kind == "scalar" for e in candidates if e.path == hit.path)
                places[name] = Place(hit.path[1:], hit.layout, scalar)
        return plan.with_(places=places)

    def _overwritable(
        self, plan: LayerPlan, found: Sequence[Found], name: str
    ) -> tuple[Place | None, dict[str, int]]:
        """The attribute that holds parameter `name`, and the sizes that its shape fixes."""
        axes = self._spec.weights[name].axes
        sizes = {a: self._probe(plan).sizes[a] for a in axes}
        hits = [e for e in found if _weight_like(e, name)]
        hits.sort(key=lambda e: (len(e.path), e.kind == "scalar"))
        for entry in hits:
            fitting = layouts.possible(entry.array.shape, axes, sizes)
            path = entry.path[1:]
            if fitting:
                fixed = {a: sizes[a] for a in axes if a in self._spec.sizes}
                return Place(path, fitting[0], entry.kind == "scalar"), fixed
        for entry in hits:
            path = entry.path[1:]
            if entry.kind == "scalar" or entry.array.ndim == 0:
                return Place(path, None, True), {}
            for text in self._spec.weights[name].layouts:
                layout = layouts.parse(text)
                if len(layout) == entry.array.ndim:
                    shape = dict(zip(text, entry.array.shape, strict=True))
                    drawn = {a: n for a, n in shape.items() if a in self._spec.sizes}
                    return Place(path, layout), drawn
            return Place(path, layouts.parse(self._spec.weights[name].layouts[0])), {}
        return None, {}


def _weight_like(entry: Found, name: str) -> bool:
    """True if the entry's own name is one that a weight or bias has."""
    if len(entry.path) < 2 or entry.path[0] != "self":
        return False
    last = next((p for p in reversed(entry.path) if isinstance(p, str)), "")
    role = "weight" if name == "W" else "bias"
    return lexicon().is_a(str(last), role) and not lexicon().is_a(str(last), "upstream")


def settable_sizes(
    spec: ItemSpec, definition: Definition, construct: Sequence[Argument]
) -> dict[str, str]:
    """Attributes that stand for a size which the item varies and no parameter gives."""
    given = {a.text for a in construct if a.kind == "size"}
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(definition.source)):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
            and isinstance(node.ctx, ast.Store)
        ):
            role = next((r for r in lexicon().roles(node.attr) if r in spec.roles), "")
            if role in ("stride", "padding") and role not in given and _varies(spec, role):
                found[node.attr] = role
    return found


def _varies(spec: ItemSpec, role: str) -> bool:
    formula = spec.roles.get(role)
    return formula is not None and any(
        spec.sizes.get(n, (0, 0)) not in ((0, 0), (1, 1)) for n in formula.names
    )


def section_end(session: Session, definition: Definition) -> int:
    """The last cell of the section in which the definition stands."""
    end = definition.cell
    for cell in session.submission.cells:
        if cell.index > end:
            if cell.section is not definition.section and cell.section != definition.section:
                break
            end = cell.index
    return end
