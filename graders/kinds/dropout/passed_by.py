"""A network that leaves a layer out in a test: read off the statements that decide whether it is called, and off the
functions that train and predict.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graders.binding.definitions import Definition, unparse
from graders.binding.mode_names import (
    asks_for_mode,
    is_test_word,
    is_train_word,
    runs_test,
    runs_training,
    says_mode,
    says_test,
    says_training,
)
from graders.binding.reached import Reached
from graders.submission.parsing import every_node

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Loop = ast.For | ast.While
_END = ast.Continue | ast.Break | ast.Return | ast.Raise


def passed_by(reached: Reached, definition: Definition, forward: str) -> bool:
    """True if a network calls the layer where it is a training, and where it is a test does not.

    Two things say so, in code that can have run or in a module that runs nothing by itself: the innermost loop or
    function that asks both whether an object is such a layer (or calls one that was made of the class) and whether it
    is a training, ``if not training and isinstance(layer, Dropout): continue``; and the functions of one class that
    train and predict, ``fit`` and ``predict``. What leaves it out in training instead is the opposite, and speaks
    against it, as does another test that calls it.
    """
    runs = any(function is not None for function, _ in reached.scopes)
    made = _made(reached, definition)
    said = set[bool]()
    try:
        for tree in reached.trees.values():
            for functions in _networks(tree):
                alive = {
                    name: function for name, function in functions.items()
                    if not runs or any(s in reached for s in function.body)
                }  # fmt: skip
                nodes = [n for f in alive.values() for n in every_node(f)]
                for subject in dict.fromkeys([*_asked(nodes, definition.name), *made]):
                    said |= _Way(definition.name, forward, subject, functions).left_out(alive)
            for region in _regions(tree):
                nodes = list(_inside(region))
                if runs and not any(s in reached for s in region):
                    continue
                if not any(asks_for_mode(_name(n)) or says_mode(_name(n)) for n in nodes):
                    continue
                for subject in dict.fromkeys([*_asked(nodes, definition.name), *made]):
                    way = _Way(definition.name, forward, subject)
                    trained, tested = way.may_call(region, True), way.may_call(region, False)
                    if trained != tested:
                        said.add(trained)
    except RecursionError:  # what is nested too deeply shows nothing
        return False
    return said == {True}


def _made(reached: Reached, definition: Definition) -> list[str]:
    """What a call of the class is assigned to: ``drop``, ``self.drop``."""
    return [
        unparse(target)
        for tree in reached.trees.values()
        for node in every_node(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        and _name(node.value.func) == definition.name
        for target in node.targets
        if isinstance(target, ast.Name | ast.Attribute)
    ]  # fmt: skip


def _regions(tree: ast.Module) -> Iterator[Sequence[ast.stmt]]:
    """The bodies of all loops and functions."""
    for node in every_node(tree):
        if isinstance(node, _Function | _Loop):
            yield node.body


def _networks(tree: ast.Module) -> Iterator[Mapping[str, _Function]]:
    """The functions of each class, and those that stand in none."""
    for body in (tree.body, *(n.body for n in every_node(tree) if isinstance(n, ast.ClassDef))):
        yield {s.name: s for s in body if isinstance(s, _Function)}


def _inside(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a body, without those of the loops and functions in it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _Function | _Loop | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _asked(nodes: Sequence[ast.AST], name: str) -> Iterator[str]:
    """The objects of which code asks whether they are of the class."""
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[of, classes]):
                if name in {_name(n) for n in ast.walk(classes)}:
                    yield unparse(of)


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@dataclass(frozen=True)
class _Way:
    """What statements do with one object of the class, in training or in a test.

    `functions`: the network's own, which are followed where they are called.
    """

    definition: str
    forward: str
    subject: str
    functions: Mapping[str, _Function] = field(default_factory=dict)
    _followed: dict[tuple[str, bool], bool] = field(default_factory=dict)

    def left_out(self, alive: Mapping[str, _Function]) -> set[bool]:
        """Of the functions that train and call the object, each beside one that tests and goes through the same
        layers: whether that leaves it out.
        """
        trains = [
            f for name, f in alive.items() if runs_training(name) and self.may_call(f.body, True)
        ]
        tests = [f for name, f in alive.items() if runs_test(name)]
        return {
            not self.may_call(test.body, False)
            for train in trains
            for test in tests
            if self._layers(train) & self._layers(test)
        }

    def _layers(self, function: _Function) -> set[str]:
        """The other objects that a function calls, with what it calls of the network's own."""
        found, seen, waiting = set[str](), {function.name}, [function]
        while waiting:
            for node in every_node(waiting.pop()):
                if not isinstance(node, ast.Call):
                    continue
                of, text = node.func, unparse(node.func)
                if (own := self._own(of)) is not None:
                    if own.name not in seen:
                        seen.add(own.name)
                        waiting.append(own)
                elif isinstance(of, ast.Attribute) and (
                    of.attr == self.forward or text.startswith("self.")
                ):
                    found.add(text)
        return found - {self.subject, f"{self.subject}.{self.forward}"}

    def _own(self, called: ast.expr) -> _Function | None:
        """The network's own function that is called."""
        match called:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self.functions.get(name)
        return None

    def may_call(self, body: Sequence[ast.stmt], training: bool) -> bool:
        """True if there is a way through the statements on which the object is called."""
        return any(called for called, _ in self._through(body, training))

    def _through(self, body: Sequence[ast.stmt], training: bool) -> set[tuple[bool, bool]]:
        """For each way through the statements: whether the object is called, and whether the way ends there."""
        ways = {(False, False)}
        for statement in body:
            going = [called for called, ended in ways if not ended]
            after = self._one(statement, training) if going else set()
            ways = {way for way in ways if way[1]}
            ways |= {(before or called, ended) for before in going for called, ended in after}
        return ways

    def _one(self, statement: ast.stmt, training: bool) -> set[tuple[bool, bool]]:
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                value = self._value(test, training)
                ways = set[tuple[bool, bool]]()
                if value is not False:
                    ways |= self._through(body, training)
                if value is not True:
                    ways |= self._through(orelse, training)
                called = self._calls(test, training)
                return {(called or way, ended) for way, ended in ways}
            case ast.For(body=body) | ast.While(body=body):
                return {(False, False)} | {(c, False) for c, _ in self._through(body, training)}
            case ast.With(body=body):
                return self._through(body, training)
            case ast.Try(body=body, orelse=orelse, finalbody=final):
                return self._through([*body, *orelse, *final], training)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return {(False, False)}
        return {(self._calls(statement, training), isinstance(statement, _END))}

    def _calls(self, node: ast.AST, training: bool) -> bool:
        """True if the object may be called in an expression."""
        if isinstance(node, ast.IfExp):
            value = self._value(node.test, training)
            parts = [node.test, *([node.body] if value is not False else [])]
            parts += [node.orelse] if value is not True else []
            return any(self._calls(part, training) for part in parts)
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr == self.forward:
                called = called.value
            if unparse(called) == self.subject:
                return True
            if (own := self._own(node.func)) is not None and self._follows(own, training):
                return True
        return any(self._calls(child, training) for child in ast.iter_child_nodes(node))

    def _follows(self, function: _Function, training: bool) -> bool:
        """True if a function of the network's own may call the object."""
        key = function.name, training
        if key not in self._followed:
            self._followed[key] = False  # while it is looked at
            self._followed[key] = self.may_call(function.body, training)
        return self._followed[key]

    def _value(self, test: ast.expr, training: bool) -> bool | None:
        """What a condition is; None where nothing says it."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = self._value(operand, training)
                return None if value is None else not value
            case ast.BoolOp(op=op, values=values):
                known = [self._value(v, training) for v in values]
                decides = isinstance(op, ast.Or)
                if decides in known:
                    return decides
                return None if None in known else not decides
            case ast.Call(func=ast.Name(id="isinstance"), args=[of, classes]):
                mine = self.definition in {_name(n) for n in ast.walk(classes)}
                return True if mine and unparse(of) == self.subject else None
            case ast.Name() | ast.Attribute():
                name = _name(test)
                if says_training(name):
                    return training
                return not training if says_test(name) else None
            case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=value)]):
                equal = self._equals(left, value, training)
                if equal is None or not isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
                    return None
                return equal if isinstance(op, ast.Eq | ast.Is) else not equal
        return None

    def _equals(self, left: ast.expr, value: object, training: bool) -> bool | None:
        name = _name(left)
        if isinstance(value, str) and (says_mode(name) or asks_for_mode(name)):
            if is_train_word(value):
                return training
            return not training if is_test_word(value) else None
        if isinstance(value, bool):
            known = self._value(left, training)
            return None if known is None else known == value
        return None
