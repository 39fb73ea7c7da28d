"""Size formulas of specs, such as ``floor((N + 2*P - F) / S) + 1``: parsed, never executed."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

_MAX_LENGTH = 200
_MAX_VALUE = 10**12  # formulas over formulas may square, and square again
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
    "abs": abs,
}


# Whole as long as they can be: rational arithmetic takes twenty times as long.
_Number = int | Fraction
_Term = Callable[[Mapping[str, int]], Any]  # a _Number, which mypy can't add up


def _divided(a: _Number, b: _Number) -> _Number:
    if type(a) is int and type(b) is int and b and not a % b:
        return a // b
    return Fraction(a) / b


_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], _Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class FormulaError(ValueError):
    """The formula does not parse or uses what formulas may not use."""


class Formula:
    """A parsed formula over named sizes; exact (rational) inside.

    Allowed: whole numbers, names of one or more letters, + - * / // %, floor, ceil, min, max, abs.
    """

    def __init__(self, text: str | int) -> None:
        self.text = str(text)
        if len(self.text) > _MAX_LENGTH:
            raise FormulaError(
                f"longer than {_MAX_LENGTH} characters; expected parts of it among 'shapes'"
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise FormulaError(
                f"{self.text!r} does not parse; expected e.g. floor((N + 2*P - F) / S) + 1"
            ) from error
        self.names = frozenset(self._check(tree))
        self._value = self._term(tree)

    def _check(self, node: ast.expr) -> set[str]:
        match node:
            case ast.Constant(value=int()) if not isinstance(node.value, bool):
                return set()
            case ast.Name(id=name):
                return {name}
            case ast.BinOp(left=left, op=op, right=right) if isinstance(
                op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod
            ):
                return self._check(left) | self._check(right)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._check(operand)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
                if len(args) < 2 if name in ("min", "max") else len(args) != 1:
                    many = "two or more" if name in ("min", "max") else "one"
                    raise FormulaError(f"{self.text!r}: expected {many} in {name}(...)")
                names: set[str] = set()
                return names.union(*(self._check(a) for a in args))
        raise FormulaError(
            f"{self.text!r}: only sizes, whole numbers, + - * / // % and "
            f"{', '.join(_FUNCTIONS)} are allowed"
        )

    def __call__(self, sizes: Mapping[str, int]) -> int:
        """The value with these sizes. Raises FormulaError for unknown names, a fraction, or a
        value beyond all sizes.
        """
        try:
            value = self._value(sizes)
        except ZeroDivisionError as error:
            raise FormulaError(f"{self.text!r} divides by zero") from error
        if abs(value) > _MAX_VALUE:
            raise FormulaError(f"{self.text!r} is larger than {_MAX_VALUE} for {dict(sizes)}")
        if value.denominator != 1:
            raise FormulaError(f"{self.text!r} is not a whole number for {dict(sizes)}")
        return int(value)

    def _term(self, node: ast.expr) -> _Term:
        """What a part of the formula comes to; the tree is walked once, not at every call."""
        match node:
            case ast.Constant(value=int(value)):
                return lambda _: value
            case ast.Name(id=name):
                return self._size(name)
            case ast.UnaryOp(operand=operand):
                inner = self._term(operand)
                return lambda sizes: -inner(sizes)
            case ast.BinOp(left=left, op=op, right=right):
                a, b, apply = self._term(left), self._term(right), _OPERATIONS[type(op)]
                return lambda sizes: apply(a(sizes), b(sizes))
            case ast.Call(
                func=ast.Name(id="floor" | "ceil" as name),
                args=[ast.BinOp(left=left, op=ast.Div(), right=right)],
            ):  # no fraction need be made to be rounded
                a, b = self._term(left), self._term(right)
                if name == "floor":
                    return lambda sizes: a(sizes) // b(sizes)
                return lambda sizes: -(-a(sizes) // b(sizes))
            case ast.Call(func=ast.Name(id=name), args=[arg]):
                function, inner = _FUNCTIONS[name], self._term(arg)
                return lambda sizes: function(inner(sizes))
            case ast.Call(func=ast.Name(id=name), args=args):
                function, terms = _FUNCTIONS[name], [self._term(arg) for arg in args]
                return lambda sizes: function(*[term(sizes) for term in terms])
        raise FormulaError(self.text)

    def _size(self, name: str) -> _Term:
        def value(sizes: Mapping[str, int]) -> _Number:
            if name not in sizes:
                raise FormulaError(f"{self.text!r}: unknown size {name!r}")
            size = sizes[name]
            return size if type(size) is int else Fraction(size)

        return value
