"""A plan: how one student layer is built, fed and read. Plain data, and the calls it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graders import cases
from graders.arrays import layouts
from graders.arrays.layouts import Layout
from graders.arrays.matching import FILLED
from graders.binding.definitions import Definition
from graders.binding.filled import LIST
from graders.binding.joined import Joint, parted
from graders.cases import LayerCase, output_axes
from graders.formulas import Formula
from graders.sandbox.session import Found, Outcome, Session
from graders.specs import ItemSpec

_ROLES = {"W": "weight", "b": "bias"}  # of the lexicon; any other weight is its own role


def role_of(weight: str) -> str:
    """The role, and so the kind of argument, that a parameter array has."""
    return _ROLES.get(weight, weight)


def is_bias(weight: str) -> bool:
    """True for what an initialiser makes with ``B(...)`` rather than ``W(...)``."""
    return weight[:1].lower() == "b"


def sides_of(spec: ItemSpec, role: str) -> list[Formula]:
    """The height and the width of what one parameter gives as a pair; for a 1-D layer over images
    of height 1 (`lifted`) one high, one step, no padding, and then the role itself.
    """
    stem = role.split("_")[0]
    if f"{stem}_height" in spec.roles:
        return [spec.roles[f"{stem}_{side}"] for side in ("height", "width")]
    return [Formula(0 if stem == "padding" else 1), spec.roles[role]]


LR = 0.125  # exact in binary, so that weight changes divide back without error
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Argument:
    """What a parameter gets. `kind`: size, pair, shape, input_shape, weight, bias, the name of
    another weight, arrays (a dict of weights, of the input or of the upstream gradient), input, upstream, output, part (of what forward returned), sample_shape (the
    input's without the batch), settings (a dict of sizes), initializer, optimizer, activation (one that changes nothing),
    layer_before (an object whose output is the input), filled (a dict or list that the call fills), filled_before (the
    same, as forward has filled it), nothing (what is never read), flag (True), lr, sigma, expression, value."""

    parameter: str
    kind: str
    text: str = ""  # the role of a size, or of what an initialiser makes; a source, axes, an index
    keyword: bool = False
    keys: tuple[
        tuple[str, str], ...
    ] = ()  # of settings: each key and the role of its size, or a quoted word
    guessed: bool = field(default=False, compare=False)  # nothing tells that this is what it is

    @property
    def gives(self) -> frozenset[str]:
        """What is handed over: the kind, or of a dict of arrays the role of each."""
        return (
            frozenset(role for _, role in self.keys)
            if self.kind == "arrays"
            else frozenset({self.kind})
        )


def told_sizes(spec: ItemSpec, arguments: Iterable[Argument]) -> set[str]:
    """The names of the sizes that arguments tell: as numbers, pairs or shapes, or by keys."""
    found: set[str] = set()
    for argument in arguments:
        match argument.kind:
            case "size":
                found |= spec.roles[argument.text].names
            case "pair":
                found |= {n for side in sides_of(spec, argument.text) for n in side.names}
            case "shape":
                found |= set(argument.text)
            case "settings":
                told = [role for _, role in argument.keys if role in spec.roles]
                found |= {n for role in told for n in spec.roles[role].names}
    return found


@dataclass(frozen=True)
class Place:
    """Where a parameter array sits in the instance, and in which layout."""

    path: Path
    layout: Layout | None
    scalar: bool = False


@dataclass(frozen=True)
class Call:
    """A method or function and its arguments."""

    name: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Clearing:
    """How gradients that add up are put back before another backward: by the layer's own method, or
    each where it lies, to zeros of a weight's shape or to None.
    """

    method: str = ""
    zeros: Mapping[Path, str] = field(default_factory=dict)  # path -> the weight
    nothing: tuple[Path, ...] = ()


@dataclass(frozen=True)
class TensorForm:
    """A class of the student's own that keeps an array beside its gradient and carries gradients back.

    `data`, `gradient`: where both lie in an instance; `wrapped`: the gradient that its backward is
    handed is such an object, too; `seed`: the attribute in which the gradient has to lie before, where its
    backward is handed none.
    """

    name: str
    cell: int
    data: Path
    gradient: Path
    wrapped: bool
    seed: str = ""

    def made(self, array: dict[str, Any]) -> dict[str, Any]:
        """The described value of an instance around a described array."""
        return {"made": [self.name, self.cell], "args": [array]}


@dataclass(frozen=True)
class LayerPlan:
    """How a class is made to compute a layer."""

    definition: Definition
    construct: tuple[Argument, ...]
    forward: Call
    backward: Call | None
    x_layout: Layout
    weight_layouts: Mapping[str, Layout] = field(
        default_factory=dict
    )  # as passed, or as an initialiser makes them
    places: Mapping[str, Place] = field(default_factory=dict)  # as kept in the instance
    setter: Call | None = None  # a method that takes the weights after construction
    given: tuple[Argument, ...] = ()  # attributes that a network sets after construction
    completing: tuple[Call, ...] = ()  # methods that a network calls after construction
    overwrite: bool = False  # the weights are set from outside after construction
    lazy: bool = False  # ... and only exist after a first forward
    flushing: str = ""  # ... after which a method forgets what that forward kept, as a step does
    set_sizes: Mapping[str, str] = field(
        default_factory=dict
    )  # attribute -> role, set from outside
    as_of: int | None = None
    fixed: Mapping[str, int] = field(default_factory=dict)  # sizes that the class hard-codes
    ties: Mapping[str, str] = field(default_factory=dict)  # sizes that one parameter gives
    y_layout: Layout | None = None  # of the upstream gradient; None: like the input's
    y_path: Path = ()  # of the output in what forward returns
    gradients: Call | None = None  # a method of its own for the parameters' gradients
    y_kept: Path = ()  # of the output in the instance, where forward returns nothing
    joint: Joint | None = None  # the bias is a row of the weight
    rates: tuple[str, ...] = ()  # the notebook's globals that are the class's learning rate
    multiplied: bool = False  # the notebook multiplies what backward returns ...
    local: bool = False  # ... which is the derivative alone, for the input that it is given
    clearing: Clearing | None = None  # gradients add up from call to call
    tensors: tuple[TensorForm, ...] = ()  # it takes and returns objects of the first, or of another
    small: bool = False  # it is slow in loops: only small cases are drawn for it

    def with_(self, **changes: Any) -> LayerPlan:
        """A copy with changes."""
        return replace(self, **changes)

    def with_arrays(self, case: LayerCase) -> LayerPlan:
        """A copy that puts arrays where several numbers belong: a number may only keep their place."""
        several = [n for n, p in self.places.items() if p.scalar and case.weights[n].size > 1]
        return self.with_(
            places={**self.places, **{n: Place(self.places[n].path, None) for n in several}}
        )

    @property
    def tensor(self) -> TensorForm | None:
        """What it takes and returns in the place of arrays, and what carries gradients back."""
        return self.tensors[0] if self.tensors else None

    def called(self, call: Call) -> str:
        """A call in words: ``FC.backward(...)``, or of what forward gave, ``FC.forward(...).backward(...)``."""
        before = [self.forward.name] if self.tensor is not None and call is self.backward else []
        return ".".join([self.definition.name, *(f"{n}(...)" for n in (*before, call.name))])

    def draw_sizes(self, spec: ItemSpec, rng: np.random.Generator) -> dict[str, int]:
        """Sizes that the plan can be tried with."""
        drawn = cases.draw_small_sizes if self.small else cases.draw_sizes
        return drawn(spec, rng, self.fixed, self.ties)

    def draw(self, spec: ItemSpec, rng: np.random.Generator) -> LayerCase:
        """A random case that the plan can be tried with."""
        return cases.redraw(spec, self.draw_sizes(spec, rng), rng)

    @property
    def making(self) -> tuple[Argument, ...]:
        """All arguments by which an instance is made: its constructor's, and what completes it."""
        completing = (a for call in self.completing for a in call.arguments)
        return (*self.construct, *self.given, *completing)

    def made_with(self, old: Argument, new: Argument) -> LayerPlan:
        """A copy that is made with another argument in the place of one."""

        def changed(arguments: Iterable[Argument]) -> tuple[Argument, ...]:
            return tuple(new if a == old else a for a in arguments)

        completing = tuple(replace(c, arguments=changed(c.arguments)) for c in self.completing)
        return self.with_(construct=changed(self.construct), completing=completing)


class Wire:
    """Collects the arrays of a request while its steps are written."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.steps: list[dict[str, Any]] = []

    def array(self, array: np.ndarray) -> int:
        """The index under which the array will travel."""
        self.arrays.append(np.asarray(array))
        return len(self.arrays) - 1


class Programmer:
    """Writes the steps of a plan for a case."""

    def __init__(self, plan: LayerPlan, case: LayerCase) -> None:
        self.plan = plan
        self.case = case
        self.wire = Wire()

    # -- values --------------------------------------------------------------------------

    def weight(self, name: str, layout: Layout | None) -> np.ndarray:
        """A parameter array in a layout (canonical if None). What is spread along further axes is
        shared out among them, since the layer sums over them.
        """
        truth = self.case.weight(name)
        if layout is None:
            return truth.array
        array, axes = layouts.spread(layout, truth.array, truth.axes, self.case.sizes)
        if array.size > truth.array.size:
            array = array * (truth.array.size / array.size)
        return layouts.apply(layout, array, axes)

    def x(self, case: LayerCase | None = None) -> np.ndarray:
        """The input in the plan's layout."""
        case = case or self.case
        return layouts.apply(self.plan.x_layout, case.x, case.spec.axes)

    def _stub_arrays(self) -> dict[str, int | None]:
        found: dict[str, int | None] = {"W": None, "b": None}
        for name in self.case.weights:
            # A stub knows one weight and one bias; those after the first are set afterwards.
            as_ = "b" if is_bias(name) else "W"
            if found[as_] is not None:
                continue
            array = self.case.weights[name]
            if name in self.plan.weight_layouts:  # a row or a column, axes that are joined
                array = self.weight(name, self.plan.weight_layouts[name])
            elif as_ == "W":  # what is 1 by the problem is left out: (F,) rather than (1, 1, F)
                spec = self.case.spec.weights[name]
                array = layouts.apply(layouts.parse(spec.layouts[0]), array, spec.axes)
            found[as_] = self.wire.array(array)
        return found

    def value(self, argument: Argument, upstream: np.ndarray | None = None) -> dict[str, Any]:
        """The described value of an argument."""
        for name in self.case.weights:
            if argument.kind == role_of(name):
                array = self.weight(name, self.plan.weight_layouts.get(name))
                return {"a": self.wire.array(array)}
        match argument.kind:
            case "size":
                formula = self.case.spec.roles[argument.text]
                return {"v": formula(self.case.sizes)}
            case "pair":
                sides = sides_of(self.case.spec, argument.text)
                return {"tuple": [{"v": side(self.case.sizes)} for side in sides]}
            case "settings":
                roles, sizes = self.case.spec.roles, self.case.sizes
                told = {k: roles[r](sizes) if r in roles else r[1:-1] for k, r in argument.keys}
                return {"dict": {key: {"v": value} for key, value in told.items()}}
            case "arrays":
                held = {key: Argument(key, role) for key, role in argument.keys}
                return {"dict": {key: self.value(a, upstream) for key, a in held.items()}}
            case "input":
                given: dict[str, Any] = {"a": self.wire.array(self.x())}
                if self.plan.tensor is not None:
                    given = self.plan.tensor.made(given)
                return {**given, "as": "x"}
            case "upstream":
                assert upstream is not None
                given = {"a": self.wire.array(upstream)}
                if self.plan.tensor is not None and self.plan.tensor.wrapped:
                    given = self.plan.tensor.made(given)
                return {**given, "as": "dy"}
            case "shape":
                return {"tuple": [{"v": self.case.sizes[axis]} for axis in argument.text]}
            case "input_shape":
                return {"tuple": [{"v": n} for n in self.x().shape]}
            case "sample_shape":
                groups, batch = self.plan.x_layout, self.case.spec.axes[0]
                shape = zip(groups, self.x().shape, strict=True)
                return {"tuple": [{"v": side} for group, side in shape if batch not in group]}
            case "flag":
                return {"v": True}
            case "layer_before":
                return {"layer": {argument.text: {"a": self.wire.array(self.x())}}}
            case "output":
                return {"h": "y", "path": list(self.plan.y_path)}
            case "filled":
                begun = {key: {"v": float(number)} for key, number in argument.keys}
                empty: dict[str, Any] = {"dict": begun}
                if argument.text:
                    empty = {"list": []} if argument.text == LIST else {"expr": argument.text}
                return {**empty, "as": FILLED + argument.parameter}
            case "filled_before":
                return {"h": FILLED + argument.parameter}
            case "part":
                return {"h": "y", "path": [int(argument.text)]}
            case "initializer":
                laid = any(is_bias(name) for name in self.plan.weight_layouts)
                described: dict[str, Any] = {
                    **self._stub_arrays(),
                    "laid": laid,
                }
                if argument.text:  # a function that makes one of them
                    described["makes"] = argument.text
                return {"initializer": described}
            case "optimizer":
                return {"optimizer": {**self._stub_arrays(), "lr": LR}, "as": "optimizer"}
            case "activation":
                return {"activation": True}
            case "lr":
                return {"v": LR}
            case "sigma":
                return {"v": 0.01}
            case "expression":
                value = {"expr": argument.text}
                if argument.parameter:
                    value["as"] = f"arg_{argument.parameter}"
                return value
        return {"v": None}

    def _call(
        self, arguments: Sequence[Argument], upstream: np.ndarray | None = None
    ) -> dict[str, Any]:
        args = [self.value(a, upstream) for a in arguments if not a.keyword]
        kwargs = {a.parameter: self.value(a, upstream) for a in arguments if a.keyword}
        return {"args": args, "kwargs": kwargs}

    # -- steps ---------------------------------------------------------------------------

    def make(self) -> Programmer:
        """Construct the instance and overwrite what the plan overwrites."""
        plan = self.plan
        if plan.rates:
            values = {name: {"v": LR} for name in plan.rates}
            self.wire.steps.append({"do": "globals", "values": values})
        if plan.definition.kind == "pair":
            return self  # functions: nothing is constructed
        self.wire.steps.append(
            {"do": "make", "name": plan.definition.name, "cell": plan.definition.cell,
             "out": "self", **self._call(plan.construct)}
        )  # fmt: skip
        for argument in plan.given:
            self.wire.steps.append(
                {
                    "do": "set",
                    "on": "self",
                    "path": [argument.parameter],
                    "value": self.value(argument),
                }
            )
        for call in (*plan.completing, *([plan.setter] if plan.setter is not None else ())):
            self.wire.steps.append(
                {"do": "call", "on": "self", "method": call.name, **self._call(call.arguments)}
            )
        for attribute, role in plan.set_sizes.items():
            value = self.case.spec.roles[role](self.case.sizes)
            self.wire.steps.append(
                {"do": "set", "on": "self", "path": [attribute], "value": {"v": value}}
            )
        if plan.lazy:
            self.forward(optional=True)
            if plan.flushing:
                self.wire.steps.append(
                    {"do": "call", "on": "self", "method": plan.flushing, "optional": True}
                )
        if plan.overwrite:
            self.set_weights()
        return self

    def set_weights(self) -> Programmer:
        """Write the case's weights to their places."""
        joint = self.plan.joint
        for name, place in self.plan.places.items():
            if joint is not None and name == "b":
                continue  # written with the weight
            if place.scalar:
                value: dict[str, Any] = {"v": float(self.case.weights[name].ravel()[0])}
            else:
                array = self.weight(name, place.layout)
                if joint is not None:
                    array = joint.join(array, self.case.weights["b"])
                value = {"a": self.wire.array(array)}
            self.wire.steps.append(
                {"do": "set", "on": "self", "path": list(place.path), "value": value,
                 "optional": True, "everywhere": True}
            )  # fmt: skip
        return self

    def clear(self) -> Programmer:
        """Put gradients that add up back to nothing, as whoever trains does."""
        clearing = self.plan.clearing
        if clearing is None:
            return self
        if clearing.method:
            self.wire.steps.append(
                {"do": "call", "on": "self", "method": clearing.method, "optional": True}
            )
        nothing: dict[Path, dict[str, Any]] = {path: {"v": None} for path in clearing.nothing}
        for path, name in clearing.zeros.items():
            zeros = np.zeros_like(self.weight(name, self.plan.places[name].layout))
            nothing[path] = {"a": self.wire.array(zeros)}
        for path, value in nothing.items():
            self.wire.steps.append({"do": "set", "on": "self", "path": list(path), "value": value})
        return self

    def forward(self, keep: str = "", optional: bool = False) -> Programmer:
        """Call forward; its result is the handle y."""
        call = self.plan.forward
        kept = {"kept": list(self.plan.y_kept)} if self.plan.y_kept else {}
        if self.plan.tensor is not None:
            kept = {"inside": list(self.plan.tensor.data)}
        self.wire.steps.append(
            {"do": "call", **self._target(call), "out": "y", "keep": keep, **kept,
             "optional": optional, **self._call(call.arguments)}
        )  # fmt: skip
        return self

    def _target(self, call: Call) -> dict[str, Any]:
        definition, tensor = self.plan.definition, self.plan.tensor
        if tensor is not None and call is self.plan.backward:
            return {"on": "y", "method": call.name,
                    "gives": {"h": "x", "path": list(tensor.gradient)}}  # fmt: skip
        if definition.kind == "pair":
            return {"name": call.name, "cell": definition.cells[call.name]}
        method = definition.methods.get(call.name)
        if method is not None and method.static:  # it need not be marked so: no instance for it
            return {"name": definition.name, "cell": definition.cell, "method": call.name}
        return {"on": "self", "method": call.name}

    def backward(self, upstream: np.ndarray, keep: str = "", optional: bool = False) -> Programmer:
        """Call backward with an upstream gradient in the student's layout."""
        call, tensor = self.plan.backward, self.plan.tensor
        assert call is not None
        arguments = call.arguments
        if tensor is not None and tensor.seed:
            value = self.value(arguments[0], upstream)
            seeded = {"do": "set", "on": "y", "path": [tensor.seed], "value": value}
            self.wire.steps.append({**seeded, "optional": optional})
            arguments = ()
        step = {
            "do": "call", **self._target(call), "out": "ret", "keep": keep,
            "optional": optional, **self._call(arguments, upstream),
        }  # fmt: skip
        filled = [a for a in arguments if a.kind in ("filled", "filled_before")]
        if keep and filled:
            step["filled"] = [FILLED + a.parameter for a in filled]
        further = self.plan.gradients
        if further is not None:
            step["then"] = {
                **self._target(further), "out": "further", "keep": keep,
                **self._call(further.arguments, upstream),
            }  # fmt: skip
        self.wire.steps.append(step)
        return self

    def counting(self) -> Programmer:
        """Have counted how many arrays like the output "y" are made in the call before this."""
        tensor = self.plan.tensor
        self.wire.steps[-1]["like"] = ["y", list(tensor.data) if tensor is not None else []]
        return self

    def redraw(self) -> Programmer:
        """From here on an initialiser's stand-in draws other weights."""
        self.wire.steps.append({"do": "redraw"})
        return self

    def harvest(self, label: str, *handles: str) -> Programmer:
        """Collect what can be reached from the handles."""
        self.wire.steps.append({"do": "harvest", "label": label, "of": list(handles)})
        return self

    def run(self, session: Session) -> Outcome:
        """Send the steps."""
        outcome = session.run(self.wire.steps, self.wire.arrays, self.plan.as_of)
        return self.parted(outcome)

    def parted(self, outcome: Outcome) -> Outcome:
        """What came back, with weight and bias apart where the class keeps them as one array."""
        layout = self.plan.places["W"].layout if self.plan.joint is not None else None
        if self.plan.joint is None or layout is None:
            return outcome
        return parted(outcome, self.plan.joint, layout, self.case.sizes)


def upstream_for(plan: LayerPlan, case: LayerCase) -> np.ndarray:
    """The upstream gradient in the layout that the plan gives the output."""
    spec = case.spec
    layout = plan.y_layout or output_layout(spec, plan.x_layout)
    return layouts.apply(layout, case.upstream, output_axes(spec))


def output_layout(spec: ItemSpec, x_layout: Layout) -> Layout:
    """The layout that the output has beside an input in `x_layout`."""
    if spec.output_layout:
        return spec.output_layout
    groups = ("".join(spec.output[a] for a in group) for group in x_layout)
    return tuple(g for g, had in zip(groups, x_layout, strict=True) if g or not had)


def output_of(found: Sequence[Found], head: str = "y") -> Found | None:
    """What a call returned: its array, or the first array of a tuple."""
    for entry in found:
        if entry.path[:1] == (head,):
            return entry
    return None


def call_text(call: Call | None) -> str:
    """A call as students would write it; "" for none."""
    return f"{call.name}({arguments_text(call.arguments)})" if call is not None else ""


def arguments_text(arguments: Sequence[Argument]) -> str:
    """The arguments as a student would read them: ``filter_size=F, initializer``."""
    parts = []
    for a in arguments:
        shown = {
            "size": a.text, "pair": a.text, "expression": a.text, "input": "x", "upstream": "dA",
            "weight": "W", "bias": "b", "output": "y", "shape": ", ".join(a.text),
            "part": f"forward(...)[{a.text}]", "input_shape": "x.shape", "sample_shape": "x[0].shape",
            "activation": "identity", "flag": "True", "layer_before": f"layer before, .{a.text} = x",
            "settings": str(dict(a.keys)).replace("'", ""),
            "arrays": "{" + ", ".join(f"{k}: {k}" for k, _ in a.keys) + "}", "filled": {"": "{}", LIST: "[]"}.get(a.text, a.text),
            "filled_before": a.parameter, "nothing": "None",
        }.get(a.kind, a.kind)  # fmt: skip
        parts.append(f"{a.parameter}={shown}" if a.parameter and a.parameter != shown else shown)
    return ", ".join(parts)
