"""How the notebook itself calls its classes and functions: the arguments' source, by parameter."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass

from graders.binding.definitions import Callable_, Definition, compiled, unparse
from graders.submission import Submission


@dataclass(frozen=True)
class CallSite:
    """One call: in which cell, and the source of each argument by the parameter's name."""

    cell: int
    arguments: dict[str, str]


class CallSites:
    """Calls by the called name, of constructors and plain functions."""

    def __init__(self, submission: Submission) -> None:
        self._calls: dict[str, list[tuple[int, ast.Call]]] = defaultdict(list)
        self._assigned: dict[int, dict[str, list[ast.expr]]] = {}
        for cell in submission.cells:
            tree = compiled(cell)
            if tree is None:
                continue
            assigned: dict[str, list[ast.expr]] = defaultdict(list)
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    self._calls[node.func.id].append((cell.index, node))
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    assigned[node.targets[0].id].append(node.value)
            self._assigned[cell.index] = assigned

    def of(self, definition: Definition, target: Callable_ | None) -> list[CallSite]:
        """Calls that can mean this definition: nearest cell after it first."""
        if target is None:
            return []
        sites = []
        for cell, node in self._calls.get(definition.name, ()):
            arguments: dict[str, str] = {}
            for parameter, value in zip(target.parameters, node.args, strict=False):
                if isinstance(value, ast.Starred):
                    break
                arguments[parameter.name] = unparse(value)
            for keyword in node.keywords:
                if keyword.arg:
                    arguments[keyword.arg] = unparse(keyword.value)
            sites.append(CallSite(cell, arguments))
        later = [s for s in sites if s.cell >= definition.cell]
        return later or sites

    def expression(self, definition: Definition, target: Callable_ | None, name: str) -> str | None:
        """The source that the notebook passes for a parameter, where it means the same anywhere.

        Names of loop variables and of `self` would not; they are left out.
        """
        for site in self.of(definition, target):
            source = site.arguments.get(name)
            if source is None or source == "...":
                continue
            if not any(
                isinstance(n, ast.Name) and n.id == "self" for n in ast.walk(ast.parse(source))
            ):
                return source
        return None

    def fed_by(self, name: str) -> set[str]:
        """Names of the functions whose output the notebook passes on to a function: ``f(g(x))``,
        or ``y = g(x)`` and ``f(y)`` in one cell, reshaped or not.
        """
        found = set()
        for cell, node in self._calls.get(name, ()):
            for argument in node.args[:1]:
                plain = _unshaped(argument)
                values = [plain]
                if isinstance(plain, ast.Name):
                    values = [_unshaped(v) for v in self._assigned[cell].get(plain.id, ())]
                for value in values:
                    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                        found.add(value.func.id)
                    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                        found.add(value.func.attr)
        return found


def _unshaped(node: ast.expr) -> ast.expr:
    """The array of ``a.reshape(-1)``, ``a.T`` and the like, which are the same numbers."""
    while True:
        if isinstance(node, ast.Attribute) and node.attr == "T":
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("reshape", "flatten", "ravel", "copy", "squeeze")
        ):
            node = node.func.value
        else:
            return node
