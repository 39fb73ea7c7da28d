"""What the source of a cell says of what it will cost, before it is run."""

from __future__ import annotations

import ast
import re

from graders.submission import Cell
from graders.submission.parsing import parse

_IMPORT = re.compile(r"^(?:import|from)\s", re.MULTILINE)
_TRAINING = re.compile(r"\.\s*(?:fit|train|learn)\s*\((?!\s*\))")
_PREDICTING = re.compile(r"\.\s*(?:predict\w*|score|evaluate)\s*\((?!\s*\))")
_DEFINITION = re.compile(r"^(?:class|def)\s+(\w+)", re.MULTILINE)
_NUMERIC = ("np", "numpy", "math")


def trains(cell: Cell) -> bool:
    """True if a cell calls something that trains."""
    return _TRAINING.search(cell.source) is not None


def predicts(cell: Cell) -> bool:
    """True if a cell has a model answer for many images, which may take as long as training."""
    return _PREDICTING.search(cell.source) is not None


def defined_in(source: str) -> set[str]:
    """The classes and functions that a cell defines at its top."""
    return set(_DEFINITION.findall(source))


def imports(source: str) -> bool:
    """True if a cell imports something at its top."""
    return _IMPORT.search(source) is not None


def defines(source: str) -> bool:
    """True if a cell defines or imports something, wherever in it."""
    return any(
        line.lstrip().startswith(("class ", "def ", "import ", "from ", "@"))
        for line in source.splitlines()
    )


def only_reckons(source: str) -> bool:
    """True for a cell without loops that calls nothing but functions by their names and what
    belongs to text or NumPy: a written answer, worked out and printed.
    """
    tree = parse(source)
    if tree is None:
        return False
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.For | ast.While | ast.comprehension) for node in nodes):
        return False
    return all(_is_plain(node.func) for node in nodes if isinstance(node, ast.Call))


def _is_plain(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute):
        return isinstance(called, ast.Name)
    owner = called.value
    return isinstance(owner, ast.Constant) or (isinstance(owner, ast.Name) and owner.id in _NUMERIC)
