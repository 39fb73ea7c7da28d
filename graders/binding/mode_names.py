"""The names and the words by which code asks whether it is a training: all of them stand here.

Which of them count differs by what is asked: a layer's flag that is given to forward wherever it says so
(`asks_for_training`), the key of a dict of settings that takes a word (`takes_word`), and all that tells a dropout
its mode (`asks_for_mode`, `says_mode`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from graders.binding.definitions import Callable_
from graders.submission.parsing import every_node

_TRAIN = r"train+(ing)?"
_TEST = r"(test(ing)?|eval(uat(e|ion|ing))?|infer(ence)?|pred(ict(ion|ing)?)?|deterministic)"
_FLAG = re.compile(rf"((is|for|in)_?)?{_TRAIN}(_?(flg|flag|mode))?", re.I)
_KEY = re.compile(r"(mode|phase|train(ing)?)", re.I)
_TRAINING = re.compile(
    r"(is|for|in|be)?_?train+(ing|able)?_?(flg|flag|mode|phase)?|stochastic", re.I
)
_TESTING = re.compile(rf"(is|for|in|be)?_?{_TEST}_?(flg|flag|mode|phase)?", re.I)
_WORDED = re.compile(r"mode|phase|state", re.I)
_TRAIN_WORD = re.compile(r"train(ing)?", re.I)
_TEST_WORD = re.compile(
    r"test(ing)?|eval(uation)?|infer(ence)?|pred(ict(ion)?)?|val(id(ation)?)?", re.I
)
_SETS = r"(set|to|go|enter|enable|switch|turn)?_?(to|in|on)?_?"
_SETS_TRAINING = re.compile(rf"{_SETS}(is_?)?{_TRAIN}_?(mode|phase|on)?", re.I)
_SETS_TESTING = re.compile(rf"{_SETS}(is_?)?{_TEST}_?(mode|phase|on)?", re.I)
_SETS_EITHER = re.compile(r"(set|switch|change)_?(to)?_?(mode|phase|state)", re.I)
_RUNS_TRAINING = re.compile(r"(fit|train|learn|optimi[sz]e)(_?\w+)?", re.I)
_RUNS_TEST = re.compile(
    r"(get_?|calc_?|compute_?|check_?)?(pred|infer|eval|test|scor|accura|valid)\w*", re.I
)
_COMPUTES = r"(forward|call|apply|run|output)"
_FORWARD_OF_TEST = re.compile(rf"({_COMPUTES}_)?(in_|for_|at_)?{_TEST}(_{_COMPUTES})?", re.I)


def asks_for_training(name: str) -> bool:
    """True for the name of a flag by which a layer is told that it is a training."""
    return _FLAG.fullmatch(name.strip("_")) is not None


def takes_word(name: str) -> bool:
    """True for the key of a layer's settings that says in a word that it is a training."""
    return _KEY.fullmatch(name.strip("_")) is not None


def says_training(name: str) -> bool:
    """True for a name that is true in a training."""
    return _TRAINING.fullmatch(name.strip("_")) is not None


def says_test(name: str) -> bool:
    """True for a name that is true in a test."""
    return _TESTING.fullmatch(name.strip("_")) is not None


def asks_for_mode(name: str) -> bool:
    """True for a name that asks whether it is a training."""
    return says_training(name) or says_test(name)


def says_mode(name: str) -> bool:
    """True for a name whose value is a word for the mode: ``mode``."""
    return _WORDED.fullmatch(name.strip("_")) is not None


def sets_training(method: str) -> bool:
    """True for the name of a method that tells its object that it is a training: ``train()``."""
    return _SETS_TRAINING.fullmatch(method.strip("_")) is not None


def sets_test(method: str) -> bool:
    """True for the name of a method that tells its object that it is a test: ``eval()``."""
    return _SETS_TESTING.fullmatch(method.strip("_")) is not None


def sets_mode(method: str) -> bool:
    """True for the name of a method that is told which of both it is: ``set_mode(mode)``."""
    return _SETS_EITHER.fullmatch(method.strip("_")) is not None


def computes_test(method: str) -> bool:
    """True for the name of a method that is forward in a test: ``predict(x)``, ``forward_test(x)``."""
    return _FORWARD_OF_TEST.fullmatch(method.strip("_")) is not None


def runs_training(function: str) -> bool:
    """True for the name of what trains a network: ``fit``, ``train_step``."""
    return _RUNS_TRAINING.fullmatch(function.strip("_")) is not None


def runs_test(function: str) -> bool:
    """True for the name of what uses a network without training it: ``predict``, ``accuracy``."""
    return _RUNS_TEST.fullmatch(function.strip("_")) is not None


def is_train_word(word: str) -> bool:
    """True for a word that says training."""
    return _TRAIN_WORD.fullmatch(word) is not None


def is_test_word(word: str) -> bool:
    """True for a word that says test."""
    return _TEST_WORD.fullmatch(word) is not None


def mode_words(functions: Iterable[Callable_]) -> tuple[str, str]:
    """The words for training and for testing that functions, or those that they call, compare with,
    ``mode == "train"``; "" for none.
    """
    words = [
        c.value
        for caller in functions
        for function in (caller, *caller.calls.values())
        for n in every_node(function.node)
        if isinstance(n, ast.Compare)
        for c in (n.left, *n.comparators)
        if isinstance(c, ast.Constant) and isinstance(c.value, str)
    ]
    return next(filter(is_train_word, words), ""), next(filter(is_test_word, words), "")
