"""What a function is handed to be filled: a dict or a list for gradients, or for what backward needs.

``backward(dout, cache, grads)`` that puts ``grads["W"] = dW`` there; ``forward(x, cache)`` with ``cache["x"] = x``.
"""

from __future__ import annotations

import ast
import re

from graders.binding.definitions import Callable_
from graders.submission.parsing import every_node

LIST, OBJECT = "list", "object"
_SAVES = re.compile(r"_?(save|store|keep|remember|put|set)", re.IGNORECASE)


def filled(function: Callable_, name: str) -> tuple[tuple[str, str], ...] | str | None:
    """What a parameter has to be so that the function can fill it.

    Returns:
        The keys that a dict must have before, since it is added to (``grads["dW"] += ...``), each with "0"; `LIST` for a
        list that is appended to; `OBJECT` for one that gets attributes, ``ctx.mask = mask``, or whose methods are called
        for that, ``ctx.save_for_backward(x)``; None where nothing is filled.
    """
    if _appended_to(function, name):
        return LIST
    if _keeps_for(function, name):
        return OBJECT
    stored: set[str] = set()
    added: set[str] = set()
    read: set[str] = set()
    by_name = False
    for node in every_node(function.node):
        match node:
            case ast.AugAssign(
                target=ast.Subscript(value=ast.Name(id=of), slice=ast.Constant(value=str(key)))
            ) if of == name:
                added.add(key)
            case ast.Subscript(value=ast.Name(id=of), slice=ast.Constant(value=str(key))) if (
                of == name
            ):
                (read if isinstance(node.ctx, ast.Load) else stored).add(key)
            case ast.Subscript(value=ast.Name(id=of), slice=key, ctx=ast.Store()) if of == name:
                if not _is_a_key(key):
                    return None  # ``out[:, i] = ...``: an array
                by_name = True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr="update")):
                by_name = by_name or of == name
    if not (stored or by_name) or read - stored:
        return None
    return tuple((key, "0") for key in sorted(added))


def called_on(function: Callable_, name: str) -> frozenset[str]:
    """The methods of its parameter that a function calls."""
    return frozenset(
        node.func.attr
        for node in every_node(function.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    )


def _keeps_for(function: Callable_, name: str) -> bool:
    """True if a function does nothing with its parameter but keep something in its attributes, or have it kept, for
    who is called ``ctx`` or has a method that is called ``save...``.
    """
    uses = attributes = 0
    stored = False
    for node in every_node(function.node):
        uses += isinstance(node, ast.Name) and node.id == name
        match node:
            case ast.Attribute(value=ast.Name(id=of), ctx=context) if of == name:
                attributes += 1
                stored = stored or isinstance(context, ast.Store)
    saves = any(_SAVES.match(method) for method in called_on(function, name))
    return name != "self" and 0 < attributes == uses and (stored or saves)


def unread(function: Callable_, name: str) -> bool:
    """True if a function does nothing with its parameter, but perhaps delete it."""
    return not any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Del)
        for node in every_node(function.node)
    )


def _is_a_key(node: ast.expr) -> bool:
    """True for what is put together as a name: ``f"{self.name}/W"``, ``"d" + key``, ``self.name``."""
    match node:
        case ast.JoinedStr() | ast.Attribute():
            return True
        case ast.BinOp(left=left, right=right):
            return any(_is_a_key(part) or _is_text(part) for part in (left, right))
        case ast.Tuple(elts=parts):
            return any(_is_text(part) for part in parts)
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _appended_to(function: Callable_, name: str) -> bool:
    """True if a function does nothing with its parameter but append to it."""
    uses = appends = 0
    for node in every_node(function.node):
        uses += isinstance(node, ast.Name) and node.id == name
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=of), attr="append" | "extend" | "insert")
            ):
                appends += of == name
    return 0 < appends == uses
