"""A notebook's statements in the order in which they train, whatever stands around them.

Students train in a bare loop, under ``if __name__ == "__main__"``, in a function that is given the
network, in one function that does everything. Here all of these are one list of lines: functions that
train are unfolded where they are called, with their parameters bound. Nothing is run.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.binding.definitions import Definition
from graders.binding.statements import calls, stored
from graders.submission import Cell, Submission
from graders.submission.parsing import compiled

_STEP = re.compile(
    r"\w*(back_?(ward|prop)|bprop|update|optimi[sz]e|fit|train|learn|grad|descent)\w*|\w*_?step",
    re.I,
)
_NO_STEP = re.compile(
    r"\w*(split|load|plot|show|print|data|zero|pred|eval|acc|loss|check)\w*", re.I
)
_ONE_STEP = re.compile(r"back|forward|update|step|grad|__|^$", re.I)
_DEEPEST = 4  # functions that call functions
_MOST = 2000  # lines


@dataclass(frozen=True)
class Line:
    """One statement, a loop as a whole. `place`: of the top-level statement that it came from;
    `inside`: the function that it was unfolded from, "" for a statement of the module's own.
    """

    cell: Cell
    place: int
    node: ast.stmt
    inside: str = ""


class Unfolding:
    """The lines of one submission."""

    def __init__(self, submission: Submission, definitions: Sequence[Definition]) -> None:
        self._submission = submission
        self.classes = {d.name: d for d in definitions if d.kind == "class"}
        self.functions = {d.name: d for d in definitions if d.kind == "function"}
        self._trained: dict[str, bool] = {}
        self._looping: dict[str, bool] = {}
        self._taken: set[str] = set()

    def cell_of(self, definition: Definition) -> Cell | None:
        """The cell that a definition stands in."""
        return next((c for c in self._submission.cells if c.index == definition.cell), None)

    # -- what trains ---------------------------------------------------------------------

    def trains(self, node: ast.AST) -> bool:
        """True if something in it says that it changes weights: a call, or what is subtracted from."""
        for part in ast.walk(node):
            if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub):
                return True
            if isinstance(part, ast.Assign) and isinstance(part.value, ast.BinOp):
                minuend = part.value.left
                targets = {ast.unparse(t) for t in part.targets}
                if isinstance(part.value.op, ast.Sub) and ast.unparse(minuend) in targets:
                    return True
            if isinstance(part, ast.Call):
                name = called(part)
                if _STEP.fullmatch(name) and not _NO_STEP.fullmatch(name):
                    return True
                if isinstance(part.func, ast.Name) and self._function_trains(name):
                    return True
        return False

    def _function_trains(self, name: str) -> bool:
        if name not in self._trained:
            self._trained[name] = False  # of functions that call each other
            definition = self.functions.get(name)
            if definition is not None and definition.function is not None:
                body = ast.Module(definition.function.node.body, [])
                self._trained[name] = self.trains(body)
        return self._trained[name]

    def _has_loop(self, name: str, depth: int = 0) -> bool:
        """True for a function that goes over data again and again, by itself or by what it calls."""
        definition = self.functions.get(name)
        if definition is None or definition.function is None or depth > _DEEPEST:
            return False
        node = definition.function.node
        if any(isinstance(p, ast.For | ast.While) and self.trains(p) for p in ast.walk(node)):
            return True
        return any(
            self._has_loop(called(c), depth + 1) or self.method_trains(_method(c))
            for c in calls(node)
            if called(c) != name
        )

    def method_trains(self, name: str) -> bool:
        """True for a method that trains in a loop, its own or that of another method which it calls.

        ``fit()`` of a class that only makes its layers there is none.
        """
        if name not in self._looping:
            self._looping[name] = False  # of methods that call each other
            methods = [d.methods[name] for d in self.classes.values() if name in d.methods]
            self._looping[name] = not _ONE_STEP.search(name) and any(
                (isinstance(p, ast.For | ast.While) and self.trains(p))
                or (isinstance(p, ast.Call) and self.method_trains(_method(p)))
                for m in methods
                for p in ast.walk(m.node)
            )
        return self._looping[name]

    def unfoldable(self, call: ast.Call) -> bool:
        """True for a call of a function that trains in a loop, whose arguments can be told."""
        if not isinstance(call.func, ast.Name) or call.func.id not in self.functions:
            return False
        function = self.functions[call.func.id].function
        if function is None or function.node.args.vararg or function.node.args.kwarg:
            return False
        if any(isinstance(a, ast.Starred) for a in call.args) or any(
            k.arg is None for k in call.keywords
        ):
            return False
        return self._function_trains(call.func.id) and self._has_loop(call.func.id)

    # -- lines ---------------------------------------------------------------------------

    def lines(self, more: Sequence[tuple[Cell, ast.stmt]] = ()) -> list[Line]:
        """Every line of the notebook, then of the statements in `more`."""
        units = [
            (cell, node)
            for cell in self._submission.cells
            for node in getattr(compiled(cell), "body", ())
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        self._taken = {n for _, node in units for n in stored(node)}
        self._taken |= {*self.classes, *self.functions}
        found: list[Line] = []
        for place, (cell, node) in enumerate([*units, *more]):
            for inner, inside in self._flat(node, "", 0):
                found.append(Line(cell, place, inner, inside))
                if len(found) >= _MOST:
                    return found
        return found

    def _flat(self, node: ast.stmt, inside: str, depth: int) -> Iterator[tuple[ast.stmt, str]]:
        if isinstance(node, ast.If | ast.With | ast.Try) and self.trains(node):
            body = node.body
            if isinstance(node, ast.If) and not any(map(self.trains, body)):
                body = node.orelse
            for part in body:
                yield from self._flat(part, inside, depth)
            return
        if isinstance(node, ast.For) and self._goes_over_settings(node):
            first = ast.Call(
                ast.Name("next", ast.Load()),
                [ast.Call(ast.Name("iter", ast.Load()), [node.iter], [])], [],
            )  # fmt: skip
            target = copy.deepcopy(node.target)
            yield ast.fix_missing_locations(ast.Assign([target], first, lineno=node.lineno)), inside
            for part in node.body:
                yield from self._flat(part, inside, depth)
            return
        if not isinstance(node, ast.For | ast.While) and depth < _DEEPEST:
            call = next((c for c in calls(node) if self.unfoldable(c)), None)
            if call is not None:
                yield from self._unfolded(node, call, inside, depth)
                return
        yield node, inside

    def _goes_over_settings(self, node: ast.For) -> bool:
        """True for a loop that makes the network anew each time: one time shows how it is trained."""
        made = [
            self.classes[called(c)]
            for part in node.body
            if isinstance(part, ast.Assign)
            for c in calls(part)
            if isinstance(c.func, ast.Name) and called(c) in self.classes
        ]
        steps = any(_STEP.fullmatch(m) for d in made for m in d.methods)
        inner = any(
            (isinstance(p, ast.For | ast.While) and self.trains(p))
            or (isinstance(p, ast.Call) and (self.unfoldable(p) or self.method_trains(_method(p))))
            for part in node.body
            for p in ast.walk(part)
        )
        return steps and inner

    def _unfolded(
        self, node: ast.stmt, call: ast.Call, inside: str, depth: int
    ) -> Iterator[tuple[ast.stmt, str]]:
        """The lines of the function that is called, then the statement with what it returned."""
        function = self.functions[called(call)].function
        assert function is not None
        name = inside or function.name
        before, body = bound(function.node, call, self._taken)
        for part in [*before, *body]:
            if isinstance(part, ast.Return):
                break
            yield from self._flat(part, name, depth + 1)
        last = body[-1] if body else None
        value = last.value if isinstance(last, ast.Return) else None
        rest = copy.deepcopy(node)
        if value is not None and not (isinstance(node, ast.Expr) and node.value is call):
            yield _replaced(node, call, value), inside
        elif isinstance(rest, ast.Assign):
            return


def called(call: ast.Call) -> str:
    """The name of the function or method that is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def bound(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    call: ast.Call,
    taken: set[str],
    owner: ast.expr | None = None,
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Statements that bind the parameters as the call does, and the body, in the caller's names.

    A parameter that is never bound again is the name that it was given. Names of its own get
    others where the module has them. `owner`: what `self` is, of a method.
    """
    positional = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
    given: dict[str, ast.expr] = {}
    defaults = function.args.defaults
    given |= dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if default is not None:
            given[argument.arg] = default
    arguments = [owner, *call.args] if owner is not None else call.args
    given |= dict(zip(positional, arguments, strict=False))
    given |= {k.arg: k.value for k in call.keywords if k.arg}
    body = [s for s in function.body if not isinstance(s, ast.Global | ast.Nonlocal)]
    shared = {n for s in ast.walk(function) if isinstance(s, ast.Global) for n in s.names}
    own = {n for s in body for n in stored(s)} - shared
    names: dict[str, str] = {}
    before: list[ast.stmt] = []
    for parameter in [*positional, *(a.arg for a in function.args.kwonlyargs)]:
        value = given.get(parameter)
        if isinstance(value, ast.Name) and parameter not in own:
            names[parameter] = value.id
            continue
        if not (isinstance(value, ast.Name) and value.id == parameter):
            names[parameter] = _free(parameter, taken)
        if value is not None:
            target = ast.Name(names.get(parameter, parameter), ast.Store())
            assign = ast.Assign([target], copy.deepcopy(value), lineno=call.lineno)
            before.append(ast.fix_missing_locations(assign))
    for name in sorted(own - {*positional}):
        names[name] = _free(name, taken)
    renamed = [_Renaming(names).visit(copy.deepcopy(s)) for s in body]
    return before, renamed


def _free(name: str, taken: set[str]) -> str:
    return f"{name}_" if name in taken else name


class _Renaming(ast.NodeTransformer):
    """Other names in the body of a function, and no declarations of global names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name, wherever it is read or bound."""
        return ast.copy_location(ast.Name(self._names.get(node.id, node.id), node.ctx), node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        """Every name is the module's here."""
        return ast.copy_location(ast.Pass(), node)


def _replaced(node: ast.stmt, call: ast.Call, value: ast.expr) -> ast.stmt:
    """The statement with a value in the place of the call, which is one of its own nodes."""

    class Replacing(ast.NodeTransformer):
        def visit_Call(self, inner: ast.Call) -> ast.AST:
            if inner.lineno == call.lineno and inner.col_offset == call.col_offset:
                return copy.deepcopy(value)
            return self.generic_visit(inner)

    new: ast.stmt = Replacing().visit(copy.deepcopy(node))
    return ast.fix_missing_locations(new)


def _method(call: ast.Call) -> str:
    """The name of the method that is called; "" for a function."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def live_in(body: Sequence[ast.stmt]) -> list[str]:
    """Names that are read before they are surely bound, in the order in which they are read."""
    found: dict[str, None] = {}
    _live(body, set(), found)
    return list(found)


def _live(body: Sequence[ast.stmt], known: set[str], found: dict[str, None]) -> set[str]:
    for node in body:
        if isinstance(node, ast.For):
            _read(node.iter, known, found)
            _live(node.body, known | stored(node.target), found)
            _live(node.orelse, set(known), found)
        elif isinstance(node, ast.While):
            _read(node.test, known, found)
            _live(node.body, set(known), found)
        elif isinstance(node, ast.If):
            _read(node.test, known, found)
            first = _live(node.body, set(known), found)
            known = first & _live(node.orelse, set(known), found)
        elif isinstance(node, ast.With):
            for item in node.items:
                _read(item.context_expr, known, found)
                known = known | (stored(item.optional_vars) if item.optional_vars else set())
            known = _live(node.body, set(known), found)
        elif isinstance(node, ast.Try):
            known = _live(node.body, set(known), found)
            for handler in node.handlers:
                _live(handler.body, set(known), found)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            known = known | {node.name}
        else:
            _read(node, known, found)
            known = known | stored(node)
    return known


def _read(node: ast.AST, known: set[str], found: dict[str, None]) -> None:
    inner = {
        name
        for part in ast.walk(node)
        if isinstance(part, ast.comprehension)
        for name in stored(part.target)
    }
    inner |= {a.arg for p in ast.walk(node) if isinstance(p, ast.Lambda) for a in p.args.args}
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)
             and (isinstance(n.ctx, ast.Load) or isinstance(node, ast.AugAssign))]  # fmt: skip
    for name in names:
        if name not in known | inner:
            found.setdefault(name)
