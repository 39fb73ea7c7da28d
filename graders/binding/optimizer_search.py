"""Runs a student's optimiser for several steps with known gradients and reads the weights.

Two ways: the notebook's own dense layer drives it, or it is handed a stand-in for a layer (or
arrays, or dicts) whose attributes are named as the notebook's layers name theirs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graders import cases
from graders.binding import layouts
from graders.binding.arguments import OMIT, Arguments, Choice, method_named, schemes, ways
from graders.binding.callsites import CallSites
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import role_of
from graders.binding.layer_search import BoundLayer
from graders.binding.lexicon import lexicon
from graders.binding.optimizer_roles import (
    UPDATE_METHODS,
    Evidence,
    Read,
    attributes_of,
    role_by_name,
    sides,
    uses_as_dict,
)
from graders.binding.plans import LR, Argument, LayerPlan, Programmer, Wire, upstream_for
from graders.cases import LayerCase
from graders.checks.updates import Truth
from graders.sandbox.session import CellError, Found, Outcome, Session
from graders.specs import ItemSpec

STEPS = 4
_DRAWS = 100
Value = dict[str, Any]
_Make = Callable[[LayerCase, Wire], Value]  # makes a described value for a step


@dataclass
class Trial:
    """One way to run an optimiser: what it added to W and b in each step."""

    name: str
    construct: str
    call: str
    truths: Mapping[str, Truth]
    moves: dict[str, list[np.ndarray]] = field(default_factory=dict)
    rates: tuple[float, ...] = (LR,)
    error: CellError | None = None
    late: bool = False
    died: str = ""

    @property
    def complete(self) -> bool:
        """True if every step was made."""
        return all(len(m) == len(self.truths[n].gradients) for n, m in self.moves.items())

    @property
    def still(self) -> bool:
        """True if every step was made and nothing moved."""
        return self.complete and not any(np.any(m) for ms in self.moves.values() for m in ms)


@dataclass(frozen=True)
class Steps:
    """Inputs and upstream gradients of each step, with the layer's sizes."""

    cases: tuple[LayerCase, ...]

    @property
    def truths(self) -> dict[str, Truth]:
        """The summed gradients of W and b."""
        batches = tuple(c.sizes["N"] for c in self.cases)
        return {
            name: Truth(tuple(c.gradients[facet] for c in self.cases), batches)
            for name, facet in (("W", "dW"), ("b", "dB"))
        }


def draw_steps(
    spec: ItemSpec, rng: np.random.Generator, fixed: Mapping[str, int] | None = None
) -> Steps:
    """Gradients that differ from step to step and stay away from zero; a smaller batch at last."""
    fixed = fixed or {}
    for _ in range(50):
        sizes = cases.draw_sizes(spec, rng, fixed)
        if sizes["N"] >= 4 or "N" in fixed:
            break
    made = []
    for number in range(STEPS):
        now = dict(sizes)
        if number == STEPS - 1 and "N" not in fixed:
            now["N"] -= 1
        drawn = [cases.redraw(spec, now, rng) for _ in range(_DRAWS)]
        made.append(max(drawn, key=_smallest))
    return Steps(tuple(made))


def _smallest(case: LayerCase) -> float:
    return min(float(np.min(np.abs(case.gradients[f]))) for f in ("dW", "dB"))


def update_of(definition: Definition) -> Callable_ | None:
    """The method (or the function itself) that makes a step."""
    if definition.kind == "function":
        return definition.function
    found = method_named(definition, UPDATE_METHODS)
    if found is not None and found.parameters:
        return found
    others = [m for n, m in definition.methods.items() if n != "__init__" and m.parameters]
    return others[0] if len(others) == 1 else None


