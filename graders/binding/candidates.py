"""Which definitions may answer an item, likeliest first: section, then name, then structure."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graders.binding.array_use import calls_kept, keys_of
from graders.binding.definitions import Broken, Callable_, Definition, Parameter
from graders.binding.filled import called_on
from graders.binding.lexicon import lexicon, other_side
from graders.specs import ItemSpec
from graders.spelling import one_letter_off
from graders.submission.parsing import every_node
from graders.traits import Trait

_FORWARD = [
    r"forward", r"_*forward", r"_*forward_?prop\w*", r"_*feed_?forward", r"\w*forward\w*",
    r"_*(forword|foward|forwad|fowrad|forwrd)\w*",
    r"_*(fp|fwd?|call|convolve|convolution|conv(1d)?)", r"__call__", r"_*f_?prop",
]  # fmt: skip
_BACKWARD = [
    r"backward", r"_*backward", r"_*ba(ck|k|kc)?(c?k?)?w[ar]+d\w*", r"_*back_?prop\w*", r"\w*backward\w*", r"\w*back\w*", r"_*(bp|bwd?)",
    r"_*(grad(ient)?s?|deriv\w*|differential|diff)", r"_*b_?prop", r"_*(compute|calc(ulate)?|get|make)_?grad(ient)?s?", r"_*d",
    r"_*grad(ient)?s?_?(wrt_|of_|for_)?(x|in(put)?s?)",
]  # fmt: skip
MAX_CANDIDATES = 10


class Reason(enum.Flag):
    """Why a definition is looked at for an item."""

    SECTION = enum.auto()
    """It stands under one of the item's headings."""
    NAME = enum.auto()
    """Its name is one of the item's."""
    PARAMETERS = enum.auto()
    """Its parameters are those that the item needs."""
    SCHEMES = enum.auto()
    """It offers the starting schemes by name."""
    OUTPUT = enum.auto()
    """What it returns may be what the item asks for."""

    @classmethod
    def of(cls, holds: Mapping[Reason, bool]) -> Reason:
        """Those reasons that hold, together."""
        found = cls(0)
        for reason, true in holds.items():
            if true:
                found |= reason
        return found


@dataclass(frozen=True)
class Candidate:
    """A definition with the reasons why it is looked at."""

    definition: Definition
    rank: float
    reasons: Reason

    @property
    def named(self) -> bool:
        """True if its name is one of the item's."""
        return Reason.NAME in self.reasons


def _first(definition: Definition, patterns: list[str], without: str) -> Callable_ | None:
    for pattern in patterns:
        for name, method in definition.methods.items():
            if re.fullmatch(pattern, name, re.IGNORECASE) and not re.search(without, name, re.I):
                return method
    return None


def forward_of(definition: Definition) -> Callable_ | None:
    """The method that computes the output."""
    return _first(definition, _FORWARD, "back|cost|loss")


def backward_of(definition: Definition) -> Callable_ | None:
    """The method that computes the gradients."""
    return _first(definition, _BACKWARD, "forward|update")


def gradients_of(definition: Definition) -> Callable_ | None:
    """A method of its own for the gradients of the parameters, beside that of the input."""
    return _first(
        definition,
        [
            r"_*grad(ient)?s?_?(wrt_|of_|for_)?(param(eter)?|weight)s?",
            r"_*param(eter)?s?_grad(ient)?s?",
            r"_*p_?grads?",
        ],
        "^$",
    )


_DERIVATIVE = re.compile(
    r"back(_?wards?|_?prop(agation)?)?|_bwd?$|deriv(ativ)?e?|grad(ient)?|prime|diff(erential)?|jacobian"
    r"|^(?-i:d(?=[A-Z]))|^d_|^delta_|_d$|dash",
    re.IGNORECASE,
)


