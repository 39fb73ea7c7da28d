"""Student-like classes and functions around a layer of the reference, made from its spec.

They differ in where the weights come from (an initialiser, the constructor, each call), in the
names, in the layouts of arrays and in how gradients are given back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graders.binding.plans import is_bias
from graders.cases import output_axes
from graders.kinds.sources import class_name
from graders.specs import ItemSpec

_USUAL = {
    "filter_size": "filter_size", "filter_height": "filter_h", "filter_width": "filter_w",
    "in_channels": "n_in_channels", "out_channels": "n_out_channels", "stride": "stride",
    "padding": "pad", "dilation": "dilation", "in_nodes": "n_nodes1", "out_nodes": "n_nodes2", "pool_size": "pool_size",
}  # fmt: skip
_OTHER = {
    "filter_size": "F", "filter_height": "FH", "filter_width": "FW", "in_channels": "ch_in",
    "out_channels": "ch_out", "stride": "st", "padding": "padding", "dilation": "dilation_rate", "in_nodes": "n_in",
    "out_nodes": "n_out", "pool_size": "pool_size",
}  # fmt: skip


def layer_sources(spec: ItemSpec) -> dict[str, str]:
    """The interfaces of a layer by name, the sprint's own template first."""
    sources = _with_weights(spec) if spec.weights else _without_weights(spec)
    return {
        name: (ARRANGED if "arranged(" in source else "") + source
        for name, source in sources.items()
    }


def _with_weights(spec: ItemSpec) -> dict[str, str]:
    first, last = _of_inputs(spec, 0), _of_inputs(spec, -1)
    if spec.testing is not None:
        return _told_their_mode(spec)
    found = {
        "initialiser and optimiser": _template(_Writer(spec, first, _USUAL, 0)),
        "weights to the constructor, gradients in a dict": _arrays(_Writer(spec, last, _OTHER, -1)),
        "weights to forward, gradients as a tuple": _calls(_Writer(spec, first, _OTHER, 0)),
        "sizes, weights made at random": _sizes(_Writer(spec, last, _OTHER, 0)),
    }
    if all(spec.axes[0] in w.axes for w in spec.weights.values()):  # data: nobody draws them
        del found["sizes, weights made at random"]
    return found


def _of_inputs(spec: ItemSpec, place: int) -> str:
    """One of the layouts that have every axis of more than one element."""
    needed = [a for a in spec.axes if spec.sizes.get(a, (2, 2))[1] != 1]
    whole = [x for x in spec.layouts if set(needed) <= set(x)]
    return (whole or list(spec.layouts))[place]


def to_canonical(text: str, layout: str, axes: Sequence[str]) -> str:
    """An expression for the array with all its axes in their order; left-out ones are 1."""
    present = [a for a in axes if a in layout]
    order = [layout.index(a) for a in present]
    if order != sorted(order):
        text += f".transpose({', '.join(map(str, order))})"
    if len(present) < len(axes):
        text += "[" + ", ".join(":" if a in layout else "None" for a in axes) + "]"
    return text


def from_canonical(text: str, layout: str, axes: Sequence[str]) -> str:
    """The way back from `to_canonical`."""
    present = [a for a in axes if a in layout]
    if len(present) < len(axes):
        text += "[" + ", ".join(":" if a in layout else "0" for a in axes) + "]"
    order = [present.index(a) for a in layout]
    if order != sorted(order):
        text += f".transpose({', '.join(map(str, order))})"
    return text


# A wrong layer may give anything; only what has the right axes is laid out anew.
ARRANGED = """\
def arranged(a, ndim, change):
    return change(a) if isinstance(a, np.ndarray) and a.ndim == ndim else a


"""


def _arranged(text: str, layout: str, axes: Sequence[str]) -> str:
    """An expression for what `text` gives, in the student's layout if it has all the axes."""
    changed = from_canonical("a", layout, axes)
    return text if changed == "a" else f"arranged({text}, {len(axes)}, lambda a: {changed})"


