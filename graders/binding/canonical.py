"""The canonical signature of an item: the only one that counts with ``--strict-interface``.

A spec writes it as ``FC(n_nodes1, n_nodes2); forward(X); backward(dA) -> dZ``: the class or
function first, then its methods. Names and order of the constructor's (or function's) parameters
count; a method must be callable with as many arguments. More parameters need defaults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.binding.definitions import Callable_, Definition

_CALL = re.compile(r"\s*(\w+)\s*\(([^()]*)\)")


@dataclass(frozen=True)
class Signature:
    """A name and the names of its parameters."""

    name: str
    parameters: tuple[str, ...]


def signatures(text: str) -> tuple[Signature, ...]:
    """The class or function, then its methods; empty where the text describes no call."""
    found = []
    for part in text.split(";"):
        match = _CALL.match(part)
        if match:
            names = [p.partition("=")[0].strip() for p in match[2].split(",") if p.strip()]
            found.append(Signature(match[1], tuple(names)))
    return tuple(found)


def conforms(text: str, definition: Definition) -> bool:
    """True if the definition has the canonical signature that the text describes."""
    wanted = signatures(text)
    if not wanted or definition.name != wanted[0].name:
        return False
    target = definition.function if definition.kind == "function" else definition.constructor
    if not _takes(target, wanted[0].parameters):
        return False
    if definition.kind == "function":
        return True
    return all(_accepts(definition.method(s.name), len(s.parameters)) for s in wanted[1:])


def _takes(target: Callable_ | None, names: tuple[str, ...]) -> bool:
    parameters = target.parameters if target is not None else ()
    given = tuple(p.name for p in parameters if not p.keyword_only)
    rest = parameters[len(names) :]
    return given[: len(names)] == names and all(p.default is not None for p in rest)


def _accepts(target: Callable_ | None, n: int) -> bool:
    if target is None or target.static:
        return False
    positional = [p for p in target.parameters if not p.keyword_only]
    keyword = [p for p in target.parameters if p.keyword_only and p.default is None]
    return len(target.required) <= n <= len(positional) and not keyword
