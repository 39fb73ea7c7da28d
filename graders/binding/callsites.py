"""How the notebook itself calls its classes and functions: the arguments' source, by parameter."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass

from graders.binding.definitions import Callable_, Definition, names_in, unparse
from graders.binding.reached import Reached
from graders.submission import Submission
from graders.submission.parsing import every_node, expression
from graders.submission.trees import bound_names


@dataclass(frozen=True)
class CallSite:
    """One call: in which cell, the source of each argument by the parameter's name, and the names
    in it that mean something only inside the function that calls.
    """

    cell: int
    arguments: dict[str, str]
    local: frozenset[str] = frozenset()
    live: bool = True  # it can have been made

    def source(self, name: str) -> str | None:
        """The source of an argument, where it means the same anywhere."""
        source = self.arguments.get(name)
        if source is None or source == "...":
            return None
        return None if names_in(expression(source)) & self.local else source


class CallSites:
    """Calls by the called name, of constructors and plain functions."""

    def __init__(self, submission: Submission, reached: Reached | None = None) -> None:
        self._reached = reached or Reached(submission)
        self._calls: dict[str, list[tuple[int, ast.Call]]] = defaultdict(list)
        self._methods: dict[str, list[tuple[int, ast.Call]]] = defaultdict(list)
        self._assigned: dict[int, dict[str, list[ast.expr]]] = {}
        self._local: dict[ast.Call, frozenset[str]] = {}
        self._global: set[str] = set()
        for index, tree in self._reached.trees.items():
            self._global |= bound_names(tree)
            for function in (n for n in every_node(tree) if isinstance(n, ast.FunctionDef)):
                names = bound_names(function)
                for node in every_node(function):
                    if isinstance(node, ast.Call):
                        self._local[node] = self._local.get(node, frozenset()) | names
            assigned: dict[str, list[ast.expr]] = defaultdict(list)
            for node in every_node(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    self._calls[node.func.id].append((index, node))
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    self._methods[node.func.attr].append((index, node))
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    assigned[node.targets[0].id].append(node.value)
            self._assigned[index] = assigned

    def of(self, definition: Definition, target: Callable_ | None) -> list[CallSite]:
        """Calls that can mean this definition: nearest cell after it first."""
        if target is None:
            return []
        sites = [
            self._site(cell, node, target) for cell, node in self._calls.get(definition.name, ())
        ]
        later = [s for s in sites if s.cell >= definition.cell]
        return later or sites

    def _site(self, cell: int, node: ast.Call, target: Callable_) -> CallSite:
        arguments: dict[str, str] = {}
        for parameter, value in zip(target.parameters, node.args, strict=False):
            if isinstance(value, ast.Starred):
                break
            arguments[parameter.name] = unparse(value)
        for keyword in node.keywords:
            if keyword.arg:
                arguments[keyword.arg] = unparse(keyword.value)
        local = self._local.get(node, frozenset()) - self._global
        return CallSite(cell, arguments, local | {"self"}, node in self._reached)

    def parts_given(self, node: ast.AST, name: str) -> Iterator[tuple[ast.FunctionDef, str]]:
        """The constructors of the notebook's classes that a function hands its parameter to, as what they
        must be told, and what they call it: ``Part(name)``.
        """
        for call in every_node(node):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            for part in self._reached.classes.get(call.func.id, ()):
                for inner in part.body:
                    if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                        yield from ((inner, own) for own in _handed_as(call, inner, name))

    def made_with(self, methods: Set[str]) -> str | None:
        """The call that makes an object of the notebook's own class that has these methods and needs nothing to be made;
        where nothing is asked of it, of any that can keep attributes.
        """
        if not methods:
            return "type('Kept', (), {})()"
        for name, classes in self._reached.classes.items():
            for node in classes:
                own = {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}
                made = own.get("__init__")
                needed = len(made.args.args) - 1 - len(made.args.defaults) if made else 0
                if methods <= own.keys() and not needed:
                    return f"{name}()"
        return None

    def of_method(self, method: Callable_) -> list[CallSite]:
        """Calls of a method by its name, on whatever, with as many arguments as it needs."""
        return [
            site
            for cell, node in self._methods.get(method.name, ())
            if len((site := self._site(cell, node, method)).arguments) >= len(method.required)
        ]

    def expression(
        self, definition: Definition, target: Callable_ | None, name: str, live: bool = False
    ) -> str | None:
        """The source that the notebook passes for a parameter, where it means the same anywhere;
        `live`: in a call that can have been made.

        Names of a function's own variables and of `self` would not; they are left out.
        """
        for site in self.of(definition, target):
            source = site.source(name)
            if source is not None and (site.live or not live):
                return source
        return None

    def fed_by(self, name: str) -> set[str]:
        """Names of the functions whose output the notebook passes on to a function: ``f(g(x))``,
        or ``y = g(x)`` and ``f(y)`` in one cell, reshaped or not, by calls that can have been made.
        """
        found = set()
        for cell, node in self._calls.get(name, ()):
            if node not in self._reached:
                continue
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


def _handed_as(call: ast.Call, function: ast.FunctionDef, name: str) -> Iterator[str]:
    """The required parameters of a method that get a name in a call."""
    places = [*function.args.posonlyargs, *function.args.args][1:]
    required = [a.arg for a in places[: len(places) - len(function.args.defaults)]]
    given = [*zip((a.arg for a in places), call.args, strict=False)]
    given += [(k.arg, k.value) for k in call.keywords if k.arg]
    for own, value in given:
        if own in required and isinstance(value, ast.Name) and value.id == name:
            yield own