def may_optimize(definition: Definition) -> bool:
    """True if it could be an optimiser: it has a step to make and is neither layer nor model."""
    if {"fit", "forward", "backward", "predict"} & definition.methods.keys():
        return False
    return update_of(definition) is not None


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
        rng: np.random.Generator,
    ) -> None:
        self._session, self._sites, self._spec = session, sites, spec
        self._layer, self._definition, self._evidence = layer, definition, evidence
        self._rng = rng
        self._steps = draw_steps(layer, rng)

    # -- construction --------------------------------------------------------------------

    def _constructs(self, sizes: Mapping[str, int]) -> Iterator[Arguments]:
        named = [Choice({"v": s}, repr(s)) for s in schemes(self._spec, self._definition)]
        rate = Choice({"v": LR}, "lr")
        n_in, n_out = (Choice({"v": sizes[a]}, str(sizes[a])) for a in ("I", "O"))
        shape = (sizes["I"], sizes["O"])
        whole = Choice({"tuple": [{"v": n} for n in shape]}, str(shape))

        def options(parameter: Parameter) -> Sequence[Choice]:
            required = parameter.default is None
            if is_rate(parameter.name):
                return [rate]
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

        yield from ways(self._definition.constructor, options, 8)

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
        steps = draw_steps(self._layer, self._rng, plan.fixed) if plan.fixed else self._steps
        slot = _optimizer_argument(plan)
        itself = {"find": [self._definition.name, self._definition.cell]}
        if self._definition.kind == "function":
            if slot is not None:
                yield self._drive(plan, steps, None, itself, as_of, False)
            return
        update = update_of(self._definition)
        alone = update is not None and len(update.required) <= 1
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
                wire.steps.append(
                    {"do": "call", "on": "opt", "method": update.name, "args": [{"h": "self"}],
                     "out": "updated"}
                )  # fmt: skip
            _read_places(wire, plan, number + 1)
        outcome = self._session.run(wire.steps, wire.arrays, as_of)
        truths = {n: _laid_out(t, plan, n, self._layer) for n, t in steps.truths.items()}
        method = f"{plan.definition.name}.{plan.backward.name}" if plan.backward else ""
        if outside and update is not None:
            method = f"{self._definition.name}.{update.name}(layer)"
        return self._trial(outcome, truths, arguments, method)

    def _trial(
        self, outcome: Outcome, truths: dict[str, Truth], arguments: Arguments | None, call: str
    ) -> Trial:
        name = self._definition.name
        construct = name if arguments is None else f"{name}({arguments.text})"
        trial = Trial(name, construct, call, truths, {}, _rates(outcome.found))
        trial.error, trial.late, trial.died = outcome.error, outcome.timed_out, outcome.died
        known = {e.path: e.array for e in outcome.found}
        for side, truth in truths.items():
            states = [known.get((f"{side}{k}",)) for k in range(len(truth.gradients) + 1)]
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
        handed: Iterator[_Handed] = self._layers(update)
        if not any(p.name in attributes_of(self._definition, update) for p in update.parameters):
            handed = self._plain(update)
        failed = None
        for way in handed:
            for arguments in self._constructs(self._steps.cases[0].sizes):
                trial = self._hand(update, way, arguments, as_of)
                yield trial
                if trial.complete:
                    break
                failed = trial
            if failed is not None and failed.error is not None and failed.error.cell is None:
                continue

    def _hand(
        self, update: Callable_, way: _Handed, arguments: Arguments, as_of: int | None
    ) -> Trial:
        wire = Wire()
        a_class = self._definition.kind == "class"
        rates = [p.name for p in update.parameters if p.default is not None and is_rate(p.name)]
        for number, handle in enumerate(way.optimizers):
            if a_class:
                wire.steps.append(self._made(arguments, handle))
                if number == 0:
                    wire.steps.append({"do": "harvest", "label": "", "of": ["opt"]})
        first = self._steps.cases[0]
        for handle, make in way.made.items():
            value = make(first, wire)
            wire.steps.append({"do": "hold", "out": handle, "value": value})
        for side, (handle, path) in way.places.items():
            wire.steps.append({"do": "read", "on": handle, "path": path, "keep": f"{side}0"})
        for number, case in enumerate(self._steps.cases, 1):
            for handle, path, make in way.each:
                wire.steps.append(
                    {"do": "set", "on": handle, "path": path, "value": make(case, wire)}
                )
            for handle, makes in zip(way.optimizers, way.calls, strict=True):
                step: Value = {"do": "call", "out": f"ret{handle}", "keep": f"ret{handle}{number}"}
                if a_class:
                    step |= {"on": handle, "method": update.name}
                else:
                    step |= {"name": self._definition.name, "cell": self._definition.cell}
                step["args"] = [make(case, wire) for make in makes]
                step["kwargs"] = {name: {"v": LR} for name in rates}
                wire.steps.append(step)
            for side, (handle, path) in way.places.items():
                wire.steps.append(
                    {"do": "read", "on": handle, "path": path, "keep": f"{side}{number}"}
                )
        outcome = self._session.run(wire.steps, wire.arrays, as_of)
        truths = self._steps.truths
        if way.bias_row:
            truths["b"] = Truth(tuple(g[None] for g in truths["b"].gradients), truths["b"].batches)
        trial = self._trial(outcome, truths, arguments, f"{update.name}({way.text})")
        for side in trial.moves:
            if not any(np.any(m) for m in trial.moves[side]):
                returned = _returned(outcome.found, trial, side, way)
                trial.moves[side] = returned or trial.moves[side]
        if not a_class:
            trial.construct = self._definition.name
        return trial

    def _layers(self, update: Callable_) -> Iterator[_Handed]:
        reads = attributes_of(self._definition, update)
        main = next((p for p in update.parameters if p.name in reads), None)
        if main is None:
            return
        read = reads[main.name]
        for other in reads.values():
            read = Read(
                read.loaded | other.loaded, read.stored | other.stored, read.dicts | other.dicts
            )
        for per_sample, row in itertools.product((False, True), (False, True)):
            way = self._stand_in(update, main, read, per_sample, row)
            if way is not None:
                yield way

    def _stand_in(
        self, update: Callable_, main: Parameter, read: Read, per_sample: bool, row: bool
    ) -> _Handed | None:
        attributes: dict[str, _Make] = {}
        way = _Handed(["opt"], f"{main.name}", row)
        for name in sorted(read.loaded | read.stored):
            role = self._evidence.roles.get(name) or role_by_name(name)
            if name in read.dicts or role in ("params", "grads"):
                keys = sides(self._evidence.keys.get(name, ())) or {"W": "W", "B": "B"}
                grads = role in ("grads", "dW", "dB", "dA")
                made = {
                    k: _array("d" + s if grads else s, per_sample, row) for k, s in keys.items()
                }
                attributes[name] = _dict(made)
                for key, side in keys.items():
                    if grads:
                        way.each.append(("layer", [name, key], made[key]))
                    else:
                        way.places.setdefault("b" if side == "B" else "W", ("layer", [name, key]))
            elif role in ("W", "B"):
                attributes[name] = _array(role, per_sample, row)
                way.places.setdefault("b" if role == "B" else "W", ("layer", [name]))
            elif role in ("dW", "dB", "dA", "x", "N"):
                made_each = _array(role, per_sample, row)
                attributes[name] = made_each
                way.each.append(("layer", [name], made_each))
            elif role == "lr":
                attributes[name] = _constant(LR)
            elif name in self._evidence.state:
                attributes[name] = _constant(self._evidence.state[name])
        if not {"W", "b"} <= way.places.keys():
            return None
        way.made["layer"] = lambda case, wire: {
            "layer": {k: make(case, wire) for k, make in attributes.items()}
        }
        call: list[_Make] = []
        for parameter in update.parameters:
            role = role_by_name(parameter.name)
            if parameter is main:
                call.append(_handle("layer"))
            elif role in ("dA", "x", "N", "dW", "dB") and parameter.default is None:
                call.append(_array(role, per_sample, row))
            elif parameter.default is not None:
                break
            elif is_rate(parameter.name):
                call.append(_constant(LR))
            else:
                call.append(_array("dA", per_sample, row))
        way.calls.append(call)
        return way

    def _plain(self, update: Callable_) -> Iterator[_Handed]:
        """Arrays or dicts: ``update(params, grads)``, ``update(W, dW, B, dB)``, one by one."""
        wanted = [p for p in update.parameters if p.default is None]
        rates = [p for p in wanted if is_rate(p.name)]
        plain = [p for p in wanted if p not in rates]
        tail = [_constant(LR) for _ in rates]
        before = bool(rates) and wanted.index(rates[0]) == 0
        roles = [role_by_name(p.name) for p in plain]

        def call(makes: list[_Make]) -> list[_Make]:
            return [*tail, *makes] if before else [*makes, *tail]

        for row, per_sample in itertools.product((False, True), (False, True)):
            text = ", ".join(p.name for p in plain)
            if {"W", "dW", "B", "dB"} == set(roles):
                way = _Handed(["opt"], text, row)
                way.hold("W", _array("W", per_sample, row))
                way.hold("b", _array("B", per_sample, row))
                held = {"W": _handle("W"), "B": _handle("b")}
                way.calls.append(call([held.get(r) or _array(r, per_sample, row) for r in roles]))
                yield way
            if len(plain) != 2:
                continue
            second = roles[1] in ("grads", "dW", "dB", "dA")
            orders = [(0, 1), (1, 0)] if second or not roles[0] else [(1, 0), (0, 1)]
            if any(uses_as_dict(update, p.name)[0] for p in plain):
                for order in orders:
                    yield self._dicts(update, plain, order, text, per_sample, row, call)
            for order in orders:
                way = _Handed(["opt", "opt2"], text, row)
                for side, role in (("W", "W"), ("b", "B")):
                    way.hold(side, _array(role, per_sample, row))
                    pair = [_handle(side), _array("d" + role, per_sample, row)]
                    way.calls.append(call([pair[i] for i in order]))
                yield way

    def _dicts(
        self, update: Callable_, plain: Sequence[Parameter], order: tuple[int, int], text: str,
        per_sample: bool, row: bool,
        call: Callable[[list[_Make]], list[_Make]],
    ) -> _Handed:  # fmt: skip
        way = _Handed(["opt"], text, row)
        names = [plain[order.index(0)].name, plain[order.index(1)].name]
        own = [sides(uses_as_dict(update, n)[1]) for n in names]
        kept = own[0] or own[1] or {"W": "W", "B": "B"}
        grads = own[1] or kept
        made = {k: _array(s, per_sample, row) for k, s in kept.items()}
        way.made["params"] = _dict(made)
        for key, side in kept.items():
            way.places.setdefault("b" if side == "B" else "W", ("params", [key]))
        given = _dict({k: _array("d" + s, per_sample, row) for k, s in grads.items()})
        pair = [_handle("params"), given]
        way.calls.append(call([pair[i] for i in order]))
        return way