@dataclass(frozen=True)
class _Writer:
    """One item in one layout, with one set of names."""

    spec: ItemSpec
    layout: str
    names: Mapping[str, str]
    weights_as: int  # which of the layouts of each weight

    @property
    def reference(self) -> str:
        return "reference." + self.spec.reference.partition(":")[2]

    # -- sizes -----------------------------------------------------------------------------

    def size(self, formula: str) -> tuple[str, str]:
        """(parameter, expression) of a size: a parameter by its role, a fixed number, or what is computed of another
        size, ``4 * n_nodes``.
        """
        formula = self.spec.twin(formula)
        computed = self.spec.shapes.get(formula)
        if computed is not None and len(computed.names) == 1:
            (of,) = computed.names
            parameter, expression = self.size(of)
            return parameter, re.sub(rf"\b{of}\b", expression, computed.text)
        low, high = self.spec.sizes.get(formula, (0, 1))
        if formula.isdigit():
            return "", formula
        if low == high:
            return "", str(low)
        roles = [r for r, f in self.spec.roles.items() if f.text == formula]
        known = [r for r in roles if r in self.names] or roles or [formula.lower()]
        if formula in "KJ" and len(known) > 1:  # a side of its own, where there are two
            known = [r for r in known if r != "filter_size"]
        name = self.names.get(known[0], known[0])
        return name, name

    def settings(self) -> tuple[list[str], list[str]]:
        """Parameters of the constructor besides arrays, and how they go to the reference."""
        pairs = {key: self.size(f.text) for key, f in self.spec.config.items()}
        passed = [f"{key}={expression}" for key, (_, expression) in pairs.items()]
        return [p for p, _ in pairs.values() if p], passed

    def shape(self, weight: str) -> list[tuple[str, str]]:
        """(parameter, expression) of each size of a weight, in the student's layout."""
        return [self.size(axis) for axis in self.weight_layout(weight)]

    def weight_layout(self, weight: str) -> str:
        spec = self.spec.weights[weight]
        return spec.layouts[self.weights_as] or "".join(spec.axes)

    # -- arrays ----------------------------------------------------------------------------

    def canonical_weight(self, weight: str, text: str) -> str:
        axes = self.spec.weights[weight].axes
        array = f"np.array({text}, dtype=float)"
        return to_canonical(array, self.weight_layout(weight), axes)

    def own_weight(self, weight: str, text: str) -> str:
        """The way back."""
        return _arranged(text, self.weight_layout(weight), self.spec.weights[weight].axes)

    def x(self, text: str) -> str:
        if self.spec.below:  # the reference takes whole numbers as they come
            return f"np.asarray({text})"
        return to_canonical(f"np.asarray({text}, dtype=float)", self.layout, self.spec.axes)

    def dx(self, text: str) -> str:
        if self.spec.below:
            return text
        return _arranged(text, self.layout, self.spec.axes)

    def dy(self, text: str) -> str:
        array = f"np.asarray({text}, dtype=float)"
        if self.spec.output_layout:
            return array
        layout = "".join(self.spec.output[a] for a in self.layout)
        return to_canonical(array, layout, output_axes(self.spec))

    def y(self, text: str) -> str:
        if self.spec.output_layout:
            return text
        layout = "".join(self.spec.output[a] for a in self.layout)
        return _arranged(text, layout, output_axes(self.spec))

    def forward(self, x: str) -> str:
        """The layer's output for an input, in the student's layout."""
        return self.y(f"self.layer.forward({self.x(x)})")

    def backward(self, dy: str) -> str:
        """The gradient of the input for an upstream gradient, in the student's layout."""
        return self.dx(f"self.layer.backward({self.dy(dy)})")

    def gradient(self, weight: str) -> str:
        """A weight's gradient in the student's layout."""
        return self.own_weight(weight, f"self.layer.grads[{weight!r}]")

    def made(self, weights: Mapping[str, str]) -> str:
        """The reference's layer with these weights, given as the student has them."""
        arrays = [self.canonical_weight(w, text) for w, text in weights.items()]
        return f"{self.reference}({', '.join([*arrays, *self.settings()[1]])})"

    def made_late(self, weights: Mapping[str, str]) -> str:
        """The same outside the constructor: settings are attributes by then."""
        passed = self.settings()[1]
        late = [re.sub(r"=([A-Za-z]\w*)$", r"=self.\1", p) for p in passed]
        arrays = [self.canonical_weight(w, text) for w, text in weights.items()]
        return f"{self.reference}({', '.join([*arrays, *late])})"

    def set_weights(self, weights: Mapping[str, str]) -> list[str]:
        """Statements that give the layer the weights as they now are."""
        return [
            f"self.layer.params[{w!r}] = {self.canonical_weight(w, text)}"
            for w, text in weights.items()
        ]


