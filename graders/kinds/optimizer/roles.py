"""What an optimiser reads of a layer, and what those attributes are: by evidence, then by name.

The notebook's own dense layer is the evidence: what its ``forward`` keeps of its input, what
``backward`` keeps of the gradient, which state its constructor makes for the optimiser.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from graders.binding.candidates import backward_of, forward_of
from graders.binding.definitions import Callable_, Definition
from graders.submission.parsing import every_node

UPDATE_METHODS = (
    r"update\w*", r"_?(step|apply|optimi[sz]e)\w*", r"\w*update\w*", r"__call__", r"run|do|fit",
    r"a(c)?tuali[sz]\w*|mett\w*_?a_?jour\w*|otimi[sz]\w*",
)  # fmt: skip

_OF_DATA = frozenset(  # what dicts and arrays have: says nothing of a layer
    "keys items values get update copy shape T dtype size ndim sum mean reshape astype dot "
    "setdefault pop append ravel flatten squeeze fill any all max min std tolist".split()
)
_GRADIENT = r"(d|l|grad(ient)?s?|delta|nabla|dif+|dl_?d?|dj_?d?|g)"
_W, _B = r"(w(eights?)?|theta)", r"(b(ias(es)?)?)"
_NAMES = (
    ("N", r"n|(n_?)?(batch|samples?)(_?(size|num|n))?|m|bs"),
    (
        "dW",
        rf"{_GRADIENT}_?{_W}\d?|{_W}_?(grad(ient)?s?|feedback|new|delta|diff?|d)\d?|update_?{_W}",
    ),
    (
        "dB",
        rf"{_GRADIENT}_?{_B}\d?|{_B}_?(grad(ient)?s?|feedback|new|delta|diff?|d)\d?|update_?{_B}",
    ),
    ("W", rf"{_W}\d?|coefs?"),
    ("B", rf"{_B}\d?|intercepts?"),
    ("params", r"params?|parameters?|network|weights_?dict|theta|values?"),
    ("grads", r"(params?_?)?(grads?|gradients?)(_?wrt_?params?)?|d_?params?|diffs?|deltas?"),
    ("dA", r"d_?a|d_?out\w*|delta\w*|d_?y|grad_?a|d_?z|up\w*|error|dl?_?da|d_?\w"),
    ("x", r"x\w*|\w*_?x|z\w*|\w{1,2}z|inp(ut)?\w*|in_?\w*|a|\w*input\w*|data"),
    ("lr", r"lr|learning_?rate|eta|alpha|rate"),
)  # fmt: skip


def role_by_name(name: str) -> str:
    """N, dW, dB, W, B, params, grads, dA, x, lr or nothing."""
    plain = name.strip("_").lower() or name
    for role, pattern in _NAMES:
        if re.fullmatch(pattern, plain, re.IGNORECASE):
            return role
    return ""


@dataclass(frozen=True)
class Evidence:
    """What the notebook's layers keep under which name."""

    roles: dict[str, str] = field(default_factory=dict)  # attribute -> x, dA, W, B
    state: dict[str, float] = field(default_factory=dict)  # attribute -> the value it starts with
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of attributes that are dicts


def read_evidence(layers: Sequence[Definition], everything: Iterable[Definition]) -> Evidence:
    """From the dense layers' sources; keys of dicts from every source."""
    roles: dict[str, str] = {}
    state: dict[str, float] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for layer in layers:
        forward, backward = forward_of(layer), backward_of(layer)
        for method, role in ((backward, "dA"), (forward, "x")):
            if method is not None and method.parameters:
                names = {p.name for p in method.required[:1] or method.parameters[:1]}
                for attribute in _kept(method, names):
                    roles.setdefault(attribute, role)
        for method in layer.methods.values():
            state.update({k: v for k, v in _constants(method).items() if k not in state})
    for definition in everything:
        for node in every_node(definition.tree):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Attribute)
                and isinstance(node.slice, ast.Constant)
                and isinstance(node.slice.value, str)
            ):
                name = node.value.attr
                if node.slice.value not in keys.get(name, ()):
                    keys[name] = (*keys.get(name, ()), node.slice.value)
    return Evidence(roles, state, keys)