def _reading(spec: ItemSpec, name: str) -> tuple[bool, int | None]:
    """(is it a derivative, place among the accepted names) of a function's or method's name.

    A bare ``d`` before a name makes a derivative of it only where the rest is nearer to what the
    item is called than the whole: ``drelu``, but neither ``dense`` nor ``dropout``.
    """
    stem = _DERIVATIVE.sub("", name).strip("_")
    rank = name_rank(spec, stem)
    if _DERIVATIVE.search(name):
        return True, rank
    rest = name_rank(spec, stem[1:]) if stem[:1] in ("d", "D") else None
    if rest is not None and (rank is None or rest < rank):
        return True, rest
    return False, rank


def methods_for(
    spec: ItemSpec, definition: Definition
) -> tuple[Callable_ | None, Callable_ | None]:
    """(forward, backward) of a class for an item. A layer without weights may be a pair of
    methods of a class that holds them all: ``Activation.relu`` and ``Activation.relu_backward``.
    """
    if definition.kind == "pair":
        return definition.methods["forward"], definition.methods.get("backward")
    forward, backward = _by_names(spec, definition)
    if forward is None or backward is None:
        pair = _by_structure(spec, definition)
        if pair is not None and (forward is None or forward.name == pair[0].name):
            return pair
    return forward, backward


def _by_names(spec: ItemSpec, definition: Definition) -> tuple[Callable_ | None, Callable_ | None]:
    forward = forward_of(definition)
    named = _named_pair(spec, definition) if not spec.weights else (None, None)
    if forward is None and not spec.weights:
        return named
    others = name_rank(spec, definition.name) is None and None not in named
    if others and not words_for(spec, definition):
        return named  # beside a forward that is for others: ``softmax_fw`` of an Activation
    return _taking(forward), _taking(backward_of(definition))


def _named_pair(
    spec: ItemSpec, definition: Definition
) -> tuple[Callable_ | None, Callable_ | None]:
    """Methods that say themselves which item they are of: ``relu`` and ``relu_backward``."""
    pair: list[Callable_ | None] = [None, None]
    for name, method in definition.methods.items():
        if name.startswith("__"):
            continue  # ``__init__`` is no initialiser
        is_derivative, rank = _reading(spec, name)
        if rank is not None and method.parameters and pair[is_derivative] is None:
            pair[is_derivative] = method
    return pair[0], pair[1] if pair[0] is not None else None


_ASIDE = re.compile(
    r"update|step|set|get|load|save|assign|init|reset|zero|param|size|shape|pad|im2col|col2im"
    r"|show|plot|print|summary|copy|check|test",
    re.IGNORECASE,
)
_OF_MODELS = re.compile(r"fit|train|learn|predict|loss|cost|error|accuracy|score|entropy", re.I)


def _by_structure(spec: ItemSpec, definition: Definition) -> tuple[Callable_, Callable_] | None:
    """``run`` and ``run_back``: in a class that is named like the item, the only two public methods
    that take something and that the class itself does not call, one of them a derivative by its
    name or else by its parameter.
    """
    if definition.kind != "class" or name_rank(spec, definition.name) is None:
        return None
    if any(_OF_MODELS.search(name) for name in definition.methods):
        return None
    called = set(re.findall(r"\bself\.(\w+)\(", definition.source))
    public = [
        _taking(method) or method for name, method in definition.methods.items()
        if not name.startswith("_") and not _ASIDE.search(name) and name not in called
    ]  # fmt: skip
    taking = [m for m in public if m.parameters]
    if Trait.LABELLED in spec.traits and len(taking) == 1:
        taking += [m for m in public if not m.parameters and _DERIVATIVE.search(m.name)]
    if len(taking) != 2:
        return None
    by_name = [bool(_DERIVATIVE.search(m.name)) for m in taking]
    by_parameter = [
        [r for p in m.parameters[:1] for r in lexicon().roles(p.name)[:1]] == ["upstream"]
        for m in taking
    ]
    evidence = by_name if any(by_name) else by_parameter
    if sum(evidence) != 1:
        return None
    forward, backward = taking if evidence[1] else taking[::-1]
    return forward, backward


def _taking(method: Callable_ | None) -> Callable_ | None:
    """``forward(self, *inputs)`` as a method of one parameter."""
    if method is None or method.parameters or method.node.args.vararg is None:
        return method
    return replace(method, parameters=(Parameter(method.node.args.vararg.arg),))