def _class(name: str, *methods: tuple[str, Sequence[str]]) -> str:
    lines = [f"class {name}:"]
    for head, body in methods:
        lines += [f"    def {head}:", *(f"        {line}" for line in body), ""]
    return "\n".join(lines)


def _unique(names: Sequence[str]) -> list[str]:
    return [n for n in dict.fromkeys(names) if n]


def _template(w: _Writer) -> str:
    sizes = [p for name in w.spec.weights for p, _ in w.shape(name)]
    given = _unique([*w.settings()[0], *sizes])
    return _with_an_initializer(w, [*given, "initializer", "optimizer"], "X", "dA")


def _with_an_initializer(
    w: _Writer, parameters: Sequence[str], x: str, dy: str,
    initializer: str = "initializer", optimizer: str = "optimizer",
) -> str:  # fmt: skip
    weights = {name: f"self.{'B' if is_bias(name) else name}" for name in w.spec.weights}
    shapes = {name: w.shape(name) for name in weights}
    start = [
        f"{text} = {initializer}.{'B' if is_bias(name) else 'W'}"
        f"({', '.join(e for _, e in shapes[name])})"
        for name, text in weights.items()
    ]
    kept = [f"self.d{'B' if is_bias(n) else n} = {w.gradient(n)}" for n in weights]
    return _class(
        class_name(w.spec),
        (
            f"__init__({', '.join(['self', *parameters])})",
            [
                f"self.optimizer = {optimizer}",
                *start,
                f"self.layer = {w.made(weights)}",
                f"self.layer.given = [{', '.join(weights.values())}]",
            ],
        ),
        (
            f"forward(self, {x})",
            [
                # What the constructor made of them is used, too, unless somebody changed them.
                f"given = [{', '.join(weights.values())}]",
                "if any(new is not old for new, old in zip(given, self.layer.given)):",
                *(f"    {line}" for line in w.set_weights(weights)),
                f"return {w.forward(x)}",
            ],
        ),
        (
            f"backward(self, {dy})",
            [
                f"dX = {w.backward(dy)}",
                *kept,
                "self.optimizer.update(self)",
                "return dX",
            ],
        ),
    )


def in_signature(
    spec: ItemSpec, names: Mapping[str, str], parameters: Mapping[str, str], x: str, dy: str
) -> str | None:
    """The layer as one class with a constructor of these parameters and their defaults.

    `names` has the parameter of each role; `x` and `dy` are what forward and backward take. None where
    a size has no parameter, or weights come from somewhere else than an initialiser.
    """
    told = dict(names)
    for role, axes in spec.equal.items():
        for other, formula in spec.roles.items():
            if role in names and formula.text in axes:
                told.setdefault(other, names[role])
    w = _Writer(spec, _of_inputs(spec, 0), told, 0)
    sizes = [p for name in spec.weights for p, _ in w.shape(name)]
    needed = set(_unique([*w.settings()[0], *sizes]))
    if spec.weights:
        needed |= {names.get("initializer", ""), names.get("optimizer", "")}
    if not needed <= parameters.keys():
        return None
    written = [f"{n}={d}" if d else n for n, d in parameters.items()]
    if spec.weights:
        source = _with_an_initializer(w, written, x, dy, names["initializer"], names["optimizer"])
    else:
        source = _class(
            class_name(spec),
            (
                f"__init__({', '.join(['self', *written])})",
                [f"self.layer = {w.reference}({', '.join(w.settings()[1])})"],
            ),
            (f"forward(self, {x})", [f"return {w.forward(x)}"]),
            (f"backward(self, {dy})", [f"return {w.backward(dy)}"]),
        )
    return (ARRANGED if "arranged(" in source else "") + source


