"""Size formulas of specs, such as ``floor((N + 2*P - F) / S) + 1``: parsed, never executed."""

from __future__ import annotations

import ast
import math
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
                self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise FormulaError(
                f"{self.text!r} does not parse; expected e.g. floor((N + 2*P - F) / S) + 1"
            ) from error
        self.names = frozenset(self._check(self._tree))

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
            value = self._value(self._tree, sizes)
        except ZeroDivisionError as error:
            raise FormulaError(f"{self.text!r} divides by zero") from error
        if abs(value) > _MAX_VALUE:
            raise FormulaError(f"{self.text!r} is larger than {_MAX_VALUE} for {dict(sizes)}")
        if value.denominator != 1:
            raise FormulaError(f"{self.text!r} is not a whole number for {dict(sizes)}")
        return int(value)

    def _value(self, node: ast.expr, sizes: Mapping[str, int]) -> Fraction:
        match node:
            case ast.Constant(value=int(value)):
                return Fraction(value)
            case ast.Name(id=name):
                if name not in sizes:
                    raise FormulaError(f"{self.text!r}: unknown size {name!r}")
                return Fraction(sizes[name])
            case ast.UnaryOp(operand=operand):
                return -self._value(operand, sizes)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._value(left, sizes), self._value(right, sizes)
                match op:
                    case ast.Add():
                        return a + b
                    case ast.Sub():
                        return a - b
                    case ast.Mult():
                        return a * b
                    case ast.Div():
                        return a / b
                    case ast.FloorDiv():
                        return Fraction(a // b)
                    case _:
                        return a % b
            case ast.Call(func=ast.Name(id=name), args=args):
                return Fraction(_FUNCTIONS[name](*(self._value(a, sizes) for a in args)))
        raise FormulaError(self.text)