def _only_returns(method: Callable_) -> bool:
    """True for a helper that makes something and keeps nothing: ``return np.random.random(weight_shape)``."""
    nodes = every_node(method.node)
    returns = any(isinstance(n, ast.Return) and n.value is not None for n in nodes)
    return returns and not any(isinstance(n, ast.Name) and n.id == "self" for n in nodes)


_OF_A_FILE = re.compile(r"(\w+_)?(path|file(_?name)?|fname|dir(ectory)?|folder|prefix)", re.I)


def setter_of(definition: Definition) -> Callable_ | None:
    """A method that takes the weights, such as ``set_params(w, b)``; none that reads them from a file."""
    for name, method in definition.methods.items():
        if re.match(r"_*((set|load|assign|init|initiali[sz]e)(?!_*$)|build)", name, re.I):
            of_a_file = any(_OF_A_FILE.fullmatch(p.name) for p in method.parameters)
            if of_a_file or _only_returns(method):
                continue
            if any(called_on(method, p.name) for p in method.parameters):
                continue  # ``weights_initializer.initialize(...)``: what makes them
            roles = [lexicon().roles(p.name)[:1] for p in method.parameters]
            if ["weight"] in roles:
                return method
    return None


_DESCENT = re.compile(r"sgd|gradient_?descent|^gd$|optimi[sz]er", re.I)
_STATEFUL = re.compile(r"ada|momentum|rms|nesterov", re.I)


def optimizers_of(definitions: list[Definition]) -> list[Definition]:
    """Classes that update weights by plain gradient descent, the likeliest first."""
    found = []
    for definition in reversed(definitions):
        updates = any(re.search(r"update|step", name, re.I) for name in definition.methods)
        if definition.kind == "class" and updates and not _STATEFUL.search(definition.name):
            found.append(definition)
    with_name = [d for d in found if _DESCENT.search(d.name)]
    others = [d for d in found if forward_of(d) is None and "fit" not in d.methods]
    return [*with_name, *(d for d in others if d not in with_name)]


def home_of(definition: Definition, items: Sequence[ItemSpec], among: str = "") -> str | None:
    """The item whose accepted names fit the definition's name best; None if none does.

    One class may answer several items as well (``SGD`` with and without momentum): then it is `among` them.
    """
    ranks = [
        (rank, i.id != among, i.id)
        for i in items
        if (rank := name_rank(i, definition.name)) is not None
    ]
    return min(ranks)[2] if ranks else None


def _place(rank: int | None) -> float:
    """A rank to sort by; no rank comes last."""
    return float("inf") if rank is None else rank


_ANOTHER = re.compile(
    r"_?(transposed?|dilat(ed|ion)?|atrous|depth_?wise|separable)|de(?=_?conv)|(?<![a-z])time(?=_?\w)",
    re.I,
)


def name_rank(spec: ItemSpec, name: str) -> int | None:
    """The place of the first accepted pattern that the name has, or None.

    A transposed or dilated convolution is another operation, and so is a layer over the times of a sequence
    (``TimeAffine``): a pattern means it only if it asks for the word.
    """
    plain = name.rpartition(".")[2]
    without = _ANOTHER.sub("", plain)
    for i, pattern in enumerate(spec.names):
        if pattern.fullmatch(plain) and (without == plain or not pattern.fullmatch(without)):
            return i
    return None


_LONG = 6  # letters of a name that one wrong letter leaves recognisable: GELU is no ReLU


def misspelt(spec: ItemSpec, name: str) -> bool:
    """True for a name that differs by one letter from an accepted one: ``Sigmiod``, ``AddGrad``. A digit is
    none: Conv3d is no Conv2d.
    """
    plain = name.rpartition(".")[2].lower()
    if len(plain) < _LONG or name_rank(spec, name) is not None:
        return False
    digits = [c for c in plain if c.isdigit()]
    variants = (v for v in one_letter_off(plain) if [c for c in v if c.isdigit()] == digits)
    return any(pattern.fullmatch(v) for v in variants for pattern in spec.names)


