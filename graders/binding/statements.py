"""Reading statements of a notebook: what they bind, change and call. Nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

_ASKS = re.compile(
    r"_?(predict\w*|pred|estimate|infer(ence)?|classify|test)|(?!add|set)\w*(plot|show|draw|acc|score|loss|summary|print)\w*",
    re.I,
)


def simple(
    node: ast.stmt, loops: tuple[ast.stmt, ...] = ()
) -> Iterator[tuple[ast.stmt, list[ast.stmt], tuple[ast.stmt, ...]]]:
    """Statements inside a compound one: each, those before it at every level, its loops."""
    yield from _walk([node], [], loops)


def _walk(
    body: Sequence[ast.stmt], before: list[ast.stmt], loops: tuple[ast.stmt, ...]
) -> Iterator[tuple[ast.stmt, list[ast.stmt], tuple[ast.stmt, ...]]]:
    seen = list(before)
    for node in body:
        inner = [
            part
            for name in ("body", "orelse", "handlers", "finalbody")
            for part in getattr(node, name, ())
        ]
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if inner:
            deeper = (*loops, node) if isinstance(node, ast.For | ast.While) else loops
            parts = [p for p in inner if isinstance(p, ast.stmt)]
            parts += [p for h in inner if isinstance(h, ast.ExceptHandler) for p in h.body]
            yield from _walk(parts, seen, deeper)
        else:
            yield node, list(seen), loops
        seen.append(node)


def imported_names(tree: ast.AST) -> dict[str, str]:
    """What each name that is imported stands for: ``{"tf": "tensorflow", "Dense": "keras.layers.Dense"}``."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                found[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def dotted_uses(tree: ast.AST, names: dict[str, str]) -> set[str]:
    """Full dotted names of what the code uses of imported packages: ``tensorflow.keras.layers``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names:
            found.add(".".join([names[inner.id], *reversed(parts)]))
    return found


def calls(node: ast.AST) -> list[ast.Call]:
    """Every call in the node."""
    return [n for n in ast.walk(node) if isinstance(n, ast.Call)]


def loads(node: ast.AST) -> set[str]:
    """Names that are read in the node."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def stored(node: ast.AST) -> set[str]:
    """Names that are bound in the node."""
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def targets(node: ast.stmt) -> set[str]:
    """Names that an assignment binds, in parts of objects, too."""
    if isinstance(node, ast.Assign):
        return {n for t in node.targets for n in stored(t)}
    if isinstance(node, ast.AnnAssign):
        return stored(node.target)
    return set()


def target(node: ast.stmt) -> str | None:
    """The one name that an assignment binds."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def bound_value(node: ast.stmt, name: str) -> ast.expr | None:
    """What a plain assignment binds the name to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                return node.value
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for part, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(part, ast.Name) and part.id == name:
                        return value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.value if node.target.id == name else None
    return None


def rebinds(node: ast.stmt, name: str) -> bool:
    """True if the statement gives the name a new object, so that nothing before it matters."""
    if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
        return any(rebinds(s, name) for s, _, _ in simple(node))
    return name in targets(node) and name not in loads(node)


def touches(node: ast.stmt) -> set[str]:
    """Names that a statement binds, or whose objects it changes by a method or an attribute."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif (isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)) or (
            isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)
        ):
            found |= {n.id for n in ast.walk(part.value) if isinstance(n, ast.Name)}
    for part in ast.walk(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            func = part.value.func
            if (
                isinstance(func, ast.Attribute)
                and isinstance(func.value, ast.Name)
                and not _ASKS.fullmatch(func.attr)
            ):
                found.add(func.value.id)
    return found
