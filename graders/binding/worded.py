"""What parameters are given as words, and what their defaults tell: ``pad="same"``, ``f=(2, 2)``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from graders.binding.candidates import words_for
from graders.binding.definitions import Callable_, Definition, Parameter
from graders.binding.keeping import roles_for
from graders.binding.plans import Argument
from graders.specs import ItemSpec


def worded(
    spec: ItemSpec, definition: Definition, constructor: Callable_, base: list[Argument]
) -> Iterator[tuple[Argument, ...]]:
    """A class that is told by a word what to do: ``Activator("sigmoid")``, ``Conv1d(pad="valid")``."""
    if spec.weights:
        yield from _unpadded(spec, definition, constructor, base)
        return
    words = words_for(spec, definition)
    unknown = [a for a in base if a.kind in ("value", "expression")]
    named = [p for p in constructor.parameters if is_text(p.default)]
    if len(named) == 1:
        for word in words:
            yield (*base, Argument(named[0].name, "expression", repr(word), True))
    elif len(unknown) == 1:
        for word in words:
            yield tuple(
                replace(a, kind="expression", text=repr(word)) if a is unknown[0] else a
                for a in base
            )


def _unpadded(
    spec: ItemSpec, definition: Definition, constructor: Callable_, base: list[Argument]
) -> Iterator[tuple[Argument, ...]]:
    """The word for no padding, where another one stands by default: ``padding="same"``."""
    moded = [
        p for p in constructor.parameters
        if is_text(p.default) and "padding" in roles_for(spec, p.name)
    ]  # fmt: skip
    for parameter in moded[:1]:
        default = str(literal_value(parameter.default))
        words = re.findall(r"""["'](valid)["']""", definition.source, re.IGNORECASE)
        if default.lower() == "same" and not words:
            words = ["VALID" if default.isupper() else "valid"]
        for word in sorted(set(words) - {default}):
            yield (*base, Argument(parameter.name, "expression", repr(word), True))


def asks_for_shape(parameter: Parameter) -> bool:
    """True for ``input_shape=(None, None, None)``: a default that has to be replaced."""
    value = literal_value(parameter.default)
    empty = parameter.default == "None" or (
        isinstance(value, tuple | list) and all(v is None for v in value)
    )
    return empty and re.fullmatch(r"(x|in|inputs?|data)_?shape", parameter.name, re.I) is not None


def literal_value(source: str | None) -> object:
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
