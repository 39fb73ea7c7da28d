"""What an optimiser's own code reads of what it is handed: attributes, elements, entries, results.

It follows the thing by its names, from the constructor to the step, through loops, ``zip``, ``enumerate``,
``items()`` and the optimiser's other methods, and executes nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from graders.binding.definitions import Callable_, Definition
from graders.kinds.optimizer.objects import Door, Taking
from graders.submission.parsing import every_node

_SAME = frozenset("list tuple iter reversed sorted".split())  # what holds the same elements
_ROUNDS = 3  # a name may be followed before it is known what it stands for


@dataclass(eq=False)
class Node:
    """What is read of one thing."""

    attributes: dict[str, Node] = field(default_factory=dict)
    result: Node | None = None  # of calling it
    item: Node | None = None  # what it gives in a loop, or by a number
    entry: Node | None = None  # what it has under a key that is not written out
    parts: dict[str, Node] = field(default_factory=dict)  # what it is unpacked into, by name
    keys: dict[str | int, None] = field(
        default_factory=dict
    )  # written out: ``grad["dW"]``, ``grad[0]``

    def attribute(self, name: str) -> Node:
        """What is read of an attribute."""
        return self.attributes.setdefault(name, Node())

    def called(self) -> Node:
        """What is read of its result."""
        self.result = self.result or Node()
        return self.result

    def element(self) -> Node:
        """What is read of each of its elements."""
        self.item = self.item or Node()
        return self.item

    def value(self) -> Node:
        """What is read of each of its entries."""
        self.entry = self.entry or Node()
        return self.entry

    @property
    def unread(self) -> bool:
        """True if nothing is read of it: of what a method gives that is called for what it does."""
        return not (self.attributes or self.result or self.item or self.entry or self.parts)

    def could_be(self, attributes: frozenset[str] | None) -> bool:
        """True if what has these attributes, or is gone through, has what is read of this; also where
        nothing was seen to be read.
        """
        through = any(part is not None for part in (self.item, self.entry))
        if not (through or self.attributes):
            return True
        return through if attributes is None else not self.attributes.keys().isdisjoint(attributes)


_Known = Node | tuple["_Known", ...] | None
_KEY = Node()  # a key of a dict: nothing that is handed over


def reading(definition: Definition, update: Callable_, taking: Taking) -> Node:
    """What the optimiser reads of the thing that it takes by that way."""
    root = Node()
    reader = _Reader(definition)
    if taking.door is Door.ATTRIBUTE:
        reader.instance[taking.name] = root
    elif taking.door is Door.CONSTRUCTOR:
        reader.given["__init__"] = {taking.name: root}
        reader.instance[taking.name] = root  # where a base's constructor keeps it
    elif taking.door is Door.SETUP:
        method = definition.methods[taking.name]
        name = method.required[0].name
        reader.given[taking.name] = {name: root}
        reader.instance[name] = root  # the same
    else:
        reader.given[update.name] = {taking.name: root}
    methods = definition.methods or {update.name: update}
    for _ in range(_ROUNDS):
        for name, method in methods.items():
            reader.method(name, method)
    return root


class _Reader:
    """The names of one class, and what they stand for."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.instance: dict[str, _Known] = {}  # attributes of the optimiser
        self.given: dict[str, dict[str, _Known]] = {}  # by method: what its parameters are given
        self._names: dict[str, _Known] = {}

    def method(self, name: str, method: Callable_) -> None:
        """Follow the names through one method."""
        self._names = dict(self.given.get(name, {}))
        nodes = every_node(method.node)
        for node in [*nodes, *nodes]:  # what a comprehension binds is known the second time
            if isinstance(node, ast.For | ast.comprehension):
                self._bind(node.target, self._elements(node.iter))
            elif isinstance(node, ast.Assign):
                known = self._known(node.value)
                for target in node.targets:
                    self._bind(target, known)
        for node in nodes:
            if isinstance(node, ast.expr):
                self._known(node)

    def _bind(self, target: ast.expr, known: _Known) -> None:
        match target:
            case ast.Name(id=name) if known is not None:
                self._names[name] = known
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute) if known is not None:
                self.instance.setdefault(attribute, known)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if isinstance(known, tuple):
                for part, one in zip(parts, known, strict=False):
                    self._bind(part, one)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if isinstance(known, Node):
                for part in parts:
                    if isinstance(part, ast.Name):
                        self._bind(part, known.parts.setdefault(part.id, Node()))

    def _known(self, node: ast.expr) -> _Known:
        match node:
            case ast.Name(id=name):
                return self._names.get(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self.instance.get(name)
            case ast.Attribute(value=inner, attr=name):
                base = self._known(inner)
                own = isinstance(base, Node) and base is not _KEY and name not in _OF_DICTS
                return base.attribute(name) if own and isinstance(base, Node) else None
            case ast.Subscript(value=inner, slice=index):
                return self._entry(self._known(inner), index)
            case ast.Call():
                return self._call(node)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self._known(part) for part in parts)
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
                each = self._known(inner)
                return Node(item=each) if isinstance(each, Node) else None
        return None

    def _entry(self, base: _Known, index: ast.expr) -> _Known:
        if not isinstance(base, Node) or base is _KEY:
            return None
        if isinstance(index, ast.Slice):
            return base
        if isinstance(index, ast.Constant) and isinstance(index.value, str | int):
            base.keys.setdefault(index.value)
        key = self._names.get(index.id) if isinstance(index, ast.Name) else None
        return base.element() if key is None else base.value()

    def _call(self, node: ast.Call) -> _Known:
        match node.func:
            case ast.Name(id=name) if name in _SAME and node.args:
                return self._known(node.args[0])
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if (
                name in self._definition.methods
            ):
                method = self._definition.methods[name]
                given = self.given.setdefault(name, {})
                for parameter, argument in zip(method.parameters, node.args, strict=False):
                    known = self._known(argument)
                    if known is not None:
                        given.setdefault(parameter.name, known)
                return None
        function = self._known(node.func)
        return function.called() if isinstance(function, Node) else None

    def _elements(self, node: ast.expr) -> _Known:
        match node:
            case ast.Call(func=ast.Name(id="zip"), args=parts):
                return tuple(self._elements(part) for part in parts)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                return None, self._elements(inner)
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _SAME:
                return self._elements(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="items" | "keys" | "values" as way)):
                base = self._known(inner)
                if not isinstance(base, Node):
                    return None
                if way == "keys":
                    return _KEY
                return (_KEY, base.value()) if way == "items" else base.value()
        base = self._known(node)
        return base.element() if isinstance(base, Node) and base is not _KEY else None


_OF_DICTS = frozenset("items keys values get copy shape T dtype size ndim".split())