# -- what is handed over ----------------------------------------------------------------------


@dataclass
class _Handed:
    """What an optimiser is handed: made once, set anew in each step, and where the weights are."""

    optimizers: list[str]
    text: str
    bias_row: bool
    made: dict[str, _Make] = field(default_factory=dict)
    each: list[tuple[str, list[str], _Make]] = field(default_factory=list)
    places: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    calls: list[list[_Make]] = field(default_factory=list)

    def hold(self, side: str, make: _Make) -> None:
        """An array of its own, which the optimiser may change in place."""
        self.made[side] = make
        self.places[side] = (side, [])


def _array(role: str, per_sample: bool, row: bool) -> _Make:
    def make(case: LayerCase, wire: Wire) -> Value:
        if role == "N":
            return {"v": case.sizes["N"]}
        array = {
            "W": case.weights["W"],
            "B": case.weights["b"],
            "dW": case.gradients["dW"],
            "dB": case.upstream if per_sample else case.gradients["dB"],
            "x": case.x,
            "dA": case.upstream,
        }[role]
        if row and role in ("B", "dB") and array.ndim == 1:
            array = array[None]
        return {"a": wire.array(array)}

    return make


def _dict(made: Mapping[str, _Make]) -> _Make:
    return lambda case, wire: {"dict": {k: make(case, wire) for k, make in made.items()}}