def _kept(method: Callable_, names: set[str]) -> Iterable[str]:
    """Attributes of the instance that are given the parameter itself, or a copy of it."""
    for node in every_node(method.node):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            for one, value in _single(target, node.value):
                if (
                    isinstance(one, ast.Attribute)
                    and isinstance(one.value, ast.Name)
                    and _is(value, names)
                ):
                    yield one.attr


def _single(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The assignments in ``self.a, self.b = a, b``."""
    sides = (ast.Tuple, ast.List)
    if isinstance(target, sides) and isinstance(value, sides):
        if len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _is(node: ast.expr, names: set[str]) -> bool:
    """True for ``x``, ``x.copy()``, ``copy.deepcopy(x)``, ``np.array(x)``, ``dict(x)``, ``x.astype(...)``."""
    match node:
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Attribute(value=inner, attr="copy" | "astype")) if _is(inner, names):
            return True
        case ast.Call(func=ast.Attribute(attr=f), args=[inner]):
            return f in ("array", "asarray", "copy", "deepcopy") and _is(inner, names)
        case ast.Call(func=ast.Name(id=f), args=[inner]):
            return f in ("deepcopy", "copy", "dict") and _is(inner, names)
    return False


def _constants(method: Callable_) -> dict[str, float]:
    """Attributes that a method starts with a number, or with an array of zeros or ones."""
    found: dict[str, float] = {}
    for node in every_node(method.node):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            for one, source in _single(target, node.value):
                value = _start(source)
                if value is not None and isinstance(one, ast.Attribute):
                    found.setdefault(one.attr, value)
    return found


def _start(node: ast.expr) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    source = ast.unparse(node)
    if "zeros" in source:
        return 0.0
    return 1.0 if "ones" in source else None


@dataclass(frozen=True)
class Read:
    """What an optimiser does with the attributes of one of its parameters."""

    loaded: frozenset[str]
    stored: frozenset[str]
    dicts: frozenset[str]


def attributes_of(definition: Definition, update: Callable_) -> dict[str, Read]:
    """By parameter of any method that handles layers: the attributes that are used."""
    found: dict[str, Read] = {}
    methods = [update] if definition.function is not None else list(definition.methods.values())
    for method in methods:
        parents = _parents(method)
        for parameter in method.parameters:
            read = _read(method, parameter.name, parents)
            if not read.loaded | read.stored:
                continue
            old = found.get(parameter.name)
            found[parameter.name] = read if old is None else Read(
                old.loaded | read.loaded, old.stored | read.stored, old.dicts | read.dicts
            )  # fmt: skip
    return found


def _parents(method: Callable_) -> dict[ast.AST, ast.AST]:
    """What each part of a method stands in."""
    nodes = every_node(method.node)
    return {child: parent for parent in nodes for child in ast.iter_child_nodes(parent)}


def _read(method: Callable_, name: str, parents: dict[ast.AST, ast.AST]) -> Read:
    loaded: set[str] = set()
    stored: set[str] = set()
    dicts: set[str] = set()
    for node in every_node(method.node):
        if not (isinstance(node, ast.Attribute) and _names(node.value, name)):
            continue
        if node.attr in _OF_DATA:
            continue
        (stored if isinstance(node.ctx, ast.Store) else loaded).add(node.attr)
        above = parents.get(node)
        if isinstance(above, ast.AugAssign):
            loaded.add(node.attr)
        if isinstance(above, ast.Attribute) and above.attr in ("keys", "items", "values", "get"):
            dicts.add(node.attr)
        if isinstance(above, ast.Subscript) and above.value is node:
            text = isinstance(above.slice, ast.Constant) and isinstance(above.slice.value, str)
            if text or isinstance(above.slice, ast.Name):
                dicts.add(node.attr)
        if isinstance(above, ast.For | ast.comprehension) and above.iter is node:
            dicts.add(node.attr)
    return Read(frozenset(loaded), frozenset(stored), frozenset(dicts))


def held_layer(definition: Definition) -> tuple[str, Read] | None:
    """The constructor's parameter that is a layer kept on the instance, with what is used of it:
    ``SGD(layer, lr)`` whose ``step()`` works on ``self.layer``.
    """
    constructor = definition.constructor
    if constructor is None:
        return None
    for parameter in constructor.parameters:
        for attribute in _kept(constructor, {parameter.name}):
            read = Read(frozenset(), frozenset(), frozenset())
            for method in definition.methods.values():
                own = _read(method, f"self.{attribute}", _parents(method))
                read = Read(
                    read.loaded | own.loaded, read.stored | own.stored, read.dicts | own.dicts
                )
            if read.stored and not read.stored <= {attribute}:
                return parameter.name, read
    return None


def _names(node: ast.expr, name: str) -> bool:
    if name.startswith("self.") and isinstance(node, ast.Attribute):
        return f"self.{node.attr}" == name and _names(node.value, "self")
    return isinstance(node, ast.Name) and node.id == name


@dataclass(frozen=True)
class DictUse:
    """How a parameter is used as a dict, if it is: the keys that are written out, those that are
    numbered (``"W" + str(l)``: W) and what stands before the key of another dict (``"d" + key``: d).
    """

    used: bool = False
    keys: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    prefix: str = ""


def uses_as_dict(method: Callable_, name: str) -> DictUse:
    """Whether a parameter is used as a dict, and with which keys."""
    keys: list[str] = []
    beginnings: list[str] = []
    used = False
    copies = _copies(method, name)

    def is_it(of: ast.expr) -> bool:
        return any(_names(of, one) for one in copies)

    for node in every_node(method.node):
        if isinstance(node, ast.Attribute) and is_it(node.value):
            used = used or node.attr in ("keys", "items", "values", "get")
        match node:
            case ast.Call(
                func=ast.Attribute(value=of, attr="get" | "setdefault"),
                args=[ast.Constant(value=str(key)), *_],
            ) if is_it(of):
                used = True
                keys.append(key)
        if isinstance(node, ast.Subscript) and is_it(node.value):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                used = True
                keys.append(node.slice.value)
            elif isinstance(node.slice, ast.Name):
                used = True
            elif beginning := _beginning(node.slice):
                used = True
                beginnings.append(beginning)
        if isinstance(node, ast.For | ast.comprehension) and is_it(node.iter):
            used = True
    numbered = tuple(dict.fromkeys(b for b in beginnings if sides([f"{b}1"])))
    prefix = next((b for b in beginnings if b not in numbered), "")
    return DictUse(used, tuple(dict.fromkeys(keys)), numbered, prefix)


def _copies(method: Callable_, name: str) -> set[str]:
    """A parameter, and the variables that are given it or a copy of it."""
    return {name} | {
        one.id
        for node in every_node(method.node)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for one, value in _single(target, node.value)
        if isinstance(one, ast.Name) and _is(value, {name})
    }


def _beginning(key: ast.expr) -> str:
    """The text with which a key begins that is put together: ``"W" + str(l)``, ``f"W{l}"``."""
    match key:
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
            return text
        case ast.BinOp(left=ast.BinOp() as inner, op=ast.Add()):
            return _beginning(inner)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()) if "%" in text:
            return text.partition("%")[0]
    return ""


def is_key(method: Callable_, name: str) -> bool:
    """True for a parameter by which the method finds what it keeps of an array, ``cache[name]``,
    ``name in self.cache``: the array's name, another one for each.
    """
    own = set(method.names)
    for node in every_node(method.node):
        match node:
            case ast.Subscript(value=ast.Name(id=of), slice=ast.Name(id=key)):
                found = key == name and of not in own
            case ast.Subscript(value=ast.Attribute(), slice=ast.Name(id=key)):
                found = key == name
            case ast.Compare(left=ast.Name(id=key), ops=[ast.In() | ast.NotIn()]):
                found = key == name
            case _:
                continue
        if found:
            return True
    return False


def uses_as_list(method: Callable_, names: set[str]) -> bool:
    """True if one of the parameters is gone through by ``for``, ``zip`` or ``enumerate``."""
    for node in every_node(method.node):
        if isinstance(node, ast.For | ast.comprehension):
            inside = {n.id for n in every_node(node.iter) if isinstance(n, ast.Name)}
            if inside & names:
                return True
    return False


def sides(keys: Sequence[str]) -> dict[str, str]:
    """Which key is the weight's and which the bias's: ``{"W": "W", "b": "B"}``."""
    found: dict[str, str] = {}
    for key in keys:
        role = role_by_name(key)
        if role in ("W", "dW"):
            found.setdefault(key, "W")
        elif role in ("B", "dB"):
            found.setdefault(key, "B")
    return found
