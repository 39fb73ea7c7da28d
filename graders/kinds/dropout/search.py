"""How a dropout layer wants to be called: where it takes its probability, and how it is told a test.

No output is the true one, since what is left out is drawn: a way is kept that gives an output of the input's
shape, one that leaves something out before others.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

import numpy as np

from graders.arrays import layouts
from graders.arrays.matching import Truth
from graders.binding import standing
from graders.binding.array_use import keys_of
from graders.binding.best import best_of
from graders.binding.callsites import CallSites
from graders.binding.candidates import methods_for
from graders.binding.completing import completed
from graders.binding.constructing import Construction
from graders.binding.definitions import Callable_, Definition
from graders.binding.kept_output import kept_output
from graders.binding.lexicon import lexicon
from graders.binding.mode_names import asks_for_mode
from graders.binding.modes import NOTHING, Mode, Told, modes
from graders.binding.moments import moments
from graders.binding.plans import Argument, Call, LayerPlan
from graders.binding.standing import Standing
from graders.binding.telling import Teller
from graders.binding.worded import is_text
from graders.cases import LayerCase, draw_sizes
from graders.kinds.layer.search import with_parts
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec

PROBE = 0.35  # no probability to keep is this one's to leave out
_WAYS = 3  # of constructing it
_LEAST = 4  # that is shown by what gives an output of the input's shape ...
_ALL = 15  # ... and by what is right in all
_KEPT = re.compile(r"(?!\w*mask)\w*(keep|kept|retain|incl|surviv|live)\w*", re.I)
_DROPPED = re.compile(r"(?!\w*mask)(\w*(drop|zero|omit|discard)\w*|rate)", re.I)
_EITHER = re.compile(
    r"p|pr|prob(s|ability)?|thresh(old)?|alpha|percent(age)?|ratio|frac(tion)?", re.I
)
_DRAWS = re.compile(r"rng|random_?(state|generator)|generator|rand(om)?", re.I)

_GENERATOR = "__import__('numpy').random.RandomState()"


class Meaning(Enum):
    """Of what a probability is, as far as its name tells."""

    KEPT = auto()
    DROPPED = auto()
    EITHER = auto()

    def kept(self, probability: float) -> float:
        """The share to be kept, where the probability is of what is kept, or of what is left out."""
        return probability if self is Meaning.KEPT else 1 - probability


def meaning(name: str) -> Meaning | None:
    """What a parameter of that name says the probability is of; None for another parameter."""
    plain = name.strip("_")
    for pattern, said in (
        (_KEPT, Meaning.KEPT),
        (_DROPPED, Meaning.DROPPED),
        (_EITHER, Meaning.EITHER),
    ):
        if pattern.fullmatch(plain):
            return said
    return None


@dataclass(frozen=True)
class DropoutPlan:
    """How a dropout is called. Arguments of kind ``probability``, ``mode`` and ``told`` (a dict of both) are those
    that change from call to call. `own`: the probability that the class has for itself. `tested`: the call in a
    test, of a class that has another forward for it.
    """

    layer: LayerPlan
    mode: Mode
    means: Meaning
    name: str = ""  # of the probability
    own: float | None = None
    tested: Call | None = None


@dataclass
class DropoutRun:
    """One input: what came of a training, of another one and of a test; after a test, of a third training.

    Each is beside whether its call ended.
    """

    probability: float
    x: np.ndarray
    dy: np.ndarray
    outcome: Outcome
    train: Standing
    trained: bool
    back: Standing
    went_back: bool
    again: Standing
    repeated: bool
    test: Standing
    tested: bool
    after: Standing | None = None  # None: it was not called for
    returned: bool = True  # from that third training
    damaged: list[str] = field(default_factory=list)

    @property
    def drops(self) -> bool:
        """True if a training left something out and kept something."""
        return any(np.any(e.array == 0) and np.any(e.array != 0) for e in self.train.entries)

    @property
    def shows(self) -> int:
        """How much of a dropout it is: a training that leaves something out, an output, a way back, a test."""
        score = 8 * self.drops + 4 * bool(self.train.entries or self.train.rivals)
        return score + 2 * bool(self.back.entries) + bool(self.test.entries)


class _Programmer(Teller):
    """Writes the steps of a plan, with the probability and the mode of the moment."""

    def __init__(self, plan: DropoutPlan, case: LayerCase, probability: float) -> None:
        super().__init__(plan.layer, case, plan.mode, plan.tested)
        self._dropout, self._probability = plan, probability

    def value(self, argument: Argument, upstream: np.ndarray | None = None) -> dict[str, Any]:
        """The described value of an argument."""
        mode = self._dropout.mode
        match argument.kind:
            case "probability":
                return {"v": self._probability}
            case "told":
                told: dict[str, Any] = {k: self._probability for k, role in argument.keys if role}
                if mode.told is Told.KEY and mode.parameter == argument.parameter:
                    told[mode.name] = mode.value(self.training)
                return {"dict": {key: {"v": value} for key, value in told.items()}}
        return super().value(argument, upstream)


class DropoutSearch:
    """Finds the way that a class, or functions in its place, is called as a dropout, and calls it."""

    def __init__(
        self, session: Session, sites: CallSites, spec: ItemSpec, definition: Definition
    ) -> None:
        self._session, self._sites = session, sites
        self._spec, self._definition = spec, definition
        self._construction = Construction(sites, spec, definition)
        self.error: CellError | None = None  # of the first way that raised
        self.tried: list[DropoutPlan] = []

    def best(self, rng: np.random.Generator) -> DropoutPlan | None:
        """The way that shows the most; None if none gives an output of the input's shape."""
        runs = self._runs(rng)
        best = best_of(runs, lambda tried: (tried[1].shows,), lambda tried: tried[1].shows == _ALL)
        return best[0] if best is not None and best[1].shows >= _LEAST else None

    def _runs(self, rng: np.random.Generator) -> Iterator[tuple[DropoutPlan, DropoutRun]]:
        for plan in self._plans():
            plan = self._parted(plan, rng)
            (run,) = self.run(plan, plan.own or PROBE, [self.case(rng)], rng)
            self.tried.append(plan)
            if not run.trained and not _of_something_else(plan):
                self.error = self.error or run.outcome.error
            if run.drops or not _of_something_else(plan):
                yield plan, run

    def case(self, rng: np.random.Generator) -> LayerCase:
        """An input without zeros, and what comes back from the layer behind it."""
        return self.cases(rng, 1)[0]

    def cases(self, rng: np.random.Generator, count: int) -> list[LayerCase]:
        """Some of the same sizes."""
        sizes = draw_sizes(self._spec, rng)
        shape = [sizes[axis] for axis in self._spec.axes]
        drawn = [(rng.standard_normal(shape), rng.standard_normal(shape)) for _ in range(count)]
        return [LayerCase(self._spec, sizes, x, {}, dy, x) for x, dy in drawn]

    # -- plans ---------------------------------------------------------------------------

    def _plans(self) -> Iterator[DropoutPlan]:
        definition = self._definition
        forward, backward = methods_for(self._spec, definition)
        if forward is None:
            return
        called = self._construction.call(forward, "input", set())
        back = (
            self._construction.call(backward, "upstream", {"input", "output"}) if backward else None
        )
        ways = [()] if definition.kind == "pair" else self._constructions()
        told = [*modes(definition, forward), NOTHING]
        for mode, construct in itertools.product(told, ways):
            plan = LayerPlan(
                definition,
                self._told(definition.constructor, construct, mode),
                replace(called, arguments=self._told(forward, called.arguments, mode)),
                back and replace(back, arguments=self._told(backward, back.arguments, mode)),
                layouts.parse(self._spec.layouts[0]),
                as_of=next(iter(moments(self._session, definition))),
                y_kept=kept_output(self._session.submission, definition.name, forward, backward),
            )
            yield from self._made(plan, mode)

    def _constructions(self) -> list[tuple[Argument, ...]]:
        """The constructor's arguments, as they are known; then with what draws, where it can be left out."""
        found = list(itertools.islice(self._construction.ways(), _WAYS))
        constructor = self._definition.constructor
        left_out = [
            Argument(p.name, "expression", _GENERATOR, True)
            for p in (constructor.parameters if constructor is not None else ())
            if p.default == "None" and _DRAWS.fullmatch(p.name)
        ]
        return [*found, *((*way, *left_out) for way in found if left_out)]

    def _told(
        self, target: Callable_ | None, arguments: Sequence[Argument], mode: Mode
    ) -> tuple[Argument, ...]:
        """The arguments of a call, with those that tell the probability and the mode."""
        if target is None:
            return tuple(arguments)
        found = {a.parameter: a for a in arguments}
        first = next((a.parameter for a in arguments if a.kind in ("input", "upstream")), "")
        probability = _probability_of(target, first)
        ordered = []
        for parameter in target.parameters:
            argument = found.get(parameter.name)
            keyword = parameter.keyword_only or parameter.default is not None
            if parameter.name == probability:
                argument = Argument(parameter.name, "probability", "", keyword)
            elif keys := self._keys(target, parameter.name):
                argument = Argument(parameter.name, "told", "", keyword, keys)
            elif parameter.name == first:
                pass
            elif asks_for_mode(parameter.name) or (
                mode.told is Told.ARGUMENT and mode.name == parameter.name
            ):
                if mode.told is Told.ARGUMENT and target.name != "__init__":
                    argument = Argument(parameter.name, "mode", "", keyword)
                elif parameter.default is None:
                    argument = Argument(parameter.name, "flag", "", keyword)
            elif (
                argument is not None
                and argument.kind == "value"
                and _DRAWS.fullmatch(parameter.name)
            ):
                argument = replace(argument, kind="expression", text=_GENERATOR)
            if argument is not None:
                ordered.append(argument)
        return tuple(ordered)

    @staticmethod
    def _keys(target: Callable_, name: str) -> tuple[tuple[str, str], ...]:
        """Of a dict that a function takes: the key of the probability, and that of the mode."""
        keys = keys_of(target, name)
        probability = _likeliest(keys)
        return tuple((k, "probability" if k == probability else "") for k in keys if probability)

    def _made(self, plan: LayerPlan, mode: Mode) -> Iterator[DropoutPlan]:
        """The plan with its probability, and with what completes the layer."""
        arguments = (*plan.construct, *plan.forward.arguments)
        name = next((a.parameter for a in arguments if a.kind == "probability"), "")
        name = name or next((k for a in arguments if a.kind == "told" for k, r in a.keys if r), "")
        said = meaning(name) if name else None
        if plan.definition.kind == "pair":
            if said is not None:
                yield DropoutPlan(plan, mode, said, name)
            return
        case = self.case(np.random.default_rng(0))
        made = DropoutPlan(plan, mode, said or Meaning.EITHER, name, tested=self._tested(mode))
        outcome = _Programmer(made, case, PROBE).make().harvest("", "self").run(self._session)
        if not outcome.ok:
            if not _of_something_else(made):
                self.error = self.error or outcome.error
            return
        submission = self._session.submission
        more = completed(
            submission, self._spec, plan.definition, self._construction, plan, outcome.found
        )
        for layer in (*itertools.islice(more, 2), plan):
            if said is not None:
                yield replace(made, layer=layer)
            elif (kept := _kept_probability(outcome.found)) is not None:
                own, value = kept
                means = meaning(own) or Meaning.EITHER
                yield replace(made, layer=layer, means=means, name=own, own=value)

    def _tested(self, mode: Mode) -> Call | None:
        """The call of a forward of its own for tests."""
        if mode.told is not Told.FORWARD:
            return None
        method = self._definition.methods[mode.name]
        call = self._construction.call(method, "input", set())
        return replace(call, arguments=self._told(method, call.arguments, mode))

    def _parted(self, plan: DropoutPlan, rng: np.random.Generator) -> DropoutPlan:
        """The plan with the place of the output in what forward returns."""
        if plan.layer.y_kept:
            return plan
        (run,) = self.run(plan, plan.own or PROBE, [self.case(rng)], rng)
        for entry in run.train.entries[:1]:
            return replace(plan, layer=with_parts(plan.layer, entry))
        return plan

    # -- running -------------------------------------------------------------------------

    def run(
        self,
        plan: DropoutPlan,
        probability: float,
        cases: Sequence[LayerCase],
        rng: np.random.Generator,
        before: Sequence[LayerCase] = (),
    ) -> list[DropoutRun]:
        """One instance: for each case a training, back and another training; then a test of each, and a last training.

        Calls in a row go on drawing where those before them stopped, whoever seeded what they draw from. `before`:
        trainings on other data.
        """
        programmer = _Programmer(plan, cases[0], probability)
        steps = programmer.wire.steps
        # What is drawn without a seed of the student's own differs from program to program.
        steps.append({"do": "seed", "seed": int(rng.integers(2**31))})
        programmer.begin()
        goes_back, told = plan.layer.backward is not None, plan.mode.told is not Told.NOTHING
        for other in before:
            programmer.case = other
            programmer.forward(optional=True)
            if goes_back:
                programmer.backward(other.upstream, optional=True)
        places: dict[str, int] = {}  # of the calls, among the steps
        for number, case in enumerate(cases):
            programmer.case = case
            programmer.forward(f"{number}:train", optional=True)
            places[f"{number}:train"] = len(steps) - 1
            programmer.harvest(f"{number}:pre:", "self")
            if goes_back:
                programmer.backward(case.upstream, f"{number}:ret", optional=True)
                places[f"{number}:ret"] = len(steps) - 1
            programmer.harvest(f"{number}:", "self", "x", "dy")
            programmer.forward(f"{number}:again", optional=True)
            places[f"{number}:again"] = len(steps) - 1
        telling = len(steps)
        if told:
            programmer.tell(False)
            heard = range(telling, len(steps))
            for number, case in enumerate(cases):
                programmer.case = case
                programmer.forward(f"{number}:test", optional=True)
                places[f"{number}:test"] = len(steps) - 1
            programmer.tell(True)
            programmer.forward(f"{len(cases) - 1}:after", optional=True)
            places[f"{len(cases) - 1}:after"] = len(steps) - 1
        programmer.end()
        outcome = programmer.run(self._session)
        ended = dict(enumerate(outcome.outcomes))
        done = {name: ended.get(place, False) for name, place in places.items()}
        hears = told and all(ended.get(place, False) for place in heard)
        return [
            self._read(plan, probability, case, outcome, number, done, hears)
            for number, case in enumerate(cases)
        ]

    def _read(
        self,
        plan: DropoutPlan,
        probability: float,
        case: LayerCase,
        outcome: Outcome,
        number: int,
        done: Mapping[str, bool],
        hears: bool,
    ) -> DropoutRun:
        """One case of a program. `hears`: the layer could be told that it is a test."""
        heads = {kind: f"{number}:{kind}" for kind in ("train", "ret", "again", "test", "after")}
        train = self._output(plan, case, outcome, number, "train")
        tested = hears and done.get(heads["test"], False)
        after = heads["after"] in done
        run = DropoutRun(
            probability, case.x, case.upstream, outcome,
            train, done[heads["train"]],
            self._back(case, outcome, train, number), done.get(heads["ret"], False),
            self._output(plan, case, outcome, number, "again"), done[heads["again"]],
            self._output(plan, case, outcome, number, "test") if tested else Standing(), tested,
            self._output(plan, case, outcome, number, "after") if after else None,
            done.get(heads["after"], True),
        )  # fmt: skip
        for handle, given in (("x", case.x), ("dy", case.upstream)):
            mine = (e.array for e in outcome.found if e.path == (f"{number}:{handle}",))
            now = next(mine, given)
            if now.shape != given.shape or not np.array_equal(now, given):
                run.damaged.append(handle)
        return run

    @staticmethod
    def _output(
        plan: DropoutPlan, case: LayerCase, outcome: Outcome, number: int, kind: str
    ) -> Standing:
        path = (f"{number}:{kind}", *plan.layer.y_path)
        mine = [
            _under(e, kind) for e in outcome.found
            if e.path[: len(path)] == path and e.array.shape == case.x.shape
        ]  # fmt: skip
        truth = Truth(case.x, case.spec.axes)
        return standing.returned(
            standing.fitting(mine, truth),
            standing.forms_of(truth),
            lambda name: lexicon().is_a(name, "output"),
        )

    @staticmethod
    def _back(case: LayerCase, outcome: Outcome, train: Standing, number: int) -> Standing:
        entries = [e for e in outcome.found if e.array.shape == case.x.shape]
        ret = [_under(e, "ret") for e in entries if e.path[0] == f"{number}:ret"]
        after = [_under(e, "self") for e in entries if e.path[0] == f"{number}:self"]
        before = {e.path[1:]: e.array for e in entries if e.path[0] == f"{number}:pre:self"}
        untouched = frozenset(
            e.path for e in after
            if e.path[1:] in before and np.array_equal(before[e.path[1:]], e.array, equal_nan=True)
        )  # fmt: skip
        known = [case.x, *(e.array for e in train.entries)]
        truth = Truth(case.upstream, case.spec.axes)
        return standing.gradient(case.spec, "dX", truth, ret, after, untouched, known)


