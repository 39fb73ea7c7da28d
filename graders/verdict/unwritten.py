"""Templates that nobody filled in: told as such, whatever else their calls would show."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.binding.candidates import name_rank
from graders.binding.definitions import Callable_, Definition
from graders.judging.context import Context
from graders.judging.results import ItemResult
from graders.messages import M
from graders.specs import ItemSpec
from graders.submission import Cell
from graders.submission.parsing import compiled
from graders.traits import Trait


def told_unwritten(result: ItemResult, context: Context) -> ItemResult:
    """The verdict, or that nothing is written there yet: it earned nothing, and all that the submission
    has under the item's names is a template with nothing but ``raise NotImplementedError`` or ``...``.
    """
    spec = result.spec
    if result.score or result.status in ("passed", "skipped") or Trait.PERSON in spec.traits:
        return result
    written = Trait.WRITTEN in spec.traits
    found = _answers(spec, context) if written else _definition(result, context)
    if found is None:
        return result
    name, cell = found
    text = M("Nothing is written there yet: {name} ({place}).",
             name=name, place=context.session.submission.place(cell))  # fmt: skip
    return ItemResult(spec, "missing", text, trace=result.trace, unwritten=True)


def _definition(result: ItemResult, context: Context) -> tuple[str, int] | None:
    """The template that was not filled in; None if the item is answered by anything else."""
    named = [d for d in context.definitions if name_rank(result.spec, d.name) is not None]
    if not named or not all(map(_is_template, named)):
        return None
    binding = result.binding
    judged = binding.name if binding is not None and binding.cell is not None else named[-1].name
    if judged not in [d.name for d in named]:
        return None
    last = named[-1]
    return last.name, last.cell


def _is_template(definition: Definition) -> bool:
    """True if every method does nothing, and one of them says so."""
    own = [definition.function] if definition.function is not None else []
    bodies = [_statements(c) for c in (*own, *definition.methods.values())]
    if not bodies or not all(all(map(_is_nothing, body)) for body in bodies):
        return False
    return any(_says_so(node) for body in bodies for node in body)


def _statements(function: Callable_) -> list[ast.stmt]:
    body = function.node.body
    first = body[0] if body else None
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text and isinstance(first.value.value, str) else body  # type: ignore[union-attr]


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or _says_so(node)


def _says_so(node: ast.stmt) -> bool:
    """``raise NotImplementedError``, with or without a text, or ``...``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and node.value.value is ...
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _answers(spec: ItemSpec, context: Context) -> tuple[str, int] | None:
    """The cell of the item's own problem in which every answer is still ``...``."""
    cells = [c for c in context.session.submission.cells if _has_places(c, spec)]
    if not cells or not all(_is_open(c) for c in cells):
        return None
    return spec.id, cells[0].index


def _has_places(cell: Cell, spec: ItemSpec) -> bool:
    """True for a cell with a variable for each answer."""
    names = {name for node in _assigned(cell) for name in _targets(node)}
    return {answer.id for answer in spec.answers} <= names


def _is_open(cell: Cell) -> bool:
    return all(
        isinstance(node.value, ast.Constant) and node.value.value is ... for node in _assigned(cell)
    )


def _assigned(cell: Cell) -> Iterator[ast.Assign]:
    tree = compiled(cell)
    yield from (n for n in (tree.body if tree is not None else ()) if isinstance(n, ast.Assign))


def _targets(node: ast.Assign) -> Iterator[str]:
    yield from (t.id for t in node.targets if isinstance(t, ast.Name))