def layer_candidates(spec: ItemSpec, definitions: list[Definition]) -> list[Candidate]:
    """Classes with a forward method that may be the layer of the item."""
    found = []
    for definition in definitions:
        if definition.kind != "class" or "fit" in definition.methods:
            continue
        forward, backward = methods_for(spec, definition)
        named = name_rank(spec, definition.name)
        if named is None and not spec.weights and words_for(spec, definition):
            named = len(spec.names)  # Activator("sigmoid")
        if forward is None or not (forward.parameters or named is not None):
            continue
        here = bool(spec.problems & set(definition.section.problems))
        if spec.own_section_only and named is None and not (here and backward):
            continue
        convolves = _mentions(definition, "filter_size")
        if named is None and not here and not convolves:
            continue
        weightless = bool(spec.weights) and not keeps_weights(definition)
        if named is None and (backward is None or weightless):
            continue
        # Later versions first among equals: the last word of the student on the matter.
        rank = (0 if here else 3) + (10 if named is None else named) - definition.order * 1e-4
        reasons = Reason.of({Reason.SECTION: here, Reason.NAME: named is not None})
        found.append(Candidate(definition, rank, reasons or Reason.PARAMETERS))
    found += handed_functions(spec, definitions)
    found += function_pairs(spec, definitions)
    found.sort(key=lambda c: c.rank)
    return found[:MAX_CANDIDATES]


def handed_functions(spec: ItemSpec, definitions: Sequence[Definition]) -> Iterator[Candidate]:
    """A class of activations with each function of the item's name that it can be handed, or with that
    and its derivative: ``ActivationLayer(sigmoid)``, ``Activation(tanh, tanh_prime)``.
    """
    if spec.weights or set(spec.output) != set(spec.output.values()):
        return
    functions: tuple[list[tuple[int, str]], list[tuple[int, str]]] = ([], [])
    for definition in definitions:
        if definition.kind == "function" and definition.function is not None:
            is_derivative, rank = _reading(spec, definition.name)
            if rank is not None and len(definition.function.required) == 1:
                functions[is_derivative].append((rank, definition.name))
    for definition in definitions if functions[False] else ():
        constructor = definition.constructor
        if definition.kind != "class" or constructor is None or keeps_weights(definition):
            continue
        if forward_of(definition) is None or backward_of(definition) is None:
            continue
        names = [p.name for p in constructor.required]
        if not 0 < len(names) <= 2 or not all(calls_kept(definition, n) for n in names):
            continue
        if _DERIVATIVE.search(names[0]):
            names.reverse()
        (rank, function), *_ = sorted(functions[False])
        handed = dict(
            zip(names, (function, *(n for _, n in sorted(functions[True]))), strict=False)
        )
        if len(handed) == len(names):
            ordered = {n: handed[n] for n in (p.name for p in constructor.required)}
            yield Candidate(
                replace(definition, handed=ordered), 5 + rank - definition.order * 1e-4, Reason.NAME
            )


_FORWARD_WORD = re.compile(r"_?(forward|fwd|fw)(_?prop(agation)?)?", re.I)
_BACKWARD_WORD = re.compile(r"_?(backward|back_?prop(agation)?|bwd|bw)", re.I)


def function_pairs(spec: ItemSpec, definitions: list[Definition]) -> Iterator[Candidate]:
    """A forward and a backward function in the place of a class: ``conv1d_forward(x, w, b)``."""
    forwards: list[tuple[int, Definition]] = []
    backwards: list[Definition] = []
    for definition in definitions:
        function = definition.function
        if definition.kind != "function" or function is None or not function.parameters:
            continue
        is_derivative, rank = _reading(spec, _FORWARD_WORD.sub("", definition.name))
        if rank is None and _is_bare(spec, definition):
            rank = len(spec.names)
        if rank is None:
            continue
        own = [pattern for weight in spec.weights.values() for pattern in weight.names]
        taken = [p.name for p in function.parameters[1:]]
        taken += [key for p in function.parameters for key in keys_of(function, p.name)]
        takes_weight = any(
            lexicon().is_a(name, "weight") or any(pattern.fullmatch(name) for pattern in own)
            for name in taken
        )
        if is_derivative:
            backwards.append(definition)
        elif takes_weight or not spec.weights:
            forwards.append((rank, definition))
    for rank, forward in forwards:
        if not backwards:
            return  # a helper, not an answer
        stem = _stem(forward.name)
        backward = min(
            backwards, key=lambda d: (_stem(d.name) != stem, abs(d.cell - forward.cell), -d.order)
        )
        assert forward.function is not None
        assert backward.function is not None
        pair = replace(
            forward,
            kind="pair",
            methods={"forward": forward.function, "backward": backward.function},
            source=forward.source + "\n" + backward.source,
            cells={forward.name: forward.cell, backward.name: backward.cell},
        )
        reason = Reason.PARAMETERS if rank == len(spec.names) else Reason.NAME
        yield Candidate(pair, 6 + rank - forward.order * 1e-4, reason)


