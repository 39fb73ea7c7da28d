"""What stands around a line that raised: variables of the notebook, numbers in its loops, where its values were set."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from graders.messages import M, Message
from graders.submission import Submission
from graders.submission.parsing import compiled
from graders.submission.trees import bound_names, last_name, own_lines

Line = tuple[int | None, int | None]  # cell and line
_SMALL = 2  # numbers up to this are counted with, larger ones are sizes


def evidence(submission: Submission, cell: int | None, line: int | None) -> Iterator[Message]:
    """What the text says of a line in which sizes don't fit together, a sentence each."""
    tree, around = _place(submission, cell, line)
    if tree is None or cell is None or line is None:
        return
    names = _variables_read(submission, around, _nodes_of_line(around[-1], line))
    if names:
        yield M(
            "{names}: a variable of the notebook, the same for every layer; it is neither an argument nor an attribute of self.",
            names=", ".join(f"`{name}`" for name in names),
        )
    for loop in _written_loops(around[-1], line):
        yield M(
            "{place}: `{loop}` has a number written into it where a size should decide.",
            place=submission.place(cell, loop.lineno), loop=_head(loop),
        )  # fmt: skip


def set_values(submission: Submission, cell: int | None, line: int | None) -> Iterator[Message]:
    """Where the class gives a number or None to the attributes that a line reads, a sentence each."""
    tree, around = _place(submission, cell, line)
    if tree is None or cell is None or line is None:
        return
    for attribute, node in _set_to_constants(tree, line, _nodes_of_line(around[-1], line)):
        yield M(
            "{place}: `{text}` gives {attribute} this value.",
            place=submission.place(cell, node.lineno),
            text=_line_of(submission, cell, node), attribute=f"self.{attribute}",
        )  # fmt: skip


def variables_read_by(submission: Submission, function: ast.FunctionDef) -> tuple[str, ...]:
    """The variables of the notebook that a function reads."""
    return _variables_read(submission, [function], ast.walk(function))


# -- variables of the notebook ----------------------------------------------------------------------


def _variables_read(
    submission: Submission, around: Sequence[ast.FunctionDef], nodes: Iterable[ast.AST]
) -> tuple[str, ...]:
    own = {name for function in around for name in bound_names(function)}
    variables = _variables(submission)
    names = (
        n.id for n in nodes
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in own
    )  # fmt: skip
    return tuple(dict.fromkeys(name for name in names if name in variables))


def _variables(submission: Submission) -> set[str]:
    """What cells assign, and what no cell defines or imports."""
    trees = [tree for cell in submission.cells if (tree := compiled(cell)) is not None]
    assigned: set[str] = set()
    defined: set[str] = set()
    for tree in trees:
        data = {
            n.id for s in tree.body for n in _outside_functions(s)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }  # fmt: skip
        assigned |= data
        defined |= bound_names(tree) - data
    return assigned - defined


def _outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            waiting += ast.iter_child_nodes(node)


# -- loops ------------------------------------------------------------------------------------------


def _written_loops(function: ast.FunctionDef, line: int) -> Iterator[ast.For]:
    """The loops around a line that run to a number: ``range(0, 26, 2)``, ``range(width - 2)``."""
    for node in ast.walk(function):
        if not isinstance(node, ast.For) or not node.lineno < line <= (node.end_lineno or 0):
            continue
        call = node.iter
        if not isinstance(call, ast.Call) or last_name(call.func) != "range" or not call.args:
            continue
        bound = call.args[min(len(call.args), 2) - 1]
        alone = isinstance(bound, ast.Constant)
        if any(n >= _SMALL + alone for n in _terms(bound)):
            yield node


def _terms(node: ast.expr) -> Iterator[int]:
    """The whole numbers that an expression reckons with; an index, as in ``dA.shape[2]``, is none of them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield node.value
    elif isinstance(node, ast.BinOp):
        yield from _terms(node.left)
        yield from _terms(node.right)


def _head(loop: ast.For) -> str:
    return f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}"


# -- values -----------------------------------------------------------------------------------------


def _set_to_constants(
    tree: ast.Module, line: int, nodes: Iterable[ast.AST]
) -> Iterator[tuple[str, ast.Assign]]:
    """The attributes that a line reads and that the class sets to a number or None."""
    owners = [
        c for c in ast.walk(tree)
        if isinstance(c, ast.ClassDef) and c.lineno < line <= (c.end_lineno or 0)
    ]  # fmt: skip
    if not owners:
        return
    read = dict.fromkeys(
        n.attr for n in nodes
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load) and _is_own(n)
    )  # fmt: skip
    for attribute in read:
        for statement in ast.walk(owners[-1]):
            if (
                isinstance(statement, ast.Assign)
                and isinstance(statement.value, ast.Constant)
                and any(
                    isinstance(t, ast.Attribute) and t.attr == attribute and _is_own(t)
                    for t in statement.targets
                )
            ):
                yield attribute, statement


def _line_of(submission: Submission, cell: int, node: ast.stmt) -> str:
    return submission.cell(cell).source.splitlines()[node.lineno - 1].strip()


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


# -- lines ------------------------------------------------------------------------------------------


def _place(
    submission: Submission, cell: int | None, line: int | None
) -> tuple[ast.Module | None, list[ast.FunctionDef]]:
    """The tree of a cell and the functions around a line of it; none where it stands in no function."""
    tree = compiled(submission.cell(cell)) if cell is not None and line is not None else None
    around = _functions_around(tree, line) if tree is not None and line is not None else []
    return (tree, around) if around else (None, [])


def _functions_around(tree: ast.Module, line: int) -> list[ast.FunctionDef]:
    """The functions that a line stands in, the outermost first."""
    return [
        n for n in ast.walk(tree)
        if isinstance(n, ast.FunctionDef) and n.lineno < line <= (n.end_lineno or n.lineno)
    ]  # fmt: skip


def _nodes_of_line(function: ast.FunctionDef, line: int) -> Iterator[ast.AST]:
    """The nodes of the statement in a line, without those of the statements inside it."""
    for statement in ast.walk(function):
        if statement is function or not isinstance(statement, ast.stmt):
            continue
        if line in own_lines(statement):
            waiting: list[ast.AST] = [statement]
            while waiting:
                node = waiting.pop()
                yield node
                waiting += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]