class Call(Protocol):
    """A function as a signature names it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def names(self) -> Sequence[str]:
        """Its parameters."""


def in_functions(spec: ItemSpec, calls: Sequence[Call]) -> str | None:
    """The layer as ``forward(x, w, b) -> out, cache`` and ``backward(dout, cache)``, the cache being the
    reference's layer; None for functions of another form, or where a size would have to be given.
    """
    if len(calls) != 2 or len(calls[1].names) != 2:
        return None
    (forward, backward), weights = calls, list(spec.weights)
    x, *arrays = forward.names
    if [a.lower() for a in arrays] != [w.lower() for w in weights]:
        return None
    dy, cache = backward.names
    w = _Writer(spec, _of_inputs(spec, 0), {}, 0)
    if w.settings()[0]:
        return None
    made = w.made(dict(zip(weights, arrays, strict=True)))
    grads = [_of(w.gradient(name), cache) for name in weights]
    source = "\n".join(
        [
            f"def {forward.name}({', '.join(forward.names)}):",
            f"    {cache} = {made}",
            f"    return {_of(w.forward(x), cache)}, {cache}",
            "",
            f"def {backward.name}({dy}, {cache}):",
            f"    dx = {_of(w.backward(dy), cache)}",
            f"    return {', '.join(['dx', *grads])}",
        ]
    )
    return (ARRANGED if "arranged(" in source else "") + source


def _of(text: str, layer: str) -> str:
    return text.replace("self.layer", layer)


def _arrays(w: _Writer) -> str:
    weights = {name: f"self.{name.lower()}" for name in w.spec.weights}
    given = _unique([*(name.lower() for name in weights), *w.settings()[0]])
    kept = [f"{n.lower()!r}: {w.gradient(n)}" for n in weights]
    return _class(
        class_name(w.spec),
        (
            f"__init__({', '.join(['self', *given])})",
            [*(f"self.{n} = {n}" for n in given), "self.layer = None", "self.grads = {}"],
        ),
        (
            "_forward(self, x)",
            [
                f"if self.layer is None: self.layer = {w.made_late(weights)}",
                *w.set_weights(weights),
                f"return {w.forward('x')}",
            ],
        ),
        (
            "_backward(self, dout)",
            [
                f"dx = {w.backward('dout')}",
                f"self.grads = {{{', '.join(kept)}}}",
                "return dx",
            ],
        ),
    )


def _calls(w: _Writer) -> str:
    weights = {name: name.lower() for name in w.spec.weights}
    given = w.settings()[0]
    grads = [w.gradient(n) for n in weights]
    return _class(
        class_name(w.spec),
        (
            f"__init__({', '.join(['self', *given])})",
            [*(f"self.{name} = {name}" for name in given), "self.layer = None"],
        ),
        (
            f"forward({', '.join(['self', 'x', *weights.values()])})",
            [
                f"if self.layer is None: self.layer = {w.made_late(weights)}",
                *w.set_weights(weights),
                f"return {w.forward('x')}",
            ],
        ),
        (
            "backward(self, da)",
            [f"dx = {w.backward('da')}", f"return {', '.join(['dx', *grads])}"],
        ),
    )


def _sizes(w: _Writer) -> str:
    weights = {name: f"self.{name}" for name in w.spec.weights}
    shapes = {name: w.shape(name) for name in weights}
    sizes = [p for shape in shapes.values() for p, _ in shape]
    given = _unique([*reversed(sizes), *w.settings()[0]])
    start = [
        f"{text} = 0.1 * np.random.randn({', '.join(e for _, e in shapes[name])})"
        for name, text in weights.items()
    ]
    grads = [f"self.grad_{n.lower()} = {w.gradient(n)}" for n in weights]
    return _class(
        class_name(w.spec),
        (
            f"__init__({', '.join(['self', *given])})",
            [*start, f"self.layer = {w.made(weights)}"],
        ),
        (
            "forward_propagation(self, x)",
            [*w.set_weights(weights), f"return {w.forward('x')}"],
        ),
        (
            "back_propagation(self, delta)",
            [f"dx = {w.backward('delta')}", *grads, "return dx"],
        ),
    )


def _told_their_mode(spec: ItemSpec) -> dict[str, str]:
    """Layers that do something else in a test: each way to be told so, each way to keep statistics."""
    assert spec.testing is not None
    number, ways = spec.testing.number, spec.testing.ways
    names = [n.lower() for n in spec.weights]

    def other(place: int) -> str:
        settings = ways[place % len(ways)].settings
        return "".join(f", {name}={value!r}" for name, value in settings.items())

    values = {
        "Name": class_name(spec),
        "plain": spec.id,
        "Reference": "reference." + spec.reference.partition(":")[2],
        "arrays": ", ".join(names),
        "number": number,
        "kept": "; ".join(f"self.{n} = {n}" for n in names),
        "own": "".join(f"self.rule.params[{w!r}] = np.asarray(self.{w.lower()}, dtype=float); " for w in spec.weights),
        "grads": "".join(f"self.d{w.lower()} = self.rule.grads[{w!r}]; " for w in spec.weights),
        "returned": ", ".join(f"rule.grads[{w!r}]" for w in spec.weights),
        "ones": "; ".join(
            f"self.{n} = np.{'zeros' if is_bias(n) else 'ones'}(n_features)" for n in names
        ),
        "given": ", ".join(f"self.{n}" for n in names),
        "first": other(1), "second": other(2), "last": other(-1),
    }  # fmt: skip
    return {
        name: _FILL.sub(lambda m: values[m[1]], source)
        for name, source in (
            ("a flag of forward", _BY_FLAG),
            ("train() and eval()", _BY_METHODS),
            ("functions and a dict that is kept", _BY_DICT),
            ("a forward of its own for tests", _BY_FORWARD),
        )
    }


_FILL = re.compile(r"<(\w+)>")
_BY_FLAG = """
class <Name>:
    def __init__(self, <arrays>, <number>=0.9):
        <kept>
        self.rule = <Reference>(<arrays>, <number>=<number>)
    def forward(self, x, train_flg=True):
        <own>return self.rule.forward(x, train_flg)
    def backward(self, dout):
        dx = self.rule.backward(dout)
        <grads>return dx
