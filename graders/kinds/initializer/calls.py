"""How an initialiser may want to be constructed and called: for a large dense layer, or a filter."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.binding.arguments import (
    OMIT,
    Arguments,
    Choice,
    literal,
    method_named,
    schemes,
    takes_any_number,
    ways,
)
from graders.binding.array_use import compared_with
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.initializer_roles import BIAS_METHODS, BOTH_METHODS, WEIGHT_METHODS, role_of
from graders.judging.context import Context
from graders.specs import ItemSpec

N_IN, N_OUT = 400, 300
DEFAULT_SIGMA = 0.01  # of the sprint's text, where a class takes no sigma
_EMPTY = ("0", "()")  # defaults that stand for no size of their own
_FILTERS = {3: (24, 30, 40), 4: (14, 16, 11, 13), 5: (3, 10, 11, 13, 7)}


@dataclass(frozen=True)
class InitializerCall:
    """A method, or nothing for a function, and its arguments."""

    method: str
    arguments: Arguments

    @property
    def step(self) -> dict[str, Any]:
        """The part of a step that describes the call."""
        return {**({"method": self.method} if self.method else {}), **self.arguments.step}

    @property
    def text(self) -> str:
        """As a student would read it."""
        return f"{self.method}({self.arguments.text})"


@dataclass(frozen=True)
class InitializerPlan:
    """How an initialiser is made and asked for W and B, and what should come of it."""

    construct: Arguments | None
    weight: InitializerCall
    bias: InitializerCall | None
    shape: tuple[int, ...]  # of W
    fan_ins: tuple[int, ...]  # any of these is right
    bias_size: int
    sigma: float  # given, or the default
    layer: bool = False


def draws(definition: Definition) -> bool:
    """True if it may be an initialiser: a class with such a method, or a function."""
    if definition.kind == "function":
        return definition.function is not None
    if {"fit", "forward", "backward"} & definition.methods.keys():
        return False
    return weight_method(definition) is not None


def weight_method(definition: Definition) -> Callable_ | None:
    """The method that makes the weights, or weights and biases at once."""
    return method_named(definition, WEIGHT_METHODS) or method_named(definition, BOTH_METHODS)


def plans_of(
    spec: ItemSpec, definition: Definition, sigma: float, context: Context
) -> Iterator[InitializerPlan]:
    """Ways to construct and call it, likeliest first."""
    if definition.kind == "function":
        assert definition.function is not None
        name = ""
        for arguments, shape, fans, _ in weight_calls(definition.function, sigma, context.kept):
            given = sigma if f"{sigma}" in arguments.text else DEFAULT_SIGMA
            yield InitializerPlan(
                None, InitializerCall(name, arguments), None, shape, fans, shape[-1], given
            )
        return
    weight = weight_method(definition)
    assert weight is not None
    bias = method_named(definition, BIAS_METHODS)
    for arguments, shape, fans, out in weight_calls(weight, sigma, context.kept):
        layer = any("layer" in c.value for c in arguments.args)
        of_bias = None if bias is None else bias_call(bias, shape, out, layer, sigma)
        for construct in _constructs(spec, definition, sigma, shape, context):
            given = sigma if f"{sigma}" in f"{construct.text}, {arguments.text}" else DEFAULT_SIGMA
            yield InitializerPlan(
                construct,
                InitializerCall(weight.name, arguments),
                of_bias,
                shape,
                fans,
                out,
                given,
                layer,
            )


def _constructs(
    spec: ItemSpec, definition: Definition, sigma: float, shape: tuple[int, ...], context: Context
) -> Iterator[Arguments]:
    n_in, n_out = (shape[0], shape[-1]) if len(shape) == 2 else (math.prod(shape[1:]), shape[0])
    named = [Choice({"v": s}, repr(s)) for s in schemes(spec, definition)]
    given, fan_in, fan_out = _number(sigma), _number(n_in), _number(n_out)
    whole = Choice({"tuple": [{"v": n} for n in shape]}, str(shape))

    def options(parameter: Parameter) -> Sequence[Choice]:
        role = role_of(parameter.name)
        required = parameter.default is None
        if role == "sigma":
            usual = [given, fan_in] if required else [given, OMIT]
            if spec.gain is not None:
                usual = [given, fan_in] if required else [OMIT]
                return [*named, *usual]
            return usual
        if role == "in":
            return [fan_in]
        if role == "out":
            return [fan_out]
        if role == "shape":
            return [whole]
        if role == "size":
            return [fan_in, fan_out] if required else [fan_in, OMIT]
        if not required:
            return [*named, OMIT]
        words = compared_with(definition, parameter.name)  # ``SimpleInitializer(0.01, "FC")``
        if words and not named:
            return [Choice({"v": word}, repr(word)) for word in words]
        return [*named, given, fan_in, fan_out]

    yield from ways(definition.constructor, options)
    if spec.gain is None:  # with a sigma of the notebook's own nothing could be said
        return
    yield from literal(context.sites, definition)


def _number(value: float | int) -> Choice:
    return Choice({"v": value}, str(value))


def weight_calls(
    target: Callable_, sigma: float, kept: Collection[str] | None = ()
) -> Iterator[tuple[Arguments, tuple[int, ...], tuple[int, ...], int]]:
    """(arguments, W's shape, right fan-ins, size of B), likeliest first; `kept`: the attributes that
    the notebook's own layers have; None, where it has no layer: those whose names tell a size.

    Where two sizes must be given and a third can be, ``W(n1, n2, n_size=None)``, the third is for
    filters: it is left out first.
    """
    sized = _sized(target)
    required = [p for p in sized if p.default is None]
    if len(required) == 2 and len(sized) > 2:
        yield from _weight_calls(target, sigma, kept, required)
    yield from _weight_calls(target, sigma, kept, sized)


def _sized(target: Callable_) -> list[Parameter]:
    found = [p for p in target.parameters if role_of(p.name) in ("in", "out", "size", "")]
    return [
        p
        for p in found
        if p.default in (None, "None", "1") or (p.default in _EMPTY and role_of(p.name))
    ]


def _weight_calls(
    target: Callable_, sigma: float, kept: Collection[str] | None, sized: Sequence[Parameter]
) -> Iterator[tuple[Arguments, tuple[int, ...], tuple[int, ...], int]]:
    dense = (N_IN, N_OUT)
    pair = Choice({"tuple": [{"v": n} for n in dense]}, str(dense))
    if takes_any_number(target) and not target.required:
        numbers = tuple(_number(n) for n in dense)
        yield Arguments(numbers), dense, (N_IN,), N_OUT
        return
    values: dict[str, Choice] = {}
    shape: tuple[int, ...] = dense
    fans: tuple[int, ...] = (N_IN,)
    out = N_OUT
    if len(sized) == 1 and target.required == (sized[0],):
        only = sized[0]
        attributes = _attributes(target, only.name)
        if attributes:
            if kept is not None:
                attributes &= set(kept)  # what a layer has not, no initialiser can read
            known = {
                a: {"v": {"in": N_IN, "out": N_OUT}[r]}
                for a in sorted(attributes)
                if (r := role_of(a)) in ("in", "out")
            }
            yield (
                Arguments((Choice({"layer": known, "as": "layer"}, "layer"),)),
                dense, fans, out,
            )  # fmt: skip
            return
        yield Arguments((pair,)), dense, fans, out
        yield Arguments((_number(N_IN * N_OUT),)), (N_IN * N_OUT,), (N_IN * N_OUT,), N_OUT
        return
    if len(sized) == 2:
        roles = [role_of(p.name) for p in sized]
        sizes = (N_OUT, N_IN) if roles == ["out", "in"] else dense
        shape = sizes
        values = {p.name: _number(n) for p, n in zip(sized, sizes, strict=True)}
    elif len(sized) in _FILTERS:
        shape = _FILTERS[len(sized)]
        values = {p.name: _number(n) for p, n in zip(sized, shape, strict=True)}
        outs = [n for p, n in zip(sized, shape, strict=True) if role_of(p.name) == "out"]
        total = math.prod(shape)
        out = outs[0] if len(outs) == 1 else shape[0]
        fans = tuple(total // n for n in (outs or shape))

    def options(parameter: Parameter) -> Sequence[Choice]:
        if parameter.name in values:
            return [values[parameter.name]]
        role = role_of(parameter.name)
        if role == "sigma":
            return [_number(sigma)]
        if role == "shape":
            return [pair]
        return []

    for arguments in ways(target, options, 4):
        yield arguments, shape, fans, out


def bias_call(
    target: Callable_, shape: tuple[int, ...], out: int, layer: bool, sigma: float
) -> InitializerCall:
    """How the method for biases is called beside a weight of that shape."""
    if takes_any_number(target) and not target.required:
        return InitializerCall(target.name, Arguments((_number(out),)))
    sized = [p for p in target.parameters if role_of(p.name) in ("in", "out", "size", "")]
    if layer and len(sized) == 1 and _attributes(target, sized[0].name):
        return InitializerCall(target.name, Arguments((Choice({"h": "layer"}, "layer"),)))

    def options(parameter: Parameter) -> Sequence[Choice]:
        role = role_of(parameter.name)
        if role == "sigma":
            return [_number(sigma)] if parameter.default is None else [OMIT]
        if role == "shape":
            return [Choice({"tuple": [{"v": out}]}, f"({out},)")]
        if parameter.default is not None and parameter.default not in ("None", *_EMPTY):
            return [OMIT]
        if role == "in" and len(sized) > 1:
            return [_number(shape[0])]
        if len(sized) == 2 and role != "out" and parameter is sized[0]:
            return [_number(shape[0] if len(shape) == 2 else 1)]
        return [_number(out)]

    return InitializerCall(target.name, next(ways(target, options, 1)))


def _attributes(target: Callable_, name: str) -> set[str]:
    """What is read of a parameter: ``layer.n_nodes1``."""
    return {
        n.attr
        for n in ast.walk(target.node)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name
    }