def _stem(name: str) -> str:
    """What a function's name says besides that it goes forward or back: ``linear`` of ``linear_backward``."""
    return _DERIVATIVE.sub("", _FORWARD_WORD.sub("", name)).strip("_").lower()


def losses_with_gradient(spec: ItemSpec, definitions: Sequence[Definition]) -> list[Definition]:
    """Functions of the item's name that take two things and return two or more, the loss and its
    gradient: ``softmax_loss(x, y)``. The last one first.
    """
    found = []
    for definition in definitions:
        function = definition.function
        if definition.kind != "function" or function is None or len(function.required) != 2:
            continue
        answers = [n.value for n in ast.walk(function.node) if isinstance(n, ast.Return)]
        together = any(isinstance(a, ast.Tuple) and len(a.elts) > 1 for a in answers)
        if together and name_rank(spec, definition.name) is not None:
            cells = {definition.name: definition.cell}
            methods = {"forward": function}
            found.append(replace(definition, kind="pair", methods=methods, cells=cells))
    return found[::-1]


_CROSS_ENTROPY = re.compile(r"(?!.*(bin|bce|sigmoid|logistic))\w*cross_?entropy\w*", re.I)
_SOFTMAX = re.compile(r"_*(log_?)?soft_?max\w*", re.I)


def losses_of_logits(definitions: Sequence[Definition]) -> list[Definition]:
    """Classes called cross-entropy whose forward takes logits and labels, and makes shares of the logits
    itself: ``CrossEntropyFromLogits``. One that is given probabilities has no softmax in it. The
    last one first.
    """
    found = []
    for definition in definitions:
        forward, backward = forward_of(definition), backward_of(definition)
        if definition.kind != "class" or not _CROSS_ENTROPY.fullmatch(definition.name):
            continue
        if forward is not None and backward is not None and len(forward.required) == 2:
            called = _called_by(definition, forward)
            if {"exp", "sum"} <= called or any(map(_SOFTMAX.fullmatch, sorted(called))):
                found.append(definition)
    return found[::-1]


def _called_by(definition: Definition, method: Callable_) -> set[str]:
    """The names of all that a method calls, by itself or by other methods of its class."""
    names, seen, waiting = set[str](), set[str](), [method]
    while waiting:
        one = waiting.pop()
        seen.add(one.name)
        calls = [n.func for n in every_node(one.node) if isinstance(n, ast.Call)]
        mine = {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}
        names |= mine
        waiting += [m for n, m in definition.methods.items() if n in mine and n not in seen]
    return names


_LOSS = [
    r"_*forward\w*", r"__call__", r"_*(compute_?|get_?|calc(ulate)?_?)?(loss|cost|error|value)", r"_*calc(ulate)?|compute|fn|f|call",
]  # fmt: skip
_SLOPE = [
    r"_*backward\w*", r"_*(compute_?|get_?|calc(ulate)?_?)?(loss_?)?(grad(ient)?s?|deriv\w*|prime|delta|input_grad)", r"\w*back\w*",
    r"\w*(grad|deriv|prime)\w*",
]  # fmt: skip


