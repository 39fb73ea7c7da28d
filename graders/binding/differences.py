"""What the notebook's own statements do for its layers: the error at the output, Z - Y, is formed
and handed to softmax's own backward, so that it has nothing left to do but to pass it on; the
derivatives of an activation are multiplied by the gradient that comes from behind, so that it need
not do it. Only statements that can have run count, and only calls of the class in question.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from graders.binding.definitions import Definition, unparse
from graders.binding.lexicon import lexicon
from graders.binding.reached import Reached
from graders.submission.parsing import every_node

_LABELS = re.compile(r"y[a-z]?|t|labels?|targets?|true|correct|teach\w*|ans(wers?)?|gt|onehot|hot")
_OUTPUTS = re.compile(r"hat|pred\w*|out\w*|prob\w*|val|valid\w*|test")
_WORDS = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")
_PASSES = 4  # of names that are handed on from one to the next


class Differences:
    """What the statements of one submission that can have run do for its layers."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached
        self._classes = _held(reached)  # by variable or attribute: the classes it may be one of
        self._mentioned = {
            n.id if isinstance(n, ast.Name) else n.attr
            for n in reached.nodes()
            if isinstance(n, ast.Name | ast.Attribute)
        }

    def error_is_handed_in(self, definition: Definition, backward: str) -> bool:
        """True if somewhere ``Z - Y``, or a multiple of it, is the argument of this backward, by
        itself or under the name that it was assigned to in the same function.
        """
        return any(
            _handed_in(nodes, [c for c in _calls(nodes) if self._is(c, definition, backward)])
            for _, nodes in self._reached.scopes
        )

    def multiplied(self, definition: Definition, backward: str) -> bool:
        """True if what this backward gives is a factor beside a gradient, by itself or under the
        name that it was assigned to in the same function: ``dA * act.backward(z)``, ``np.multiply(dA, ...)``;
        a rate is none.
        """
        kept = {  # ``self.slope = act.derivative(z)``, which another method multiplies
            unparse(target)
            for n in self._reached.nodes()
            if isinstance(n, ast.Assign)
            and isinstance(n.value, ast.Call)
            and self._is(n.value, definition, backward)
            for target in n.targets
            if isinstance(target, ast.Attribute)
        }
        for _, nodes in self._reached.scopes:
            calls = {id(c) for c in _calls(nodes) if self._is(c, definition, backward)}
            named = kept | {
                unparse(target)
                for n in nodes
                if isinstance(n, ast.Assign) and id(n.value) in calls
                for target in n.targets
            }
            for left, right in _products(nodes):
                for one, other in ((left, right), (right, left)):
                    is_it = id(one) in calls or unparse(one) in named
                    if is_it and not _is_number(other):
                        return True
        return False

    def _is(self, call: ast.Call, definition: Definition, method: str) -> bool:
        """True if the call is one of this class's method, or of a layer that hands on to it."""
        if isinstance(call.func, ast.Name):
            return definition.kind == "pair" and call.func.id == method
        if not isinstance(call.func, ast.Attribute):
            return False
        owners = self._owners(call.func.value)
        owners = {name for name in owners if self._has(name, call.func.attr)}
        if call.func.attr == method and self._may_be(owners, definition):
            return True
        if not owners:  # nothing says what it is: a layer that is handed in
            return call.func.attr == method
        return any(
            function is not None
            and self._reached.owners.get(function) in owners
            and function.name == call.func.attr
            and any(
                isinstance(inner.func, ast.Attribute)
                and inner.func.attr == method
                and self._may_be(self._owners(inner.func.value), definition)
                for inner in _calls(nodes)
            )
            for function, nodes in self._reached.scopes
        )

    def _has(self, name: str, method: str) -> bool:
        """True if a class of the notebook, or one that it is made from, has a method."""
        waiting, seen = [name], set[str]()
        while waiting:
            one = waiting.pop()
            seen.add(one)
            for node in self._reached.classes.get(one, ()):
                if any(isinstance(p, ast.FunctionDef) and p.name == method for p in node.body):
                    return True
                waiting += [n for b in node.bases if (n := _name(b)) not in seen]
        return False

    def _owners(self, receiver: ast.expr) -> set[str]:
        """The classes that what a method is called on may be of."""
        if isinstance(receiver, ast.Call):  # ``Softmax().backward(...)``
            name = _name(receiver.func)
            return {name} if name in self._reached.classes else set()
        name = _name(receiver)
        if name in self._reached.classes:
            return {name}
        return self._classes.get(name, set())

    def _may_be(self, owners: Iterable[str], definition: Definition) -> bool:
        """True if one of the classes is the definition, or made from it."""
        waiting, seen = list(owners), set[str]()
        while waiting:
            name = waiting.pop()
            if name == definition.name:
                return True
            if name not in seen:
                seen.add(name)
                for node in self._reached.classes.get(name, ()):
                    waiting += [b.id for b in node.bases if isinstance(b, ast.Name)]
        return any(self._stands_in(definition, owner) for owner in owners)

    def _stands_in(self, definition: Definition, owner: str) -> bool:
        """True if nothing takes the definition, and it has the very methods of a class that is taken:
        one activation of several that a network has its choice of.
        """
        if definition.kind != "class" or definition.name in self._mentioned:
            return False
        own = {n: len(m.names) for n, m in definition.methods.items() if not _is_private(n)}
        return bool(own) and any(
            own
            == {
                f.name: len([*f.args.posonlyargs, *f.args.args]) - 1
                for f in node.body
                if isinstance(f, ast.FunctionDef) and not _is_private(f.name)
            }
            for node in self._reached.classes.get(owner, ())
        )


