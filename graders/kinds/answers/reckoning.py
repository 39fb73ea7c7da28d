"""Written arithmetic, followed to its end: ``(3×3×6×3)+6 = 60`` is a right formula and a wrong number."""

from __future__ import annotations

import ast
import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from graders.submission.parsing import expression

_RUN = re.compile(r"[\d \t.,()x×*✕·+/÷=-]+")  # each is gone through once, however long
_BEGIN = re.compile(r"[\d(]")
_OPERATORS = str.maketrans("x×✕·÷", "****/")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LONGEST = 200  # characters of one formula
_MOST = 2_000  # formulas that are looked at
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
    for left, right in itertools.islice(_equations(text), _MOST):
        value, written = _value(left), _value(right)
        if value is None or written is None or not re.search(r"[x×✕·*+/÷-]", left.strip()):
            continue
        if abs(value - written) > 1e-9 * max(1.0, abs(value)):
            yield Slip(left.strip(), f"{value:.12g}", f"{written:.12g}")


def _equations(text: str) -> Iterator[tuple[str, str]]:
    """What stands on both sides of each equals sign between formulas."""
    for run in _RUN.finditer(text):
        begin = _BEGIN.search(run[0]) if "=" in run[0] else None
        if begin is not None:
            yield from pairwise(run[0][begin.start() :].split("="))


def _value(text: str) -> float | None:
    """What a formula of whole and decimal numbers gives; None if it is none."""
    text = text.strip(" \t.,")
    if not 0 < len(text) <= _LONGEST:
        return None
    tree = expression(_THOUSANDS.sub("", text).translate(_OPERATORS))
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