def loss_methods(
    spec: ItemSpec, definition: Definition
) -> tuple[Callable_ | None, Callable_ | None]:
    """(value, derivative) of what may be a loss; a class may hold several as methods: ``Loss.mse``, ``Loss.mse_grad``."""
    if definition.kind == "pair":
        return definition.methods["forward"], definition.methods.get("backward")
    if name_rank(spec, definition.name) is None:
        return _named_pair(spec, definition)
    value = _first(definition, _LOSS, "^__init__$|back|grad|deriv")
    slope = _first(definition, _SLOPE, "forward|update|zero|history|clip")
    return (value, slope) if value is not None else _named_pair(spec, definition)


def loss_candidates(spec: ItemSpec, definitions: Sequence[Definition]) -> list[Definition]:
    """Classes and functions that are called like the loss, the last ones first; of functions those that give the
    gradient as well come before those that stand alone.
    """
    classes = [
        d for d in definitions
        if d.kind == "class" and "fit" not in d.methods and loss_methods(spec, d)[0] is not None
    ]  # fmt: skip
    together = losses_with_gradient(spec, definitions)
    pairs = [c.definition for c in function_pairs(spec, list(definitions))]
    had = {(d.name, d.cell) for d in [*together, *pairs]}
    alone = [
        replace(d, kind="pair", methods={"forward": d.function}, cells={d.name: d.cell})
        for d in definitions
        if d.kind == "function" and d.function is not None and (d.name, d.cell) not in had
        and not _reading(spec, d.name)[0] and name_rank(spec, d.name) is not None
    ]  # fmt: skip
    return [*classes[::-1], *together, *pairs, *alone[::-1]]


def dropout_candidates(spec: ItemSpec, definitions: Sequence[Definition]) -> list[Definition]:
    """Classes and functions that are called like a dropout, the last ones first; of functions pairs with a
    backward come before those that stand alone.
    """
    classes = [
        d for d in definitions
        if d.kind == "class" and "fit" not in d.methods and name_rank(spec, d.name) is not None
        and methods_for(spec, d)[0] is not None
    ]  # fmt: skip
    pairs = [c.definition for c in function_pairs(spec, list(definitions))]
    had = {(d.name, d.cell) for d in pairs}
    alone = [
        replace(d, kind="pair", methods={"forward": d.function}, cells={d.name: d.cell})
        for d in definitions
        if d.kind == "function" and d.function is not None and (d.name, d.cell) not in had
        and not _reading(spec, d.name)[0]
        and name_rank(spec, _FORWARD_WORD.sub("", d.name)) is not None
    ]  # fmt: skip
    return [*classes[::-1], *pairs, *alone[::-1]]


def _is_bare(spec: ItemSpec, definition: Definition) -> bool:
    """``forward(x, w, b)`` and ``backward(x, w, da)``: only what they compute tells which item they
    are of.
    """
    assert definition.function is not None
    names = definition.function.names
    kept = any(lexicon().is_a(name, "weight") for name in names[1:])
    bare = _FORWARD_WORD.fullmatch(definition.name) or _BACKWARD_WORD.fullmatch(definition.name)
    return bool(bare and spec.weights and kept and "self" not in names)