def _is_private(name: str) -> bool:
    """True for ``_sig``: a helper, of which nothing is asked."""
    return name.startswith("_") and not name.startswith("__")


def _held(reached: Reached) -> dict[str, set[str]]:
    """By the name of a variable, attribute, list or parameter: the classes of what it is given."""
    held: dict[str, set[str]] = defaultdict(set)
    links: list[tuple[str, ast.expr]] = []
    for node in reached.nodes():
        if isinstance(node, ast.Assign):
            for target in node.targets:
                links += _paired(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            links += _paired(node.target, node.value)
        elif isinstance(node, ast.For):
            targets = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
            links += [(_name(target), node.iter) for target in targets]
        elif isinstance(node, ast.Call):
            links += _arguments(node, reached)
    for function, _ in reached.scopes:
        if function is not None:
            places = [*function.args.posonlyargs, *function.args.args]
            defaults = function.args.defaults
            links += [
                (a.arg, value)
                for a, value in zip(places[len(places) - len(defaults) :], defaults, strict=True)
            ]
    given = [(name, _names_in(value)) for name, value in links if name]
    for _ in range(_PASSES):
        for name, names in given:
            for one in names:
                held[name] |= {one} if one in reached.classes else held.get(one, set())
    return dict(held)


def _paired(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    both = isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List)
    if both and len(target.elts) == len(value.elts):  # type: ignore[attr-defined]
        return [
            (_name(t), v)
            for t, v in zip(target.elts, value.elts, strict=True)  # type: ignore[attr-defined]
        ]
    return [(_name(target), value)]


def _arguments(call: ast.Call, reached: Reached) -> list[tuple[str, ast.expr]]:
    """What a call gives to the parameters of a function of the notebook, or puts into a list."""
    found = [(k.arg, k.value) for k in call.keywords if k.arg]
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "insert", "extend"):
        return [*found, *((_name(call.func.value), a) for a in call.args)]
    name = _name(call.func)
    for node in reached.classes.get(name, ()):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                names = [a.arg for a in inner.args.args[1:]]
                found += list(zip(names, call.args, strict=False))
    for function in reached.functions(name):
        names = [a.arg for a in function.args.args]
        if isinstance(call.func, ast.Attribute) and names[:1] == ["self"]:
            names = names[1:]
        found += list(zip(names, call.args, strict=False))
    return found


def _names_in(value: ast.expr) -> list[str]:
    """The variables and attributes that an expression may give: alone, in a list."""
    found = (_name(n) for n in every_node(value) if isinstance(n, ast.Name | ast.Attribute))
    return list(dict.fromkeys(found))


def _calls(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    yield from (n for n in nodes if isinstance(n, ast.Call))


def _handed_in(nodes: list[ast.AST], calls: list[ast.Call]) -> bool:
    named = {
        unparse(target)
        for n in nodes
        if isinstance(n, ast.Assign) and _is_error(n.value)
        for target in n.targets
    }
    return any(
        _is_error(argument) or unparse(argument) in named
        for call in calls
        for argument in [*call.args, *(k.value for k in call.keywords)]
    )


def _name(node: ast.expr) -> str:
    """The variable or attribute that an expression goes back to: ``self.layers[-1]`` is layers."""
    while True:
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Subscript | ast.Starred):
            node = node.value
        else:
            return node.id if isinstance(node, ast.Name) else ""


def _is_number(node: ast.expr) -> bool:
    """True for a number, or a name that speaks of a rate."""
    return isinstance(node, ast.Constant) or lexicon().is_a(_name(node), "lr")


def _is_error(node: ast.expr) -> bool:
    """``Z - Y``, divided by or multiplied with whatever."""
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Sub):
        return _is_labels(node.right) and not _is_labels(node.left)
    if isinstance(node.op, ast.Div):
        return _is_error(node.left)
    return isinstance(node.op, ast.Mult) and (_is_error(node.left) or _is_error(node.right))


def _is_labels(node: ast.expr) -> bool:
    """True for a name that speaks of answers and not of what was predicted."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    words = [w.lower() for w in _WORDS.findall(name)]
    return any(map(_LABELS.fullmatch, words)) and not any(map(_OUTPUTS.fullmatch, words))


def _products(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The factors of every product, element by element: ``a * b``, ``np.multiply(a, b)``."""
    for node in nodes:
        match node:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                yield left, right
            case ast.Call(func=ast.Attribute(attr="multiply"), args=[left, right]):
                yield left, right