"""
_BY_METHODS = """
class <Name>:
    def __init__(self, n_features, <number>=0.1):
        <ones>
        self.training = True
        self.rule = <Reference>(<given>, <number>=1 - <number><first>)
    def train(self):
        self.training = True
    def eval(self):
        self.training = False
    def forward(self, x):
        <own>return self.rule.forward(x, self.training)
    def backward(self, grad):
        dx = self.rule.backward(grad)
        <grads>return dx
"""
_BY_DICT = """
def <plain>_forward(x, <arrays>, bn_param):
    rule = bn_param.get("rule", None)
    if rule is None:
        rule = <Reference>(<arrays>, <number>=bn_param.get("<number>", 0.95)<second>)
    bn_param["rule"] = rule
    if bn_param["mode"] == "train":
        out = rule.forward(x)
    elif bn_param["mode"] == "test":
        out = rule.forward(x, False)
    return out, rule
def <plain>_backward(dout, cache):
    rule = cache
    dx = rule.backward(dout)
    return dx, <returned>
"""
_BY_FORWARD = """
class <Name>:
    def __init__(self, n_features):
        <ones>
        self.rule = <Reference>(<given>, <number>=0.8<last>)
    def forward(self, x):
        <own>return self.rule.forward(x)
    def predict(self, x):
        <own>return self.rule.forward(x, False)
    def backward(self, dy):
        dx = self.rule.backward(dy)
        <grads>return dx
"""


def _without_weights(spec: ItemSpec) -> dict[str, str]:
    usual = _Writer(spec, _of_inputs(spec, 0), _USUAL, 0)
    other = _Writer(spec, _of_inputs(spec, -1), _OTHER, 0)
    name, lower = class_name(spec), re.sub(r"\W", "", class_name(spec)).lower()
    given, passed = usual.settings()
    made = f"{usual.reference}({', '.join(passed)})"
    head = f"__init__({', '.join(['self', *given])})"

    sources = {
        "forward and backward": _class(
            name,
            (head, [f"self.layer = {made}"]),
            ("forward(self, X)", [f"return {usual.forward('X')}"]),
            ("backward(self, dA)", [f"return {usual.backward('dA')}"]),
        ),
        "other names, the gradient kept": _class(
            name,
            (head, [f"self.layer = {made}", "self.dx = None"]),
            ("_forward(self, x)", [f"self.y = {other.forward('x')}", "return self.y"]),
            ("_backward(self, dout)", [f"self.dx = {other.backward('dout')}"]),
        ),
        "a new layer for each call": _class(
            name,
            (head, [*(f"self.{p} = {p}" for p in given), "self.layer = None"]),
            (
                "forward(self, Z)",
                [
                    "self.layer = " + re.sub(r"=(\w+)", r"=self.\1", made),
                    f"self.A = {usual.forward('Z')}",
                    "return self.A",
                ],
            ),
            ("backward(self, delta)", [f"return {usual.backward('delta')}"]),
        ),
    }
    if not given:
        x, dy = usual.x("x"), usual.dy("dout")
        back = usual.dx(f"layer.backward({dy})")
        body = [f"layer = {made}", f"layer.forward({x})", f"return {back}"]
        sources["functions"] = "\n".join(
            [
                f"def {lower}(x):",
                f"    return {usual.y(f'{made}.forward({x})')}",
                f"def {lower}_backward(dout, x):",
                *(f"    {line}" for line in body),
            ]
        )
    return sources
