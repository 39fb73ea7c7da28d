"""How a layer is told whether it is a training or a test: by an argument of forward, by a key of its settings, by
its own methods like ``train()`` and ``eval()``, by an attribute, by a forward of its own for tests, or by a name
that the whole module shares.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from graders.binding.array_use import keys_of
from graders.binding.definitions import Callable_, Definition, unparse
from graders.binding.mode_names import (
    asks_for_mode,
    computes_test,
    mode_words,
    says_mode,
    says_test,
    says_training,
    sets_mode,
    sets_test,
    sets_training,
)
from graders.submission.parsing import every_node


class Told(Enum):
    """By what a layer is told its mode."""

    ARGUMENT = auto()
    KEY = auto()  # of a dict that forward takes
    METHODS = auto()  # of its own, one for each mode
    SWITCH = auto()  # a method of its own that takes the mode
    ATTRIBUTE = auto()
    FORWARD = auto()  # a method of its own that is forward in a test
    SHARED = auto()  # an attribute of what the whole module shares
    GLOBAL = auto()  # a name of the module
    NOTHING = auto()


@dataclass(frozen=True)
class Mode:
    """Where a layer is told its mode, under which name, and what it is told in training and in testing.

    `train`, `test`: of `Told.METHODS` the names of the methods. `parameter`: the dict that the key is of; what
    holds the attribute that is shared, as an expression.
    """

    told: Told
    name: str = ""
    train: bool | str = True
    test: bool | str = False
    parameter: str = ""

    def value(self, training: bool) -> bool | str:
        """What it is told."""
        return self.train if training else self.test


NOTHING = Mode(Told.NOTHING)


def modes(definition: Definition, forward: Callable_) -> Iterator[Mode]:
    """The ways to tell the layer its mode, likeliest first."""
    followed = _followed(definition, forward)
    for parameter in forward.parameters:
        values = _values(followed, parameter.name)
        if values is not None:
            yield Mode(Told.ARGUMENT, parameter.name, *values)
    for parameter in forward.parameters:
        for key in keys_of(forward, parameter.name):
            values = _values(followed, key)
            if values is not None:
                yield Mode(Told.KEY, key, *values, parameter.name)
    read = [name for name in _own_names(followed, ast.Load) if name not in definition.methods]
    if definition.kind == "class":
        yield from _by_methods(definition, followed, set(read))
    for attribute in read:
        values = _values(followed, attribute)
        if values is not None:
            yield Mode(Told.ATTRIBUTE, attribute, *values)
    if definition.kind == "class":
        for name, method in definition.methods.items():
            if computes_test(name) and name != forward.name and len(method.required) == 1:
                yield Mode(Told.FORWARD, name)
    yield from _shared(followed)


def _values(functions: Sequence[Callable_], name: str) -> tuple[bool | str, bool | str] | None:
    """What a name that asks for the mode is told in training and in testing; None for another name."""
    trains, tests = mode_words(functions)
    if says_mode(name) or ((trains or tests) and asks_for_mode(name)):
        return (trains or "train", tests or "test") if trains or tests else None
    if says_training(name):
        return True, False
    if says_test(name):
        return False, True
    return None


def _by_methods(
    definition: Definition, followed: Sequence[Callable_], read: set[str]
) -> Iterator[Mode]:
    """By methods that set what forward reads: one for each mode, or one that takes it."""
    setting = {
        name: method
        for name, method in definition.methods.items()
        if method not in followed and name != "__init__" and not method.static
        and read & set(_set_names(_followed(definition, method)))
    }  # fmt: skip
    alone = [name for name, method in setting.items() if not method.required]
    trains = next(filter(sets_training, alone), "")
    tests = next(filter(sets_test, alone), "")
    if trains and tests:
        yield Mode(Told.METHODS, trains, trains, tests)
    for name, method in setting.items():
        if len(method.parameters) != 1 or not (
            sets_training(name) or sets_test(name) or sets_mode(name)
        ):
            continue
        words = mode_words([*_followed(definition, method), *followed])
        if any(words):
            yield Mode(Told.SWITCH, name, words[0] or "train", words[1] or "test")
        else:
            test = sets_test(name) or says_test(method.parameters[0].name)
            yield Mode(Told.SWITCH, name, not test, test)


def _shared(followed: Sequence[Callable_]) -> Iterator[Mode]:
    """By what forward reads of the module: ``Config.train``, ``TRAINING``."""
    found = dict[Mode, None]()
    for function in followed:
        nodes = list(every_node(function.node))
        own = {"self", *function.names}
        own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                root = node.value
                while isinstance(root, ast.Attribute):
                    root = root.value
                if not isinstance(root, ast.Name) or root.id in own:
                    continue
                told, name, of = Told.SHARED, node.attr, unparse(node.value)
            elif isinstance(node, ast.Name) and node.id not in own:
                told, name, of = Told.GLOBAL, node.id, ""
            else:
                continue
            values = _values(followed, name)
            if values is not None:
                found[Mode(told, name, *values, of)] = None
    yield from found


def _followed(definition: Definition, first: Callable_) -> list[Callable_]:
    """A method with all that it calls of its own object."""
    found, waiting = [first], [first]
    while waiting:
        for name in _own_names([waiting.pop(0)], ast.Load):
            method = definition.methods.get(name)
            if definition.kind == "class" and method is not None and method not in found:
                found.append(method)
                waiting.append(method)
    return found


def _own_names(functions: Sequence[Callable_], context: type[ast.expr_context]) -> list[str]:
    """The attributes of their own object that functions read, or set."""
    return list(
        dict.fromkeys(
            node.attr
            for function in functions
            for node in every_node(function.node)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, context)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )
    )


def _set_names(functions: Sequence[Callable_]) -> Iterator[str]:
    """The attributes that functions set, of any object: a module sets those of its children, too."""
    for function in functions:
        for node in every_node(function.node):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.attr
