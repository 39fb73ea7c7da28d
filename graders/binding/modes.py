"""How a layer is told whether it is a training or a test: by an argument of forward, by a key of its
settings, or by an attribute of its own, which methods like ``train()`` and ``eval()`` may set.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from graders.binding.array_use import keys_of
from graders.binding.definitions import Callable_, Definition
from graders.binding.reached import Reached
from graders.submission.parsing import every_node

_TRAINING = re.compile(
    r"(is|for|in|be)?_?train+(ing|able)?_?(flg|flag|mode|phase)?|stochastic", re.I
)
_TESTING = re.compile(
    r"(is|for|in|be)?_?(test(ing)?|eval(uat(e|ion|ing))?|infer(ence)?|pred(ict(ion|ing)?)?|deterministic)"
    r"_?(flg|flag|mode|phase)?",
    re.I,
)
_WORDED = re.compile(r"mode|phase|state", re.I)
_TRAIN_WORD = re.compile(r"train(ing)?", re.I)
_TEST_WORD = re.compile(
    r"test(ing)?|eval(uation)?|infer(ence)?|pred(ict(ion)?)?|val(id(ation)?)?", re.I
)


class Told(Enum):
    """By what a layer is told its mode."""

    ARGUMENT = auto()
    KEY = auto()  # of a dict that forward takes
    ATTRIBUTE = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Mode:
    """Where a layer is told its mode, under which name, and what it is told in training and in testing.

    `parameter`: the dict that the key is of.
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
    for parameter in forward.parameters:
        values = _values(forward, parameter.name)
        if values is not None:
            yield Mode(Told.ARGUMENT, parameter.name, *values)
    for parameter in forward.parameters:
        for key in keys_of(forward, parameter.name):
            values = _values(forward, key)
            if values is not None:
                yield Mode(Told.KEY, key, *values, parameter.name)
    for attribute in _read(definition, forward):
        values = _values(forward, attribute)
        if values is not None:
            yield Mode(Told.ATTRIBUTE, attribute, *values)


def _values(forward: Callable_, name: str) -> tuple[bool | str, bool | str] | None:
    """What a name that asks for the mode is told in training and in testing; None for another name."""
    plain = name.strip("_")
    trains, tests = _words(forward)
    if _WORDED.fullmatch(plain) or ((trains or tests) and _asks(plain)):
        return (trains or "train", tests or "test") if trains or tests else None
    if _TRAINING.fullmatch(plain):
        return True, False
    if _TESTING.fullmatch(plain):
        return False, True
    return None


def _asks(name: str) -> bool:
    return bool(_TRAINING.fullmatch(name) or _TESTING.fullmatch(name))


def asks_for_mode(name: str) -> bool:
    """True for a name that asks whether it is a training."""
    return _asks(name.strip("_"))


def _words(forward: Callable_) -> tuple[str, str]:
    """The words for training and testing that a method compares with."""
    compared = [n for n in every_node(forward.node) if isinstance(n, ast.Compare)]
    words = [
        c.value
        for n in compared
        for c in (n.left, *n.comparators)
        if isinstance(c, ast.Constant) and isinstance(c.value, str)
    ]
    return (
        next((w for w in words if _TRAIN_WORD.fullmatch(w)), ""),
        next((w for w in words if _TEST_WORD.fullmatch(w)), ""),
    )


def _read(definition: Definition, forward: Callable_) -> list[str]:
    """The attributes that forward, with all that it calls of its own object, reads of it."""
    found, seen, waiting = dict[str, None](), set[str](), [forward.name]
    while waiting:
        method = definition.methods.get(waiting.pop(0))
        if method is None or method.name in seen:
            continue
        seen.add(method.name)
        for node in every_node(method.node):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Load)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                found[node.attr] = None
                waiting.append(node.attr)  # a method, or nothing
    return [name for name in found if name not in definition.methods]


def passed_by(reached: Reached, definition: Definition) -> bool:
    """True if a network leaves the layer out where it is no training: ``if not training and isinstance(layer,
    Dropout): continue``, in code that can have run, or in a module that runs nothing by itself.
    """
    runs = any(function is not None for function, _ in reached.scopes)
    for tree in reached.trees.values():
        for node in every_node(tree):
            if not isinstance(node, ast.If) or (runs and node not in reached):
                continue
            inside = list(ast.walk(node.test))
            names = {
                n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in inside
            }
            of_it = any(
                isinstance(n, ast.Call)
                and isinstance(n.func, ast.Name)
                and n.func.id == "isinstance"
                and definition.name in {getattr(m, "id", "") for m in ast.walk(n)}
                for n in inside
            )
            if of_it and any(map(asks_for_mode, sorted(names))):
                return True
    return False