def _under(entry: Found, head: str) -> Found:
    """The entry with another first part of its path."""
    return replace(entry, path=(head, *entry.path[1:]))


def _of_something_else(plan: DropoutPlan) -> bool:
    """True for a class that is handed an object of which nothing is known: it may wrap another layer."""
    return any(
        a.kind in ("expression", "value")
        and a.text != _GENERATOR
        and not _DRAWS.fullmatch(a.parameter)
        for a in plan.layer.construct
    )


def _likeliest(names: Sequence[str]) -> str:
    """Of some names the one that says most clearly that it is the probability; "" if none does."""
    said = [(m.value, i, n) for i, n in enumerate(names) if (m := meaning(n)) is not None]
    return min(said)[2] if said else ""


def _probability_of(target: Callable_, main: str) -> str:
    """The parameter that takes the probability; "" if there is none."""
    may_be = [
        p.name for p in target.parameters
        if p.name != main and p.default not in ("True", "False", "None") and not is_text(p.default)
        and not keys_of(target, p.name)
    ]  # fmt: skip
    return _likeliest(may_be)


def _kept_probability(found: Sequence[Found]) -> tuple[str, float] | None:
    """The name and the number that an instance without a place for it keeps as its probability."""
    numbers = {
        str(e.path[-1]): float(e.array)
        for e in found
        if e.kind == "scalar" and e.path[0] == "self" and len(e.path) == 2
        and e.array.dtype.kind == "f" and 0 < float(e.array) < 1
    }  # fmt: skip
    name = _likeliest(list(numbers))
    return (name, numbers[name]) if name else None
