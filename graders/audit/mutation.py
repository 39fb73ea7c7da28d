"""Mutants of Python source: one small change each, where a run was seen to pass.

What is changed is what students get wrong: an index off by one, swapped axes, a term or a
statement left out, a sum for a mean, a sign, `<` for `<=`, a flip or a transpose forgotten, a
state that is kept from the call before. Guards (an `if` that ends by raising), messages and
annotations stay as they are: what the reference refuses is not what a spec asks for.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from graders.submission.exchanging import SourceText, written
from graders.submission.trees import last_name, number_of, own_lines


@dataclass(frozen=True)
class Mutant:
    """One change. `line` and `into` are the first line that differs, without its indentation."""

    module: str
    function: str
    operator: str
    line: str
    into: str
    original: str = field(repr=False)
    source: str = field(repr=False)

    @property
    def name(self) -> str:
        """As tables and messages call it."""
        return f"{self.module}.{self.function}: {self.line!r} -> {self.into!r}"

    def diff(self) -> str:
        """A unified diff against the original module."""
        file = f"{self.module}.py"
        lines = difflib.unified_diff(
            self.original.splitlines(), self.source.splitlines(), file, file, lineterm="", n=1
        )
        return "\n".join(lines)


Change = tuple[str, ast.AST, str]
"""Operator, the node whose text goes, and the text that comes in its place."""


def mutants(module: str, source: str, executed: Collection[int]) -> list[Mutant]:
    """Every mutant of the functions of a module, in the order of the text.

    Only statements that have one of the `executed` lines are changed, and only the functions'
    bodies: what is done on import is not what a call does. Each mutant compiles, and no two are
    the same text.
    """
    tree = ast.parse(source)
    text = SourceText(source)
    known = {source}
    found = []
    for function, node in _functions(tree):
        for statement in _statements(node.body):
            if not set(executed).intersection(own_lines(statement)):
                continue
            for operator, target, new in _changes(statement, function):
                mutated = text.replaced(target, new)
                if mutated in known:
                    continue
                known.add(mutated)
                try:
                    compile(mutated, module, "exec")
                except SyntaxError:
                    continue
                line, into = _first_difference(source, mutated)
                found.append(Mutant(module, function, operator, line, into, source, mutated))
    return found


def _first_difference(source: str, mutated: str) -> tuple[str, str]:
    old, new = source.splitlines(), mutated.splitlines()
    for one, other in zip(old, new, strict=False):
        if one != other:
            return one.strip(), other.strip()
    return "", ""


# -- where -------------------------------------------------------------------------------------


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods with their dotted names, nested ones after those around them."""

    def inside(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                yield prefix + node.name, node
                yield from inside(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.ClassDef):
                yield from inside(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.If | ast.For | ast.With | ast.While):
                yield from inside(node.body, prefix)

    yield from inside(tree.body, "")


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that do something, those inside others included; no guards, no docstrings."""
    for node in body:
        if isinstance(node, ast.Raise | ast.Pass | ast.FunctionDef | ast.ClassDef | ast.Import):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.If) and _is_guard(node):
            yield from _statements(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, part, []))


def _is_guard(node: ast.If) -> bool:
    return isinstance(node.body[-1], ast.Raise)


# -- what: statements --------------------------------------------------------------------------

_AUGMENTED: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-=", "="),
    ast.Sub: ("+=", "="),
    ast.Mult: ("/=", "="),
    ast.Div: ("*=", "="),
}


def _changes(statement: ast.stmt, function: str) -> Iterator[Change]:
    yield from _of_statement(statement, function)
    for root in _expressions(statement):
        for node, parent in _walk(root, statement):
            for operator, new in _of_expression(node):
                yield operator, node, written(new, parent)


def _of_statement(node: ast.stmt, function: str) -> Iterator[Change]:
    if isinstance(node, ast.AugAssign):
        target, value = ast.unparse(node.target), ast.unparse(node.value)
        for sign in _AUGMENTED.get(type(node.op), ()):
            yield "assignment", node, f"{target} {sign} {value}"
    dropped = isinstance(node, ast.AugAssign)
    if isinstance(node, ast.Expr):
        dropped = isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target_node = node.targets[0] if isinstance(node, ast.Assign) else node.target
        # What starts as None only serves the guard that looks for it.
        starts = isinstance(node.value, ast.Constant) and node.value.value is None
        dropped = _outlives_the_call(target_node) and not starts
        last = function.rpartition(".")[2]
        if isinstance(target_node, ast.Attribute) and last != "__init__":
            owner, name = ast.unparse(target_node.value), target_node.attr
            kept = f"{owner}.__dict__.setdefault('first_{name}', {ast.unparse(node.value)})"
            yield "stale state", node, f"{owner}.{name} = {kept}"
    if dropped:
        yield "dropped statement", node, "pass"
    if isinstance(node, ast.If) and not _turns_over(node.test):
        yield "condition", node.test, f"not ({ast.unparse(node.test)})"


def _outlives_the_call(target: ast.expr) -> bool:
    """True for attributes and elements: a local name that is not set is an error, no mistake."""
    if isinstance(target, ast.Tuple):
        return all(_outlives_the_call(t) for t in target.elts)
    return isinstance(target, ast.Attribute | ast.Subscript)


def _turns_over(test: ast.expr) -> bool:
    """True if the comparison's own mutant is the negation already."""
    turning = ast.Is | ast.IsNot | ast.Eq | ast.NotEq
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], turning)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself: no annotations, no targets, no statements inside."""
    for name, value in ast.iter_fields(statement):
        if name in ("annotation", "body", "orelse", "finalbody", "handlers"):
            continue
        if name in ("target", "targets") and isinstance(statement, ast.For):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.expr):
                yield part


_ORDERED = ("transpose",)


def _walk(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Expressions with what they stand in; types, messages and orders of axes are left alone."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "cast", "super"):
        return
    if isinstance(node, ast.expr):
        yield node, parent
    ordered = isinstance(node, ast.Call) and last_name(node.func) in _ORDERED
    for child in ast.iter_child_nodes(node):
        if ordered and isinstance(child, ast.Constant):
            continue
        yield from _walk(child, node)


# -- what: expressions -------------------------------------------------------------------------

_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_RENAMED = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum",
    "zeros": "ones", "zeros_like": "ones_like", "add": "maximum", "tanh": "sin", "subtract": "add",
    "divide": "multiply", "permutation": "arange", "standard_normal": "random",
}  # fmt: skip
_UNWRAPPED = ("exp", "log", "sqrt", "abs", "copy", "swapaxes", "transpose", "ascontiguousarray")
_TURNED = ("subtract", "divide", "where", "range")

Mutated = tuple[str, ast.expr]


def _of_expression(node: ast.expr) -> Iterator[Mutated]:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in _BINARY:
                yield "operator", ast.BinOp(left, _BINARY[type(op)](), right)
            if isinstance(op, ast.FloorDiv):
                up = ast.BinOp(ast.UnaryOp(ast.USub(), left), ast.FloorDiv(), right)
                yield "rounding", ast.UnaryOp(ast.USub(), up)
            if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv):
                yield "dropped term", left
                if not isinstance(op, ast.FloorDiv):
                    yield "dropped term", right
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign", operand
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            yield "comparison", ast.Compare(left, [_COMPARED[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            yield "logic", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "condition", ast.IfExp(test, orelse, body)
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value + 1)
            yield "constant", number_of(value - 1)
        case ast.Constant(value=float(value)):
            yield "constant", ast.Constant(value * 2 if value else 1.0)
        case ast.Subscript():
            yield from _of_subscript(node)
        case ast.Attribute(value=value, attr="T"):
            yield "missing transpose", value
        case ast.Tuple(elts=elts, ctx=ast.Load()) if len(elts) == 2:
            yield "swapped", ast.Tuple([elts[1], elts[0]], ast.Load())
        case ast.Call():
            yield from _of_call(node)


def _shifted(node: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def _of_subscript(node: ast.Subscript) -> Iterator[Mutated]:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            continue
        if isinstance(part.step, ast.UnaryOp):
            yield "missing flip", _with_slice(node, place, ast.Slice(part.lower, part.upper))
        for bound in ("lower", "upper"):
            value = getattr(part, bound)
            if value is None:
                continue
            changes: list[ast.expr | None] = [None]
            if not isinstance(value, ast.Constant):  # their own mutants are the same
                changes += [_shifted(value, 1), _shifted(value, -1)]
            for change in changes:
                new = ast.Slice(part.lower, part.upper, part.step)
                setattr(new, bound, change)
                yield "index", _with_slice(node, place, new)


def _with_slice(node: ast.Subscript, place: int, new: ast.Slice) -> ast.Subscript:
    changed = copy.deepcopy(node)
    if isinstance(changed.slice, ast.Tuple):
        changed.slice.elts[place] = new
    else:
        changed.slice = new
    return changed


def _of_call(node: ast.Call) -> Iterator[Mutated]:
    name = last_name(node.func)
    if name in _RENAMED:
        changed = copy.deepcopy(node)
        if isinstance(changed.func, ast.Attribute):
            changed.func.attr = _RENAMED[name]
        elif isinstance(changed.func, ast.Name) and name in ("max", "min"):
            changed.func.id = _RENAMED[name]
        yield "function", changed
    if name in _UNWRAPPED and isinstance(node.func, ast.Attribute):
        of_module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "math")
        if of_module and node.args:
            yield "function", node.args[0]
        elif not of_module:
            kind = "missing transpose" if name in ("transpose", "swapaxes") else "function"
            yield kind, node.func.value
    if name == "sqrt" and isinstance(node.func, ast.Name):
        yield "function", node.args[0]
    if name in _ORDERED:
        for i in range(len(node.args) - 1):
            changed = copy.deepcopy(node)
            changed.args[i], changed.args[i + 1] = changed.args[i + 1], changed.args[i]
            yield "swapped axes", changed
    if name in _TURNED and len(node.args) in (2, 3):
        changed = copy.deepcopy(node)
        changed.args[-1], changed.args[-2] = changed.args[-2], changed.args[-1]
        yield "swapped", changed
    if name == "range":
        for by in (1, -1):
            changed = copy.deepcopy(node)
            last = min(len(node.args), 2) - 1
            if isinstance(node.args[last], ast.Constant):
                continue
            changed.args[last] = _shifted(node.args[last], by)
            yield "index", changed
    if name == "sum" and node.args and isinstance(node.args[0], ast.Tuple):
        for i in range(len(node.args[0].elts)):
            changed = copy.deepcopy(node)
            assert isinstance(changed.args[0], ast.Tuple)
            del changed.args[0].elts[i]
            yield "dropped axis", changed