def _constant(value: float) -> _Make:
    return lambda case, wire: {"v": value}


def _handle(name: str) -> _Make:
    return lambda case, wire: {"h": name}


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


def _is_optimizer(argument: Argument) -> bool:
    return argument.kind == "optimizer" or (
        argument.kind in ("expression", "value") and lexicon().is_a(argument.parameter, "optimizer")
    )


def _optimizer_argument(plan: LayerPlan) -> Argument | None:
    calls = [plan.construct, plan.forward.arguments]
    if plan.backward is not None:
        calls.append(plan.backward.arguments)
    return next((a for c in calls for a in c if _is_optimizer(a)), None)


def _read_places(wire: Wire, plan: LayerPlan, number: int) -> None:
    for name in ("W", "b"):
        wire.steps.append(
            {"do": "read", "on": "self", "path": list(plan.places[name].path),
             "keep": f"{name}{number}"}
        )  # fmt: skip


def _laid_out(truth: Truth, plan: LayerPlan, name: str, spec: ItemSpec) -> Truth:
    """The gradients in the layout in which the layer keeps the array."""
    layout = plan.places[name].layout
    if layout is None:
        return truth
    axes = spec.weights[name].axes
    laid = tuple(layouts.apply(layout, g, axes) for g in truth.gradients)
    return Truth(laid, truth.batches)


def _rates(found: Sequence[Found]) -> tuple[float, ...]:
    """The rate that was given, then those that the optimiser keeps."""
    rates = [LR]
    for entry in found:
        last = str(entry.path[-1])
        if entry.path[0] in ("opt", "self") and entry.kind == "scalar" and is_rate(last):
            rates.append(float(entry.array))
    return tuple(dict.fromkeys(r for r in rates if np.isfinite(r) and r > 0))


def is_rate(name: str) -> bool:
    """True for the name of a learning rate."""
    return lexicon().is_a(name, "lr")


def _returned(
    found: Sequence[Found], trial: Trial, side: str, way: _Handed
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
        moves.append(fitting[0].astype(np.float64) - start)
    return moves
