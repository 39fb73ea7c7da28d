"""What the notebook's own statements do for its layers: the error at the output, Z - Y, is formed
and handed to a backward, so that softmax has nothing left to do but to pass it on; derivatives are
multiplied by the gradient that comes from behind, so that an activation need not do it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from graders.binding.definitions import unparse
from graders.submission import Submission
from graders.submission.parsing import compiled

_BACKWARD = re.compile(r"\w*back\w*", re.IGNORECASE)
_LABELS = re.compile(r"y[a-z]?|t|labels?|targets?|true|correct|teach\w*|ans(wers?)?|gt|onehot|hot")
_OUTPUTS = re.compile(r"hat|pred\w*|out\w*|prob\w*|val|valid\w*|test")
_WORDS = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")


def error_is_handed_in(submission: Submission) -> bool:
    """True if somewhere ``Z - Y``, or a multiple of it, is the argument of a backward, by itself or
    under the name that it was assigned to in the same function.
    """
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    return any(_handed_in(scope) for tree in trees for scope in _scopes(tree))


def multiplied_calls(submission: Submission) -> frozenset[str]:
    """Names of the methods and functions whose value is a factor: ``dA * act.gradient(z)``."""
    found = set()
    for cell in submission.cells:
        for node in ast.walk(compiled(cell) or ast.Module([], [])):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                for one, other in ((node.left, node.right), (node.right, node.left)):
                    if isinstance(one, ast.Call) and not isinstance(other, ast.Constant):
                        found.add(_called(one))
    return frozenset(found)


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield from (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    rest = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    yield ast.Module(rest, [])


def _handed_in(scope: ast.AST) -> bool:
    nodes = list(ast.walk(scope))
    named = {
        unparse(target)
        for n in nodes
        if isinstance(n, ast.Assign) and _is_error(n.value)
        for target in n.targets
    }
    return any(
        _is_error(argument) or unparse(argument) in named
        for n in nodes
        if isinstance(n, ast.Call) and _BACKWARD.fullmatch(_called(n))
        for argument in [*n.args, *(k.value for k in n.keywords)]
    )


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_error(node: ast.expr) -> bool:
    """``Z - Y``, divided by or multiplied with whatever."""
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Sub):
        return _is_labels(node.right) and not _is_labels(node.left)
    if isinstance(node.op, ast.Div):
        return _is_error(node.left)
    return isinstance(node.op, ast.Mult) and (_is_error(node.left) or _is_error(node.right))


def _is_labels(node: ast.expr) -> bool:
    """True for a name that speaks of answers and not of what was predicted."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    words = [w.lower() for w in _WORDS.findall(name)]
    return any(map(_LABELS.fullmatch, words)) and not any(map(_OUTPUTS.fullmatch, words))
