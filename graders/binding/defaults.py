"""What the default of a parameter says: a number, a word, a pair, or a shape to be replaced."""

from __future__ import annotations

import ast
import re

from graders.binding.definitions import Parameter


def asks_for_shape(parameter: Parameter) -> bool:
    """True for ``input_shape=(None, None, None)``: a default that has to be replaced."""
    value = literal_value(parameter.default)
    empty = parameter.default == "None" or (
        isinstance(value, tuple | list) and all(v is None for v in value)
    )
    return empty and re.fullmatch(r"(x|in|inputs?|data)_?shape", parameter.name, re.I) is not None


def literal_value(source: str | None) -> object:
    """The value of a default that is a literal; None for any other, and for None."""
    try:
        return None if source is None else ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def is_text(source: str | None) -> bool:
    """True for a default such as ``'valid'``."""
    return isinstance(literal_value(source), str)


def is_pair(source: str | None) -> bool:
    """True for a default such as ``(2, 2)``."""
    value = literal_value(source)
    return isinstance(value, tuple | list) and len(value) == 2
