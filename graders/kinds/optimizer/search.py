"""Runs a student's optimiser for several steps with known gradients and reads the weights.

Two ways: the notebook's own dense layer drives it, or it is handed a stand-in for a layer (or
arrays, or dicts) whose attributes are named as the notebook's layers name theirs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.arrays import layouts
from graders.binding.arguments import OMIT, Arguments, Choice, schemes, ways
from graders.binding.array_use import is_function
from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import role_of
from graders.binding.lexicon import lexicon
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, Wire, upstream_for
from graders.binding.rates import is_rate, told
from graders.cases import LayerCase
from graders.kinds.layer.attempts import BoundLayer
from graders.kinds.optimizer.beside import beside_gradients, lists_of_sides
from graders.kinds.optimizer.changes import changes
from graders.kinds.optimizer.handing import (
    Handed,
    Handing,
    State,
    Value,
    around,
    counter_of,
    may_optimize,
    methods_of_sides,
    states_of,
    update_of,
)
from graders.kinds.optimizer.objects import (
    SECOND,
    Door,
    Taking,
    Thing,
    takings,
    takings_before,
    things,
)
from graders.kinds.optimizer.reading import reading
from graders.kinds.optimizer.roles import Evidence, attributes_of, held_layer
from graders.kinds.optimizer.settings import Settings
from graders.kinds.optimizer.standins import of_layers_alone, stand_in
from graders.kinds.optimizer.steps import Steps, Trial, Truth, draw_steps, other_steps
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec

__all__ = ["OptimizerSearch", "Trial", "may_optimize", "update_of"]

TOLD = 4  # the batch size that a layer's constructor is told


class OptimizerSearch:
    """All ways to run one optimiser, likeliest first."""

    def __init__(
        self,
        session: Session,
        sites: CallSites,
        spec: ItemSpec,
        layer: ItemSpec,
        definition: Definition,
        evidence: Evidence,
        settings: Settings,
        rng: np.random.Generator,
    ) -> None:
        self._session, self._sites, self._spec = session, sites, spec
        self._layer, self._definition = layer, definition
        self._settings, self._rng = settings, rng
        self._steps = draw_steps(layer, rng)
        self._handing = Handing(definition, evidence, settings)

    # -- construction --------------------------------------------------------------------

    def _constructs(
        self, sizes: Mapping[str, int], taken: Mapping[str, Choice] | None = None
    ) -> Iterator[Arguments]:
        """Ways to construct it; `taken`: what parameters get that take what is to be moved."""
        named = [Choice({"v": s}, repr(s)) for s in schemes(self._spec, self._definition)]
        rate = Choice({"v": LR}, "lr")
        n_in, n_out = (Choice({"v": sizes[a]}, str(sizes[a])) for a in ("I", "O"))
        shape = (sizes["I"], sizes["O"])
        whole = Choice({"tuple": [{"v": n} for n in shape]}, str(shape))

        held = held_layer(self._definition)
        constructor = self._definition.constructor
        names = constructor.names if constructor is not None else ()
        numbers, needed = self._settings.given(names), self._settings.needed(names)

        def options(parameter: Parameter) -> Sequence[Choice]:
            required = parameter.default is None
            if taken and parameter.name in taken:
                return [taken[parameter.name]]
            if is_rate(parameter.name):
                return [rate]
            if (both := self._settings.both(parameter)) is not None:
                return [Choice({"tuple": [{"v": v} for v in both]}, str(both))]
            if parameter.name in (numbers if not required else needed):
                value = needed[parameter.name]
                return [Choice({"v": value}, f"{value:g}")]
            if parameter.name in needed:
                return [OMIT]
            if required and constructor is not None and is_function(constructor, parameter.name):
                return []
            if held is not None and parameter.name == held[0]:
                return [Choice({"h": "layer"}, "layer")]
            usual = {"in": [n_in], "out": [n_out], "size": [n_in, n_out], "shape": [whole]}
            known = usual.get(role_of(parameter.name), [])
            if not required:
                return [*named, OMIT, *known] if parameter.default != "None" else [OMIT, *known]
            if known:
                return known
            source = self._sites.expression(
                self._definition, self._definition.constructor, parameter.name
            )
            own = [] if source is None else [Choice({"expr": source}, source)]
            return [*named, *own, rate, whole]

        yield from ways(constructor, options, 8)

    def _made(self, arguments: Arguments, handle: str = "opt") -> Value:
        definition = self._definition
        return {
            "do": "make", "name": definition.name, "cell": definition.cell, "out": handle,
            **arguments.step,
        }  # fmt: skip

    # -- driven by the notebook's own layer ------------------------------------------------

    def driven(self, bound: BoundLayer, as_of: int | None = None) -> Iterator[Trial]:
        """The layer calls it, or it is called with the layer after `backward`."""
        plan = bound.plan
        if plan is None or plan.backward is None or not {"W", "b"} <= plan.places.keys():
            return
        fixed = dict(plan.fixed)
        roles = (self._layer.roles[a.text] for a in plan.construct if a.kind == "size")
        if any("N" in role.names for role in roles):
            fixed.setdefault("N", TOLD)  # the layer divides by what it is told, by that alone
        steps = draw_steps(self._layer, self._rng, fixed) if fixed else self._steps
        slot = _optimizer_argument(plan)
        itself = {"find": [self._definition.name, self._definition.cell]}
        if self._definition.kind == "function":
            if slot is not None:
                yield self._drive(plan, steps, None, itself, as_of, False)
            return
        update = update_of(self._definition)
        alone = update is not None and len(update.required) == 1
        for arguments in self._constructs(steps.cases[0].sizes):
            trial = None
            if slot is not None:
                trial = self._drive(plan, steps, arguments, {"h": "opt"}, as_of, False)
                yield trial
            if alone and (trial is None or trial.still):
                yield self._drive(plan, steps, arguments, {"h": "opt"}, as_of, True)
        if slot is not None:  # the class is wanted, not an instance
            yield self._drive(plan, steps, None, itself, as_of, False)

    def _drive(
        self,
        plan: LayerPlan,
        steps: Steps,
        arguments: Arguments | None,
        optimizer: Value,
        as_of: int | None,
        outside: bool,
    ) -> Trial:
        update = update_of(self._definition)
        wire = Wire()
        if arguments is not None:
            wire.steps.append(self._made(arguments))
            wire.steps.append({"do": "harvest", "label": "", "of": ["opt"]})
        for number, case in enumerate(steps.cases):
            driver = _Driver(plan, case, wire, optimizer)
            if number == 0:
                driver.make()
                wire.steps.append({"do": "harvest", "label": "", "of": ["self"]})
                _read_places(wire, plan, 0)
            driver.forward()
            driver.backward(upstream_for(plan, case))
            if outside and update is not None:
                step: Value = {
                    "do": "call", "on": "opt", "method": update.name, "args": [{"h": "self"}],
                    "out": "updated",
                }  # fmt: skip
                wire.steps += around(self._definition, update, [step], "opt")
            _read_places(wire, plan, number + 1)
        outcome = self._session.run(wire.steps, wire.arrays, as_of)
        outcome = _apart(outcome, plan)
        truths = {n: _laid_out(t, plan, n, self._layer) for n, t in steps.truths.items()}
        method = f"{plan.definition.name}.{plan.backward.name}" if plan.backward else ""
        if outside and update is not None:
            method = f"{self._definition.name}.{update.name}(layer)"
        return self._trial(outcome, wire, truths, arguments, method)

    # -- handed what the notebook's own layer consists of ----------------------------------

    def given(
        self, bound: BoundLayer, everything: Sequence[Definition], as_of: int | None = None
    ) -> Iterator[Trial]:
        """It takes the layer's parameters, a list of layers or a network, and makes a step after each
        of the layer's own backwards.
        """
        plan, update = bound.plan, update_of(self._definition)
        if plan is None or plan.backward is None or update is None:
            return
        if not {"W", "b"} <= plan.places.keys():
            return
        steps = draw_steps(self._layer, self._rng, plan.fixed) if plan.fixed else self._steps
        for taking in takings(self._definition, update):
            node = reading(self._definition, update, taking)
            for thing in (*things(plan, everything), *of_layers_alone(node)):
                if not node.could_be(thing.attributes):
                    continue
                for arguments in self._taking(taking, thing, steps):
                    trial = self._give(plan, steps, update, taking, thing, arguments, as_of)
                    yield trial
                    if trial.complete or trial.error is not None:
                        break  # another way to construct it changes nothing

    def _taking(self, taking: Taking, thing: Thing, steps: Steps) -> Iterator[Arguments]:
        if self._definition.kind == "function":
            yield Arguments()
            return
        taken = {}
        constructor = self._definition.constructor
        asked = [p.name for p in constructor.required] if constructor is not None else []
        if taking.door is Door.CONSTRUCTOR or (taking.door is Door.STEP and taking.name in asked):
            taken[taking.name] = Choice(
                thing.value, thing.text
            )  # step(net) may ask for it once more
        yield from self._constructs(steps.cases[0].sizes, taken)

    def _give(
        self,
        plan: LayerPlan,
        steps: Steps,
        update: Callable_,
        taking: Taking,
        thing: Thing,
        arguments: Arguments,
        as_of: int | None,
    ) -> Trial:
        wire = Wire()
        a_class = self._definition.kind == "class"
        numbers = {n: {"v": v} for n, v in self._numbers(update).items()}
        step: Value = {"do": "call", "out": "updated", "kwargs": numbers}
        if a_class:
            step |= {"on": "opt", "method": update.name}
        else:
            step |= {"name": self._definition.name, "cell": self._definition.cell}
        if taking.door is Door.STEP:
            step["kwargs"][taking.name] = thing.value
        others = other_steps(self._layer, steps, self._rng) if thing.layers > 1 else None
        for number, case in enumerate(steps.cases):
            layers = [Programmer(plan, case)]
            layers += [Another(plan, others.cases[number])] if others is not None else []
            for layer in layers:
                layer.wire = wire
            if number == 0:
                for layer in layers:
                    layer.make()
                layers[0].harvest("", "self")
                wire.steps += thing.steps
                if a_class:
                    wire.steps.append(self._made(arguments))
                wire.steps += _taken(taking, thing)
                layers[0].harvest("", "opt")
                _read_places(wire, plan, 0, layers[-1])
            for layer in layers:
                layer.forward().backward(upstream_for(plan, layer.case))
            wire.steps += around(self._definition, update, [step], "opt")
            _read_places(wire, plan, number + 1, layers[-1])
            for layer in layers:
                layer.clear()
        outcome = _apart(self._session.run(wire.steps, wire.arrays, as_of), plan)
        truths = {n: _laid_out(t, plan, n, self._layer) for n, t in steps.truths.items()}
        if others is not None:
            second = {n: _laid_out(t, plan, n, self._layer) for n, t in others.truths.items()}
            truths = {n: truth.beside(second[n]) for n, truth in truths.items()}
        shown = thing.text if taking.door is Door.STEP else ""
        name = f"{self._definition.name}.{update.name}" if a_class else update.name
        return self._trial(
            outcome, wire, truths, arguments if a_class else None, f"{name}({shown})"
        )

    def _trial(
        self,
        outcome: Outcome,
        wire: Wire,
        truths: dict[str, Truth],
        arguments: Arguments | None,
        call: str,
    ) -> Trial:
        name = self._definition.name
        construct = name if arguments is None else f"{name}({arguments.text})"
        own = _of_optimizer(outcome.found)  # counts where nothing is handed over
        trial = Trial(name, construct, call, truths, {}, told(wire.steps, own))
        trial.settings = self._settings.told(wire.steps, own, self._definition)
        trial.error, trial.late, trial.died = outcome.error, outcome.timed_out, outcome.died
        known = {e.path: e.array for e in outcome.found}
        for side, truth in truths.items():
            states = [_state(known, f"{side}{k}") for k in range(len(truth.gradients) + 1)]
            if states[0] is not None:
                trial.starts[side] = states[0].astype(np.float64)
            trial.moves[side] = [
                after.astype(np.float64) - before
                for before, after in itertools.pairwise(states)
                if before is not None and after is not None and before.shape == after.shape
            ]
        return trial

    # -- handed a stand-in -----------------------------------------------------------------

    def handed(self, as_of: int | None = None) -> Iterator[Trial]:
        """It is called with a stand-in for a layer, with arrays or with dicts."""
        update = update_of(self._definition)
        if update is None:
            return
        read = attributes_of(self._definition, update)
        handed: Iterator[Handed] = self._handing.layers(update)
        if held_layer(self._definition) is None and not any(
            p.name in read for p in update.parameters
        ):
            handed = self._handing.plain(update)
        if methods_of_sides(self._definition) is not None:  # one of them says nothing of the other
            handed = self._handing.by_sides()
        failed = None
        for way in itertools.chain(handed, changes(self._session.submission, update)):
            for arguments in self._constructs(self._steps.cases[0].sizes):
                trial = self._hand(update, way, arguments, as_of)
                yield trial
                if trial.complete:
                    break
                failed = trial
            if failed is not None and failed.error is not None and failed.error.cell is None:
                continue

    def standing_in(
        self, everything: Sequence[Definition], as_of: int | None = None
    ) -> Iterator[Trial]:
        """It takes stand-ins for what its own code reads: parameter objects, layers, networks."""
        update = update_of(self._definition)
        if update is None:
            return
        beside = beside_gradients(self._definition, update, everything)
        for arguments in self._constructs(self._steps.cases[0].sizes) if beside else ():
            assert beside is not None
            trial = self._hand(update, beside, arguments, as_of)
            yield trial
            if trial.complete or trial.error is not None:
                break
        for taking in takings_before(self._definition):
            for listed in lists_of_sides(self._definition, update, taking):
                for arguments in self._taking(taking, THING, self._steps):
                    yield self._hand(update, listed, arguments, as_of)
        for taking in takings(self._definition, update):
            way = stand_in(self._definition, update, taking, everything)
            if way is None:
                continue
            for arguments in self._taking(taking, THING, self._steps):
                trial = self._hand(update, way, arguments, as_of)
                yield trial
                if trial.complete or trial.error is not None:
                    break

    def _hand(
        self, update: Callable_, way: Handed, arguments: Arguments, as_of: int | None
    ) -> Trial:
        wire = Wire()
        a_class = self._definition.kind == "class"
        for handle, make in way.made.items():
            value = make(self._steps.cases[0], wire)
            wire.steps.append(_held(handle, value, way.classes.get(handle)))
        numbers = {n: v for n, v in self._numbers(update).items() if n not in way.placed}
        kept = states_of(update)
        for number, handle in enumerate(way.optimizers):
            if a_class and not (way.one and number):
                wire.steps.append(self._made(arguments, handle))
                if way.taking is not None:
                    wire.steps += _taken(way.taking, THING)
                if number == 0:
                    wire.steps.append({"do": "harvest", "label": "", "of": ["opt"]})
        for side, (handle, path) in way.places.items():
            wire.steps.append({"do": "read", "on": handle, "path": path, "keep": _kept(side, 0)})
        for number, case in enumerate(self._steps.cases, 1):
            for handle, path, make in way.each:
                wire.steps.append(
                    {"do": "set", "on": handle, "path": path, "value": make(case, wire)}
                )
            called: list[Value] = []
            methods = way.methods or [update.name] * len(way.calls)
            for handle, makes, method in zip(way.optimizers, way.calls, methods, strict=True):
                step: Value = {"do": "call", "out": f"ret{handle}", "keep": f"ret{handle}{number}"}
                if a_class:
                    on = way.optimizers[0] if way.one else handle
                    step |= {"on": on, "method": method}
                else:
                    step |= {"name": self._definition.name, "cell": self._definition.cell}
                given = [make(case, wire) for make in makes]
                step["args"] = [] if way.names else given
                step["kwargs"] = {name: {"v": value} for name, value in numbers.items()}
                step["kwargs"] |= dict(zip(way.names, given, strict=False))
                for state in kept:  # as the last step returned it
                    step["kwargs"] |= self._state(state, way, handle, number, wire)
                if (counter := counter_of(update)) is not None:
                    step["kwargs"][counter] = {"v": number}
                called.append(step)
            wire.steps += self._called(update, called, way)
            for side, (handle, path) in way.places.items():
                wire.steps.append(
                    {"do": "read", "on": handle, "path": path, "keep": _kept(side, number)}
                )
        outcome = self._session.run(wire.steps, wire.arrays, as_of)
        truths = self._steps.truths
        if way.bias_row:
            rows = tuple(g[None] for g in truths["b"].gradients)
            truths["b"] = replace(truths["b"], gradients=rows)
        if way.second:
            truths = {n: t.beside(t.times(way.second)) for n, t in truths.items()}
        trial = self._trial(outcome, wire, truths, arguments, f"{update.name}({way.text})")
        for side in trial.moves:
            if not any(np.any(m) for m in trial.moves[side]):
                returned = _returned(outcome.found, trial, side, way)
                trial.moves[side] = returned or trial.moves[side]
                trial.afresh |= {side} if returned else set()
        if not a_class:
            trial.construct = self._definition.name
        return trial

    def _called(self, update: Callable_, steps: Sequence[Value], way: Handed) -> Iterator[Value]:
        """The calls of one step: of each optimiser, with what goes before and after them."""
        if self._definition.kind != "class":
            yield from steps
        elif way.one:
            yield from around(self._definition, update, steps, way.optimizers[0])
        else:
            for handle, step in zip(way.optimizers, steps, strict=True):
                yield from around(self._definition, update, [step], handle)

    def _numbers(self, update: Callable_) -> dict[str, float]:
        """The rate and the other numbers, by the names under which a step takes them."""
        required = {p.name for p in update.parameters if p.default is None}
        needed = self._settings.needed(update.names)
        numbers = {name: v for name, v in needed.items() if name in required}
        rates = {name: LR for name in update.names if is_rate(name)}
        return rates | numbers | self._settings.given(update.names)

    def _state(self, state: State, way: Handed, handle: str, number: int, wire: Wire) -> Value:
        """What a step is handed of its state: what it returned last; at first what it starts with."""
        if number > 1:
            return {state.name: {"h": f"ret{handle}", "path": [state.place]}}
        numbers = {k: LR for k in state.keys if is_rate(k)} | self._settings.given(state.keys)
        first: Value = {k: {"v": v} for k, v in numbers.items()}
        case = self._steps.cases[0]
        for key, side in state.sides.items():
            zeros = np.zeros_like(case.gradients["d" + side])
            first[key] = {"a": wire.array(zeros[None] if way.bias_row and side == "B" else zeros)}
        return {state.name: {"dict": first}} if first or state.default is None else {}


THING = Thing("...", {"h": "thing"})


def _held(handle: str, value: Value, definition: Definition | None) -> Value:
    """The step that keeps a value under a handle; where a class makes it, of that value."""
    if definition is None:
        return {"do": "hold", "out": handle, "value": value}
    return {
        "do": "make", "name": definition.name, "cell": definition.cell, "out": handle,
        "args": [value],
    }  # fmt: skip


# -- reading ----------------------------------------------------------------------------------


class _Driver(Programmer):
    """A programmer whose optimiser is the student's, and that adds to another's wire."""

    def __init__(self, plan: LayerPlan, case: LayerCase, wire: Wire, optimizer: Value) -> None:
        super().__init__(plan, case)
        self.wire = wire
        self._optimizer = optimizer

    def value(self, argument: Argument, upstream: np.ndarray | None = None) -> Value:
        """The described value of an argument."""
        return self._optimizer if _is_optimizer(argument) else super().value(argument, upstream)


class Another(Programmer):
    """A programmer of a second layer beside the one whose handle is "self"."""

    def make(self) -> Programmer:
        """Construct it."""
        return self._renamed(super().make)

    def forward(self, keep: str = "", optional: bool = False) -> Programmer:
        """Call its forward."""
        return self._renamed(lambda: super(Another, self).forward(keep, optional))

    def backward(self, upstream: np.ndarray, keep: str = "", optional: bool = False) -> Programmer:
        """Call its backward."""
        return self._renamed(lambda: super(Another, self).backward(upstream, keep, optional))

    def clear(self) -> Programmer:
        """Put its gradients back."""
        return self._renamed(super().clear)

    def _renamed(self, write: Callable[[], Programmer]) -> Programmer:
        begun = self.wire.steps
        self.wire.steps = []
        write()
        begun += [_of_second(step) for step in self.wire.steps]
        self.wire.steps = begun
        return self


_OF_SECOND = {"self": SECOND, "y": f"{SECOND}_y", "ret": f"{SECOND}_ret"}


def _of_second(value: Any) -> Any:
    """A step or a part of one, with the handles of the second layer."""
    if isinstance(value, list):
        return [_of_second(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        k: _OF_SECOND.get(v, v) if k in ("on", "out", "h") and isinstance(v, str) else _of_second(v)
        for k, v in value.items()
    }


def _is_optimizer(argument: Argument) -> bool:
    return argument.kind == "optimizer" or (
        argument.kind in ("expression", "value") and lexicon().is_a(argument.parameter, "optimizer")
    )


def _optimizer_argument(plan: LayerPlan) -> Argument | None:
    calls = [plan.construct, plan.forward.arguments]
    if plan.backward is not None:
        calls.append(plan.backward.arguments)
    return next((a for c in calls for a in c if _is_optimizer(a)), None)


def _taken(taking: Taking, thing: Thing) -> Iterator[Value]:
    """The steps by which an instance takes a thing after its construction."""
    if taking.door is Door.SETUP:
        yield {"do": "call", "on": "opt", "method": taking.name, "args": [thing.value]}
    elif taking.door is Door.ATTRIBUTE:
        yield {"do": "set", "on": "opt", "path": [taking.name], "value": thing.value}


def _read_places(wire: Wire, plan: LayerPlan, number: int, other: Programmer | None = None) -> None:
    """Read both arrays, and those of another layer, if there is one."""
    for name in ("W", "b"):
        place = plan.places["W" if plan.joint is not None else name]
        step: Value = {"do": "read", "on": "self", "path": list(place.path)}
        wire.steps.append({**step, "keep": f"{name}{number}"})
        if isinstance(other, Another):
            wire.steps.append({**step, "on": SECOND, "keep": f"{name}{number}{SECOND}"})


def _kept(side: str, number: int) -> str:
    """The name under which a side is read; ``W2`` or, of another layer, ``W2second``."""
    return f"{side.removesuffix(SECOND)}{number}{SECOND if side.endswith(SECOND) else ''}"


def _state(known: Mapping[tuple[str | int, ...], np.ndarray], name: str) -> np.ndarray | None:
    """What was read under a name; with that of another layer, if it was read, as one array."""
    first, second = known.get((name,)), known.get((f"{name}{SECOND}",))
    if first is None or second is None or first.shape != second.shape:
        return first
    return np.stack([first, second])


def _apart(outcome: Outcome, plan: LayerPlan) -> Outcome:
    """The weights that were read, apart where the layer keeps the bias as a row of them."""
    if plan.joint is None:
        return outcome
    found = [
        replace(e, array=plan.joint.split(e.array)[str(e.path[0])[0] == "b"])
        if str(e.path[0])[:1] in ("W", "b") and len(e.path) == 1 and e.array.ndim == 2
        else e
        for e in outcome.found
    ]
    return replace(outcome, found=tuple(found))


def _laid_out(truth: Truth, plan: LayerPlan, name: str, spec: ItemSpec) -> Truth:
    """The gradients in the layout in which the layer keeps the array."""
    layout = plan.places[name].layout
    if layout is None:
        return truth
    axes = spec.weights[name].axes
    laid = tuple(layouts.apply(layout, g, axes) for g in truth.gradients)
    return replace(truth, gradients=laid)


def _of_optimizer(found: Sequence[Found]) -> list[Found]:
    """What the optimiser keeps, or returns."""
    return [
        e for e in found
        if e.path[0] in ("opt", "self") or (str(e.path[0]).startswith("ret") and len(e.path) > 1)
    ]  # fmt: skip


def _returned(
    found: Sequence[Found], trial: Trial, side: str, way: Handed
) -> list[np.ndarray] | None:
    """The moves by what was returned: the array handed over stayed as it was."""
    truth = trial.truths[side]
    known = {e.path: e.array for e in found}
    start = known.get((f"{side}0",))
    if start is None:
        return None
    place = list(way.places).index(side)
    handle = way.optimizers[place] if len(way.optimizers) > 1 else way.optimizers[0]
    moves = []
    for number in range(1, len(truth.gradients) + 1):
        head = f"ret{handle}{number}"
        fitting = [
            e.array
            for e in found
            if e.path[0] == head and e.kind != "scalar" and e.array.shape == start.shape
        ]
        if not fitting:
            return None
        returned = fitting[0].astype(np.float64)
        moves.append(way.change * returned if way.change else returned - start)
    return moves
