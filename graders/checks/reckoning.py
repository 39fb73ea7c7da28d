"""Written arithmetic, followed to its end: ``(3×3×6×3)+6 = 60`` is a right formula and a wrong number."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from graders.submission.parsing import expression

_LINE = re.compile(r"[\d(][\d \t.,()x×*✕·+/÷=-]*=[\d \t.,()x×*✕·+/÷=-]*")
_OPERATORS = str.maketrans("x×✕·÷", "****/")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LONGEST = 200  # characters of one formula
_MOST = 200  # formulas
_LARGEST = 1e15
_WORKED_OUT: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Slip:
    """A formula, what it gives, and the number that was written behind it."""

    formula: str
    value: str
    written: str


def slips(text: str) -> Iterator[Slip]:
    """Where a text has a formula, an equals sign and a number that the formula does not give."""
    found = 0
    for line in _LINE.finditer(text):
        for left, right in pairwise(line[0].split("=")):
            value, written = _value(left), _value(right)
            if value is None or written is None or not re.search(r"[x×✕·*+/÷-]", left.strip()):
                continue
            if abs(value - written) > 1e-9 * max(1.0, abs(value)):
                found += 1
                yield Slip(left.strip(), f"{value:.12g}", f"{written:.12g}")
            if found >= _MOST:
                return


def _value(text: str) -> float | None:
    """What a formula of whole and decimal numbers gives; None if it is none."""
    plain = _THOUSANDS.sub("", text.strip(" \t.,")).translate(_OPERATORS)
    tree = expression(plain) if 0 < len(plain) <= _LONGEST else None
    return None if tree is None else _worked_out(tree)


def _worked_out(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number) if abs(number) < _LARGEST else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _worked_out(operand)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _WORKED_OUT:
            one, other = _worked_out(left), _worked_out(right)
            if one is None or other is None or (isinstance(op, ast.Div) and other == 0):
                return None
            value = _WORKED_OUT[type(op)](one, other)
            return value if abs(value) < _LARGEST else None
    return None
