"""Which statements of a notebook can have run: those that its cells' own statements lead to.

What a statement shows counts only if it was executed. Cells that train are not always run where
the notebook is graded; so this is read from the source: what stands under a condition that is never
true, after a return, or in a function that nothing calls, did not run.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from graders.submission import Submission
from graders.submission.parsing import compiled, every_node

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_TRAINS = re.compile(r"_?(fit|train|learn|optimi[sz]e)\w*", re.I)
_ENDS = frozenset({"exit", "quit", "_exit"})


class Reached:
    """The statements of one submission that can have run, function by function."""

    def __init__(self, submission: Submission) -> None:
        self.trees = {  # by cell
            cell.index: tree for cell in submission.cells if (tree := compiled(cell)) is not None
        }
        trees = list(self.trees.values())
        self._constants = _constants(trees)
        self._functions: dict[str, list[_Function]] = defaultdict(list)
        self._methods: dict[str, list[tuple[str, _Function]]] = defaultdict(list)
        self.classes: dict[str, list[ast.ClassDef]] = defaultdict(list)
        with contextlib.suppress(RecursionError):  # what is nested too deeply shows nothing
            for tree in trees:
                self._list(tree.body)
        self.owners: dict[_Function, str] = {
            f: owner for entries in self._methods.values() for owner, f in entries
        }
        # By the function whose statements they are; None: the cells' own.
        self.scopes: list[tuple[_Function | None, list[ast.AST]]] = []
        with contextlib.suppress(RecursionError):
            self._follow(trees)
        self._all = {id(node) for node in self.nodes()}

    def __contains__(self, node: ast.AST) -> bool:
        """True if the node, of one of the `trees`, can have run."""
        return id(node) in self._all

    def nodes(self) -> Iterator[ast.AST]:
        """All that can have run."""
        for _, nodes in self.scopes:
            yield from nodes

    def functions(self, name: str) -> Iterator[_Function]:
        """The functions and methods of that name."""
        yield from self._functions.get(name, ())
        yield from (function for _, function in self._methods.get(name, ()))

    def _list(self, body: Iterable[ast.stmt], owner: str = "") -> None:
        for statement in body:
            if isinstance(statement, _Function):
                if owner:
                    self._methods[statement.name].append((owner, statement))
                else:
                    self._functions[statement.name].append(statement)
                self._list(statement.body)
            elif isinstance(statement, ast.ClassDef):
                self.classes[statement.name].append(statement)
                self._list(statement.body, statement.name)
            else:
                for inner in ast.iter_child_nodes(statement):
                    if isinstance(inner, ast.stmt):
                        self._list([inner], owner)

    def _follow(self, trees: Sequence[ast.Module]) -> None:
        own = [node for tree in trees for node in self._live(tree.body)]
        self.scopes.append((None, own))
        names, used = self._named(own), set[str]()
        if not any(isinstance(n, ast.Call) and self._is_own(n) for n in own):
            # A module of definitions: its classes are there to be used, what trains to be called.
            names |= self.classes.keys() | self._methods.keys()
            names |= {n for n in self._functions if _TRAINS.fullmatch(n)}
        done: set[_Function] = set()
        waiting = sorted(names)
        while waiting:
            name = waiting.pop()
            if name in used:
                continue
            used.add(name)
            for function in self._called(name, used):
                if function not in done:
                    done.add(function)
                    nodes = list(self._live(function.body))
                    self.scopes.append((function, nodes))
                    waiting += sorted(self._named(nodes) - used)

    def _is_own(self, call: ast.Call) -> bool:
        called = call.func
        if isinstance(called, ast.Attribute):
            return called.attr in self._methods
        name = called.id if isinstance(called, ast.Name) else ""
        return name in self._functions or name in self.classes

    def _called(self, name: str, used: set[str]) -> Iterator[_Function]:
        """What the mention of a name can set to work."""
        yield from self._functions.get(name, ())
        for owner, function in self._methods.get(name, ()):
            if owner in used:
                yield function
        if name in self.classes:
            for method, entries in self._methods.items():
                by_itself = method.startswith("__") or method in used
                yield from (f for owner, f in entries if owner == name and by_itself)
            for node in self.classes[name]:
                for base in node.bases:
                    if isinstance(base, ast.Name) and base.id not in used:
                        used.add(base.id)
                        yield from self._called(base.id, used)

    @staticmethod
    def _named(nodes: Iterable[ast.AST]) -> set[str]:
        found = set()
        for node in nodes:
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
        return found

    # -- statements ------------------------------------------------------------------------

    def _live(self, body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
        """Every node of the statements that can run, definitions' bodies left out."""
        for statement in body:
            if isinstance(statement, _Function):
                for inner in (*statement.decorator_list, *statement.args.defaults):
                    yield from every_node(inner)
                continue
            if isinstance(statement, ast.ClassDef):
                for base in statement.bases:
                    yield from every_node(base)
                yield from self._live(s for s in statement.body if not isinstance(s, _Function))
                continue
            yield from self._of(statement)
            if self._ends(statement):
                return

    def _of(self, statement: ast.stmt) -> Iterator[ast.AST]:
        yield statement
        never, always = self._decided(statement)
        for name, value in ast.iter_fields(statement):
            parts = value if isinstance(value, list) else [value]
            if (name == "body" and never) or (name == "orelse" and always):
                continue
            if name in ("body", "orelse", "finalbody"):
                yield from self._live(p for p in parts if isinstance(p, ast.stmt))
                continue
            for part in parts:
                if isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from self._live(part.body)
                elif isinstance(part, ast.AST):
                    yield from every_node(part)

    def _decided(self, statement: ast.stmt) -> tuple[bool, bool]:
        """(its body never runs, its else never runs), as far as the source says."""
        if isinstance(statement, ast.If):
            value = self._truth(statement.test)
            return value is False, value is True
        if isinstance(statement, ast.While):
            return self._truth(statement.test) is False, False
        if isinstance(statement, ast.For):
            return self._truth(statement.iter) is False, False
        return False, False

    def _ends(self, statement: ast.stmt) -> bool:
        """True if nothing behind it in its block runs."""
        if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
            return True
        if isinstance(statement, ast.Assert):
            return self._truth(statement.test) is False
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            return name in _ENDS
        if isinstance(statement, ast.If):
            value = self._truth(statement.test)
            one, other = (
                any(map(self._ends, block)) for block in (statement.body, statement.orelse)
            )
            return one if value is True else other if value is False else one and other
        if isinstance(statement, ast.While):
            leaves = any(isinstance(n, ast.Break | ast.Return) for n in every_node(statement))
            return self._truth(statement.test) is True and not leaves
        return isinstance(statement, ast.With) and any(map(self._ends, statement.body))

    def _truth(self, test: ast.expr) -> bool | None:
        """What a condition always is; None if the source does not say."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.List() | ast.Tuple() | ast.Set():
                return bool(test.elts)
            case ast.Dict():
                return bool(test.keys)
            case ast.Name(id=name):
                return self._constants.get(name)
            case ast.UnaryOp(op=ast.Not()):
                value = self._truth(test.operand)
                return None if value is None else not value
            case ast.BoolOp():
                values = [self._truth(v) for v in test.values]
                ends = isinstance(test.op, ast.Or)
                if ends in values:
                    return ends
                return None if None in values else not ends
            case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0)]):
                return False
            case ast.Compare(left=ast.Constant(value=a), comparators=[ast.Constant(value=b)]):
                return _compared(a, test.ops[0], b)
        return None


def _compared(a: object, how: ast.cmpop, b: object) -> bool | None:
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        return None
    match how:
        case ast.Eq() | ast.Is():
            return a == b
        case ast.NotEq() | ast.IsNot():
            return a != b
        case ast.Lt():
            return a < b
        case ast.LtE():
            return a <= b
        case ast.Gt():
            return a > b
        case ast.GtE():
            return a >= b
    return None


def _constants(trees: Iterable[ast.Module]) -> dict[str, bool]:
    """Names that the whole submission binds once, to a constant: whether that is true."""
    bound: Counter[str] = Counter()
    values: dict[str, ast.expr] = {}
    for node in (node for tree in trees for node in every_node(tree)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.arg):
            bound[node.arg] += 2  # any value
        elif isinstance(node, ast.Assign):
            values |= {t.id: node.value for t in node.targets if isinstance(t, ast.Name)}
    return {
        name: bool(value.value)
        for name, value in values.items()
        if bound[name] == 1 and isinstance(value, ast.Constant)
    }