def words_for(spec: ItemSpec, definition: Definition) -> list[str]:
    """Words by which the class can do the item among others: its methods' names, or strings in
    its code where its constructor takes a word.
    """
    if definition.kind == "class" and forward_of(definition) is None:
        forward, _ = _by_names(spec, definition)
        return [forward.name] if forward is not None else []
    if definition.constructor is None or not definition.constructor.parameters:
        return []
    found = [
        node.value
        for node in every_node(definition.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    own = name_rank(spec, definition.name)

    def says(word: str) -> bool:
        """By itself, or before the class's name: ``Pool2D(2, "average")`` is average_Pool2D."""
        if name_rank(spec, word) is not None:
            return True
        both = name_rank(spec, f"{word}_{definition.name}") if word.isidentifier() else None
        return both is not None and not spec.weights and (own is None or both < own)

    return [w for w in dict.fromkeys(found) if says(w)]


def keeps_weights(definition: Definition) -> bool:
    """True if the class keeps something that is named like a weight: an activation does not."""
    names = {
        node.attr
        for node in every_node(definition.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return any(lexicon().is_a(name, "weight") for name in names)


def _mentions(definition: Definition, role: str) -> bool:
    constructor = definition.constructor
    return constructor is not None and any(
        lexicon().is_a(p.name, role) and len(p.name) > 1 for p in constructor.parameters
    )


def function_candidates(spec: ItemSpec, definitions: list[Definition]) -> list[Candidate]:
    """Functions that may compute the value, likeliest first: the ten first ones."""
    found: list[Candidate] = []
    others: list[Definition] = []  # that take all sizes, under other names, in other sections
    problems = spec.problems
    seen: dict[tuple[str, ...], bool] = {}  # many functions have the same parameters
    for definition in definitions:
        if definition.kind != "function":
            continue
        here = not problems.isdisjoint(definition.section.problems)
        named = name_rank(spec, definition.name)
        if here or named is not None:
            rank = (0 if here else 3) + (10 if named is None else named) - definition.order * 1e-4
            reason = Reason.SECTION if named is None else Reason.NAME
            found.append(Candidate(definition, rank, reason))
        elif (target := definition.function) is not None:
            if target.names not in seen:
                seen[target.names] = takes_all_sizes(spec, target)
            if seen[target.names]:
                others.append(definition)
    for definition in others[-MAX_CANDIDATES:]:  # the later ones come first
        found.append(Candidate(definition, 13 - definition.order * 1e-4, Reason.SECTION))
    found.sort(key=lambda c: c.rank)
    return found[:MAX_CANDIDATES]


def takes_all_sizes(spec: ItemSpec, target: Callable_) -> bool:
    """True if the parameters' names stand for every size of the item: whatever it is called."""
    if spec.per_axis is not None and takes_all_sizes(spec.per_axis, target):
        return True
    if len(spec.sizes) < 3:
        return False
    covered: set[str] = set()
    roles_of, roles = lexicon().roles, spec.roles
    named = [[r for r in roles_of(p.name) if r in roles] for p in target.parameters]
    every = {r for known in named for r in known}
    for known in named:
        if known:
            role = next((r for r in known if other_side(r) in every), known[0])
            covered |= roles[role].names
    return covered >= spec.sizes.keys()


def method_candidates(
    spec: ItemSpec, definitions: list[Definition]
) -> list[tuple[Definition, Callable_]]:
    """Methods whose names are among the item's accepted names, later classes first."""
    found = []
    for definition in reversed(definitions):
        if definition.kind != "class":
            continue
        class_rank = name_rank(spec, definition.name)
        last = len(spec.names) + 20
        for name, method in definition.methods.items():
            rank = name_rank(spec, name)
            if rank is None and class_rank is not None and not name.startswith("__"):
                rank = 10 + class_rank  # OutputSize.calculate
            if rank is None and takes_all_sizes(spec, method):
                rank = last
            if rank is not None:
                found.append((rank, definition, method))
    found.sort(key=lambda entry: entry[0])
    return [(d, m) for _, d, m in found][:MAX_CANDIDATES]


def broken_candidate(
    spec: ItemSpec, broken: list[Broken], definitions: Sequence[Definition] = ()
) -> Broken | None:
    """What in a cell that does not compile would have answered the item, unless the name of one of
    `definitions`, which compile, fits it better: of layers a class, of other kinds what is called so.
    """
    layer = Trait.LAYER in spec.traits
    ranks = (name_rank(spec, d.name) for d in definitions if not layer or forward_of(d))
    best = min(ranks, key=_place, default=None)
    broken = [b for b in broken if _place(name_rank(spec, b.name)) <= _place(best)]
    for entry in reversed(broken):
        named = name_rank(spec, entry.name) is not None
        if not layer:
            if named:
                return entry
            continue
        if entry.kind != "class" or not re.search(r"def\s+\w*forward", entry.source):
            continue
        if spec.keywords is not None:
            if named and spec.keywords.search(entry.source):
                return entry
        elif named or (spec.problems & set(entry.section.problems) and spec.own_section_only):
            return entry
    return None
