"""The canonical signature of an item: the only one that counts with ``--strict-interface``.

A spec writes it as ``FC(n_nodes1, n_nodes2); forward(X); backward(dA) -> dZ``: the class or
function first, then its methods. Names and order of the constructor's (or function's) parameters
count; a method must be callable with as many arguments. More parameters need defaults.
"""

from __future__ import annotations

from graders.binding.definitions import Callable_, Definition
from graders.specs.signatures import Call, read_signature


def signatures(text: str) -> tuple[Call, ...]:
    """The class or function, then its methods; empty where the text describes no call."""
    signature = read_signature(text)
    return () if signature is None else signature.calls


def conforms(text: str, definition: Definition) -> bool:
    """True if the definition has the canonical signature that the text describes."""
    wanted = signatures(text)
    if not wanted or definition.name != wanted[0].name:
        return False
    target = definition.function if definition.kind == "function" else definition.constructor
    if not _takes(target, wanted[0].names):
        return False
    if definition.kind == "function":
        return True
    return all(_accepts(definition.method(s.name), len(s.names)) for s in wanted[1:])


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
